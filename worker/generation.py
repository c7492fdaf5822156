"""Doorways to the engine."""

from __future__ import annotations

import uuid

from app.background import TaskName, answered
from app.generation import invariants, placing, running, sweeping
from worker.app import celery


@celery.task(name=str(TaskName.PLACE))
def place() -> None:
    answered(TaskName.PLACE)
    placing.place_now()


@celery.task(name=str(TaskName.RUN_JOB))
def run_job(job_id: str) -> None:
    running.run(uuid.UUID(job_id))


@celery.task(name=str(TaskName.SWEEP))
def sweep() -> None:
    sweeping.sweep()


@celery.task(name=str(TaskName.CHECK_INVARIANTS))
def check_invariants() -> None:
    invariants.check_and_log()
