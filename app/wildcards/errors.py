"""What is refused about wildcard files."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import Conflict, Invalid
from app.prompts.errors import MacroError
from app.wildcards.references import Dangling

_NAMED = 5


class UnusableWildcards(Invalid):
    """The files would not hold together: the language's own refusal, put at the field it is about."""

    def __init__(self, cause: MacroError) -> None:
        field = "path" if cause.code == "bad_name" else "text"
        super().__init__(cause.message, fields={field: cause.message})
        self.code = cause.code


class WildcardInUse(Conflict):
    """Other files name what would be gone."""

    code = "wildcard_in_use"

    def __init__(self, users: Sequence[Dangling]) -> None:
        named = [f"{user.path} (line {user.line}) uses __{user.name}__" for user in users[:_NAMED]]
        more = f", and {len(users) - _NAMED} more do" if len(users) > _NAMED else ""
        sentence = f"Other files need what would be gone: {', '.join(named)}{more}. Change those first."
        super().__init__(sentence, fields={"text": sentence})


class PathTaken(Conflict):
    code = "path_taken"

    def __init__(self, path: str) -> None:
        sentence = f"There is a file {path} already. Choose another name, or edit that one."
        super().__init__(sentence, fields={"path": sentence})


class ShelfFull(Conflict):
    code = "too_many"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, fields={"text": sentence})


class ChangedMeanwhile(Conflict):
    def __init__(self) -> None:
        super().__init__("This workspace's wildcards were being changed at the same time. Send it again.")
