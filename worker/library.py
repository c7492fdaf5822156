"""Doorway to the library's cleaning."""

from __future__ import annotations

from app.background import TaskName
from app.generation import unused_masks
from app.library import sweeping
from worker.app import doorway


@doorway(TaskName.SWEEP_FILES)
def sweep_files() -> None:
    unused_masks.forget_unused_masks()
    sweeping.sweep_files()
