"""OpenAI's Images API: one call, one picture, and no second look at it."""

from app.providers.openai.adapter import OpenAI

__all__ = ["OpenAI"]
