"""What workspaces, themes and styles refuse."""

from __future__ import annotations

from app.errors import Conflict, Invalid


class WrongTypedName(Invalid):
    code = "name_mismatch"

    def __init__(self, name: str) -> None:
        sentence = f"Type the name “{name}” exactly, to say that you mean it."
        super().__init__(sentence, fields={"typed_name": sentence})


class LastWorkspace(Conflict):
    code = "last_workspace"

    def __init__(self) -> None:
        super().__init__("This is your only workspace. Create another one before you delete it.")


class TooMany(Conflict):
    code = "too_many"

    def __init__(self, most: int, what: str) -> None:
        super().__init__(f"You have {most} {what}, which is the most there can be. Delete one first.")
