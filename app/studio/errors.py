"""What a session refuses, each with a sentence that says what would do."""

from __future__ import annotations

from app.errors import Conflict, Invalid


class ColumnFull(Conflict):
    code = "column_full"

    def __init__(self, most: int) -> None:
        times = "1 iteration" if most == 1 else f"{most} iterations"
        sentence = f"This column has its {times}. Branch off in a new session, or go on from a picture on the canvas."
        super().__init__(sentence, fields={"prompt": sentence})


class NoColumns(Invalid):
    code = "no_columns"

    def __init__(self) -> None:
        sentence = "Choose at least one model to compare."
        super().__init__(sentence, fields={"models": sentence})


class TooManyColumns(Invalid):
    code = "too_many_columns"

    def __init__(self, most: int) -> None:
        sentence = f"Compare up to {most} models at once."
        super().__init__(sentence, fields={"models": sentence})


class NothingToChange(Conflict):
    """The take has no picture to go on from."""

    code = "nothing_to_change"

    def __init__(self) -> None:
        sentence = "There is no picture to go on from here yet. Wait for it, or retry it where it failed."
        super().__init__(sentence, fields={"image_ids": sentence})


class CannotRefine(Invalid):
    code = "cannot_refine"

    def __init__(self, model: str, alternatives: list[str]) -> None:
        remedy = f" {' and '.join(alternatives[:2])} can." if alternatives else ""
        sentence = f"{model} cannot change a picture by words.{remedy}"
        super().__init__(sentence, fields={"models": sentence})


class CannotOutpaint(Invalid):
    code = "cannot_outpaint"

    def __init__(self, model: str, alternatives: list[str]) -> None:
        remedy = f" {' and '.join(alternatives[:2])} can." if alternatives else ""
        sentence = f"{model} cannot extend a picture.{remedy}"
        super().__init__(sentence, fields={"models": sentence})


class SameShape(Invalid):
    code = "same_shape"

    def __init__(self) -> None:
        sentence = "The picture has that shape already. Choose another shape, or extend all sides."
        super().__init__(sentence, fields={"preset": sentence})


class Begun(Conflict):
    code = "session_begun"

    def __init__(self) -> None:
        sentence = "This session has its originals. Iterate on one of them, or start a new session."
        super().__init__(sentence, fields={"session_id": sentence})


class NoWords(Invalid):
    code = "no_words"

    def __init__(self) -> None:
        sentence = "Say what to change, such as “make the sky more purple”."
        super().__init__(sentence, fields={"prompt": sentence})
