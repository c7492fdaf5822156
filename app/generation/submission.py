"""Accept work: everything a request needs is decided and written in one transaction, or nothing is.

The order: validated, counted and priced by arithmetic, reserved against the limits, inserted, committed, and only
then rung for. A key that was seen before answers with the batch it made.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app import faults
from app.background import TaskName, ring_once
from app.billing import service as billing
from app.db import after_commit, db, new_id, utc_now
from app.generation import events, planning, queries
from app.generation.errors import KeyReused
from app.generation.models import Batch, Job
from app.generation.planning import Plan, PlannedJob
from app.generation.specs import GenerationSpec
from app.generation.workloads import workload
from app.history import service as history
from app.workspaces.models import Workspace

_rng = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Submitted:
    """created is False when the same request had been accepted before."""

    batch: Batch
    created: bool


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that is being accepted, in the batch's order."""

    id: uuid.UUID
    model: str


def submit(
    workspace: Workspace, spec: GenerationSpec, *, key: str, also: Callable[[Batch, list[NewJob]], None] | None = None
) -> Submitted:
    """Turn a request into a batch of waiting jobs, once per (owner, key).

    also: what a feature above writes beside the batch, in the same transaction; not asked when the batch existed.
    Raises KeyReused, DailyLimitReached, BudgetReached, TooManyPictures, MacroError and the other refusals of planning.
    """
    owner_id, workspace_id = workspace.owner_id, workspace.id
    fingerprint = spec.fingerprint(workspace_id)
    earlier = queries.batch_with_key(owner_id, key)
    if earlier is not None:
        return _same_again(earlier, fingerprint)
    plan = planning.plan(workspace, spec, rng=_rng)
    batch = Batch(
        id=new_id(),
        owner_id=owner_id,
        workspace_id=workspace_id,
        idempotency_key=key,
        fingerprint=fingerprint,
        request=spec.stored(),
        template=spec.prompt,
        job_count=len(plan.jobs),
        price_estimate=plan.price,
        created_at=utc_now(),
    )
    try:
        # The key first: of two that arrive together, the second must fail before it reserves anything.
        db.session.add(batch)
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        earlier = queries.batch_with_key(owner_id, key)
        if earlier is None:
            raise
        return _same_again(earlier, fingerprint)
    rows = _rows(batch, plan)
    billing.reserve(owner_id, [workload(row["id"], 1, row["model"], row["price_estimate"]) for row in rows])
    db.session.execute(sa.insert(Job), rows)
    if also is not None:
        also(batch, [NewJob(row["id"], row["model"]) for row in rows])
    history.remember(workspace_id, spec.prompt, spec.negative_prompt)
    events.batch_changed(
        owner_id,
        {"batch_id": str(batch.id), "workspace_id": str(workspace_id), "state": "waiting", "count": batch.job_count},
    )
    after_commit(lambda: faults.point("after_accept"))
    after_commit(_ring_placement)
    db.session.commit()
    return Submitted(batch, created=True)


def run_again(batch: Batch, *, key: str) -> Submitted:
    """Make the same request once more, as a batch of its own."""
    workspace = db.session.get_one(Workspace, batch.workspace_id)
    return submit(workspace, GenerationSpec.model_validate(batch.request), key=key)


def _same_again(batch: Batch, fingerprint: str) -> Submitted:
    if batch.fingerprint != fingerprint:
        raise KeyReused
    return Submitted(batch, created=False)


def _rows(batch: Batch, plan: Plan) -> list[dict[str, Any]]:
    # Positions are times in seconds, so that jobs of all batches of a person line up, and leave room to move between.
    first = batch.created_at.timestamp()
    # Ids made within one millisecond are in no order; sorted, a list by id shows a batch in its own.
    ids = sorted(new_id() for _ in plan.jobs)
    return [
        _row(batch, plan, job, job_id, ordinal, first + ordinal * 1e-4)
        for ordinal, (job_id, job) in enumerate(zip(ids, plan.jobs, strict=True))
    ]


def _row(batch: Batch, plan: Plan, job: PlannedJob, job_id: uuid.UUID, ordinal: int, position: float) -> dict[str, Any]:
    return {
        "id": job_id,
        "batch_id": batch.id,
        "owner_id": batch.owner_id,
        "workspace_id": batch.workspace_id,
        "ordinal": ordinal,
        "operation": job.call.operation,
        "model": job.call.model.id,
        "seed": job.seed,
        "width_px": job.call.width_px,
        "height_px": job.call.height_px,
        "params": job.call.params,
        "inputs": job.call.inputs,
        "context": plan.context or None,
        "template": job.template,
        "enhanced_from": batch.request.get("enhanced_from"),
        "choices": job.choices,
        "variant": job.variant,
        "prompt_sent": job.prompt_sent,
        "negative_sent": plan.negative_sent,
        "style": plan.style,
        "position": position,
        "expected_s": job.call.model.expected_s,
        "own_key": job.call.own_key,
        "price_estimate": job.call.price,
        "created_at": batch.created_at,
    }


def _ring_placement() -> None:
    ring_once(TaskName.PLACE)
