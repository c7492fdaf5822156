"""Doorways to having prompts enhanced."""

from __future__ import annotations

import uuid

from app.background import TaskName
from app.enhancing import writing
from worker.app import doorway


@doorway(TaskName.ENHANCE)
def write(request_id: str) -> None:
    writing.write(uuid.UUID(request_id))


@doorway(TaskName.SWEEP_ENHANCING)
def sweep() -> None:
    writing.sweep()
