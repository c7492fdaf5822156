"""Doorway to the daily look at which models end."""

from __future__ import annotations

from app.background import TaskName
from app.offers import lifetimes
from worker.app import doorway


@doorway(TaskName.LOOK_AT_LIFETIMES)
def look_at_lifetimes() -> None:
    lifetimes.look()
