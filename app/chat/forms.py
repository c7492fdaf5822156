"""What may be said."""

from __future__ import annotations

import uuid
from typing import Annotated

from pydantic import AfterValidator, Field

from app.forms import Body
from app.limits import CHAT_MESSAGE_CHARS
from app.texts import clean_text


def _words(text: str) -> str:
    cleaned = clean_text(text, CHAT_MESSAGE_CHARS).strip()
    if not cleaned:
        raise ValueError("Write a message.")
    return cleaned


# A message: 1 to 16,000 characters that are more than space.
Words = Annotated[str, AfterValidator(_words)]


class MessageBody(Body):
    text: Words = Field(default="", validate_default=True)


class SpokenBody(MessageBody):
    """pictures: ids of pictures in the library; the service says how many may come along."""

    pictures: Annotated[tuple[uuid.UUID, ...], Field(max_length=100)] = ()
