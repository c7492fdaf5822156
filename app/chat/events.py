"""What a person's pages are told of a conversation, as `chat` events. Pages are right without any.

While an answer is written: {workspace_id, message_id, at, delta, done: false}, where `at` is how many characters stood
there before. When it ended: the same with `done: true` and no text. For any other change: {workspace_id}.
"""

from __future__ import annotations

import uuid

from app.chat.models import ChatMessage
from app.db import after_commit
from app.live import publish


def written(message: ChatMessage, at: int, delta: str) -> None:
    """Tell now of the next words of an answer, which are stored already."""
    publish(message.owner_id, "chat", {**_named(message), "at": at, "delta": delta, "done": False})


def ended(message: ChatMessage) -> None:
    """Tell, once the current transaction is durable, that nothing more is written."""
    owner_id, data = message.owner_id, {**_named(message), "done": True}
    after_commit(lambda: publish(owner_id, "chat", data))


def changed(owner_id: uuid.UUID, workspace_id: uuid.UUID) -> None:
    """Tell, once the current transaction is durable, that a conversation is another than before."""
    after_commit(lambda: publish(owner_id, "chat", {"workspace_id": str(workspace_id)}))


def _named(message: ChatMessage) -> dict[str, object]:
    return {"workspace_id": str(message.workspace_id), "message_id": str(message.id)}
