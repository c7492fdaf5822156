"""Doorways to the engine."""

from __future__ import annotations

import uuid

from app.background import TaskName, doorbell
from app.generation import invariants, placing, running, sweeping
from worker.app import doorway


@doorway(TaskName.PLACE)
def place() -> None:
    doorbell.begin(TaskName.PLACE)
    placing.place_now()


@doorway(TaskName.RUN_JOB)
def run_job(job_id: str) -> None:
    running.run(uuid.UUID(job_id))


@doorway(TaskName.SWEEP)
def sweep() -> None:
    sweeping.sweep()


@doorway(TaskName.CHECK_INVARIANTS)
def check_invariants() -> None:
    invariants.check_and_log()
