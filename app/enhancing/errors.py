"""Why nothing was enhanced."""

from __future__ import annotations

from app.errors import AppError, Invalid


class NothingToEnhance(Invalid):
    def __init__(self) -> None:
        sentence = "Write a few words first: they are what is enhanced."
        super().__init__(sentence, fields={"prompt": sentence})


class TooManyParts(Invalid):
    def __init__(self, found: int, most: int) -> None:
        sentence = f"These are {found} prompts, and {most} are enhanced at a time. Send fewer."
        super().__init__(sentence, fields={"prompt": sentence})


class NobodyWrote(AppError):
    """Every language model failed; what the last one said stands in the sentence."""

    status = 502
    code = "language_model_failed"
