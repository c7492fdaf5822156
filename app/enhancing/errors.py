"""Why nothing was enhanced."""

from __future__ import annotations

from app.errors import AppError, Conflict, Invalid


class NothingToEnhance(Invalid):
    def __init__(self) -> None:
        sentence = "Write a few words first: they are what is enhanced."
        super().__init__(sentence, fields={"prompt": sentence})


class TooManyParts(Invalid):
    def __init__(self, found: int, most: int) -> None:
        sentence = f"These are {found} prompts, and {most} are enhanced at a time. Send fewer."
        super().__init__(sentence, fields={"prompt": sentence})


class TooManyAtOnce(Conflict):
    code = "too_many_at_once"

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} requests of yours are being written already. Wait for one of them.")


class NobodyWrote(AppError):
    """Nothing was written: every language model failed, or the worker did; the sentence says which."""

    status = 502
    code = "language_model_failed"
