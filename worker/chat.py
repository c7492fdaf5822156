"""Doorways to conversations."""

from __future__ import annotations

import uuid

from app.background import TaskName
from app.chat import sweeping, writing
from worker.app import doorway


@doorway(TaskName.ANSWER_CHAT)
def answer(message_id: str) -> None:
    writing.write(uuid.UUID(message_id))


@doorway(TaskName.SWEEP_CHAT)
def sweep() -> None:
    sweeping.sweep()
