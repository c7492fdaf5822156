"""Jobs in the terms that billing knows."""

from __future__ import annotations

import uuid
from decimal import Decimal

from app.billing.service import Workload
from app.generation import lanes
from app.generation.models import Job
from app.providers.registry import catalogue


def workload_of(job: Job) -> Workload:
    """The job's present try."""
    return workload(job.id, job.submission, job.model, job.price_estimate)


def workload(job_id: uuid.UUID, submission: int, model_id: str, price: Decimal) -> Workload:
    model = catalogue().find(model_id)
    return Workload(
        job_id,
        submission,
        lanes.units_of(model_id),
        price=price,
        provider=model.provider if model is not None else "",
        model=model_id,
    )
