"""How a job ends, or goes back to wait: each ending is one transaction, and happens once.

Files are on disk before the transaction that names them; usage is settled or released in the very transaction that
ends the job; messages go out after it.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from app import faults
from app.background import TaskName, ring_once
from app.billing import service as billing
from app.db import after_commit, database_now, db
from app.generation import events, lanes, leases, queries
from app.generation.domain import OPEN, JobState, backoff_s
from app.generation.keeping import kept
from app.generation.models import Batch, Job
from app.generation.recipe import recipe_of
from app.generation.untouched import ground_of
from app.generation.workloads import workload_of
from app.imaging.pool import PoolBusy
from app.library import service as library
from app.library.service import OutputRefused, StoredFiles
from app.money import ZERO
from app.providers.contract import ErrorKind, Outputs, ProviderError
from app.storage import StorageFull

log = structlog.get_logger(__name__)

# Automatic tries after a failure that is known to be worth repeating; capacity is not the job's fault and gets more.
MOST_RETRIES = 3
MOST_CAPACITY_RETRIES = 20
# Decoding and storing have limits of their own, well below this.
_STORING_S = 120.0

_rng = random.SystemRandom()

# Built once, as every job ends by it: putting a statement together takes several times as long as running it.
_CLOSE_BATCH = (
    sa.update(Batch)
    .where(
        Batch.id == sa.bindparam("ended"),
        Batch.finished_at.is_(None),
        ~sa.select(Job.id).where(Job.batch_id == sa.bindparam("ended"), Job.state.in_(OPEN)).exists(),
    )
    .values(finished_at=sa.bindparam("now"))
    .returning(Batch.owner_id, Batch.workspace_id, Batch.job_count)
    .execution_options(synchronize_session=False)
)


def succeed(job: Job, outputs: Outputs) -> None:
    """Store the outputs and end the job. A result that comes after a cancellation is kept, and marked as late."""
    recipe = recipe_of(job)
    stored: list[StoredFiles] = []
    try:
        with kept(job, _STORING_S):
            ground = ground_of(job)
            for output in outputs.items:
                stored.append(library.store_output(output, recipe, ground))  # noqa: PERF401 - what is done is kept
    except OutputRefused as error:
        library.discard_files(stored)
        raise ProviderError(
            ErrorKind.PROVIDER,
            "The provider answered with something that is not a picture. Try again.",
            retryable=True,
            may_have_cost=True,
            detail=str(error),
        ) from error
    except (StorageFull, PoolBusy) as obstacle:
        log.error("output_not_kept", job_id=str(job.id), why=type(obstacle).__name__)
        library.discard_files(stored)
        _fetch_again_later(job)
        return
    faults.point("after_files")
    now = database_now()
    cost = outputs.cost if outputs.cost is not None else job.price_estimate
    ending: dict[str, Any] = {"finished_at": now, "lease_owner": None, "lease_until": None, "price_actual": cost}
    _lock_batch(job)
    on_time = leases.move(job, JobState.SUCCEEDED, **ending)
    if not on_time and not leases.move(job, JobState.CANCELLED, only_from={JobState.CANCELLING}, **ending):
        db.session.rollback()
        library.discard_files(stored)
        return
    for ordinal, files in enumerate(stored, queries.first_free_ordinal(job)):
        asset = library.add_output(job, files, ordinal=ordinal, recipe=recipe, late=not on_time)
        events.image_added(job.owner_id, library.announced(asset, job_id=job.id, batch_id=job.batch_id))
    if on_time:
        billing.settle(job.owner_id, workload_of(job), cost=cost, own_key=lanes.owner_of(job.lane) is not None)
        lanes.remember_success(job, now)
    else:
        billing.release(job.owner_id, workload_of(job), cost=cost, own_key=lanes.owner_of(job.lane) is not None)
    faults.point("before_end")
    _ended(job, JobState.SUCCEEDED if on_time else JobState.CANCELLED)
    faults.point("after_end")


def _fetch_again_later(job: Job) -> None:
    """The work is done and perhaps paid for, but there is no room for it: ask for it again when the sweep comes by."""
    if job.handle is None and not lanes.is_free(job.model):
        # It came as the answer itself, and there is no second one to be had.
        _fail(
            job,
            "not_kept",
            "The picture was made but could not be kept, because the server's storage is full or it is overloaded. "
            "It may have been charged once. Try again later.",
            maybe_charged=True,
        )
        return
    events.job_progress(job, 0.99, message="waiting for room to keep it")
    leases.hand_back(job)
    db.session.commit()


def fail_or_retry(job: Job, error: ProviderError) -> None:
    """Try again later if that is safe and still worth it; otherwise end with the provider's sentence."""
    log.warning("job_failed", kind=str(error.kind), detail=error.detail, retryable=error.retryable)
    capacity = error.kind is ErrorKind.CAPACITY
    if capacity:
        lanes.pause(job.lane, error.retry_after_s)
    costs = error.may_have_cost and not lanes.is_free(job.model)
    if not costs and cancelled(job):
        # It broke while it was being stopped: the person has what they asked for.
        return
    most = 1 if error.once else MOST_CAPACITY_RETRIES if capacity else MOST_RETRIES
    if error.retryable and not costs and job.failures < most:
        wait_s = backoff_s(job.failures, _rng)
        if error.retry_after_s is not None:
            wait_s += error.retry_after_s
        if _wait_again(job, wait_s, failures=job.failures + 1):
            return
    _fail(job, str(error.kind), error.sentence, maybe_charged=costs)


def back_to_queue(job: Job) -> None:
    """A free provider lost the work without a trace: nothing was paid, so it is simply sent again."""
    if not _wait_again(job, 0.0, failures=job.failures):
        _fail(job, str(ErrorKind.PROVIDER), "The work was lost on the way. Try again.", maybe_charged=False)


def park(job: Job) -> None:
    """The job took its worker down with it too often: stop, so that it cannot take others down as well."""
    costs = not lanes.is_free(job.model) and job.submitted_at is not None
    if not costs and cancelled(job):
        return
    _fail(
        job,
        "parked",
        "This job was interrupted several times and was put aside so that it cannot hold up others. Try it again.",
        maybe_charged=costs,
    )


def outcome_unknown(job: Job) -> None:
    """A paid provider may or may not have had the work, and cannot be asked. Never sent again without being told to."""
    _fail(
        job,
        "outcome_unknown",
        "The connection broke while this was being sent, so we cannot tell whether the provider made it. "
        "It may have been charged once. Try again when you like.",
        maybe_charged=True,
    )


def cancelled(job: Job, *, confirmed: bool = True) -> bool:
    """End a job that is being stopped: the provider confirmed, or nothing was ever sent. False if it is not.

    confirmed: else the work may go on there, and be charged.
    """
    _lock_batch(job)
    costs = not confirmed and not lanes.is_free(job.model)
    ending: dict[str, Any] = {"finished_at": database_now(), "lease_owner": None, "lease_until": None}
    if costs:
        sentence = "Cancelled, but the provider did not say in time that it stopped. It may have been charged once."
        ending |= {"maybe_charged": True, "price_actual": job.price_estimate, "error_sentence": sentence}
    if not leases.move(job, JobState.CANCELLED, only_from={JobState.CANCELLING}, **ending):
        db.session.rollback()
        return False
    cost = job.price_estimate if costs else ZERO
    billing.release(job.owner_id, workload_of(job), cost=cost, own_key=lanes.owner_of(job.lane) is not None)
    _ended(job, JobState.CANCELLED)
    return True


def _wait_again(job: Job, wait_s: float, *, failures: int) -> bool:
    """Back to the queue under a new reference, for a submission that is known to have ended without output."""
    moved = leases.move(
        job,
        JobState.WAITING,
        only_from={JobState.PLACED, JobState.SUBMITTED, JobState.RUNNING},
        not_before=database_now() + timedelta(seconds=wait_s),
        submission=job.submission + 1,
        failures=failures,
        lane=None,
        reason="",
        handle=None,
        submitted_at=None,
        started_at=None,
        placed_at=None,
        lease_owner=None,
        lease_until=None,
    )
    if not moved:
        db.session.rollback()
        return False
    billing.carry_over(job.owner_id, workload_of(job), submission=job.submission + 1)
    events.job_changed(job, JobState.WAITING)
    after_commit(_ring_placement)
    db.session.commit()
    return True


def _fail(job: Job, kind: str, sentence: str, *, maybe_charged: bool) -> None:
    cost = job.price_estimate if maybe_charged else ZERO
    _lock_batch(job)
    failed = leases.move(
        job,
        JobState.FAILED,
        finished_at=database_now(),
        lease_owner=None,
        lease_until=None,
        error_kind=kind,
        error_sentence=sentence,
        maybe_charged=maybe_charged,
        price_actual=cost if maybe_charged else None,
    )
    if not failed:
        db.session.rollback()
        return
    billing.release(job.owner_id, workload_of(job), cost=cost, own_key=lanes.owner_of(job.lane) is not None)
    _ended(job, JobState.FAILED, error=sentence)


def _ended(job: Job, state: JobState, **more: str) -> None:
    events.job_changed(job, state, **more)
    close_batch_if_done(job.batch_id)
    after_commit(_ring_placement)
    db.session.commit()


def _ring_placement() -> None:
    ring_once(TaskName.PLACE)


def _lock_batch(job: Job) -> None:
    lock_batches([job.batch_id])


def lock_batches(batch_ids: Collection[uuid.UUID]) -> None:
    """Let the jobs of one batch end one after the other, so that the last one knows that it is the last.

    Always taken before any of their jobs is written, so that nobody waits for one who waits for them.
    """
    if db.engine.dialect.name == "sqlite":
        # There whoever writes first is the only one to write until the commit.
        return
    db.session.execute(sa.select(Batch.id).where(Batch.id.in_(batch_ids)).order_by(Batch.id).with_for_update()).all()


def close_batch_if_done(batch_id: uuid.UUID) -> None:
    """Note the end of a batch with no open job left, and tell."""
    done = db.session.execute(_CLOSE_BATCH, {"ended": batch_id, "now": database_now()}).one_or_none()
    if done is not None:
        tally = queries.tally_of(batch_id)
        events.batch_changed(
            done.owner_id,
            {
                "batch_id": str(batch_id),
                "workspace_id": str(done.workspace_id),
                "state": "finished",
                "count": done.job_count,
                "done": tally[JobState.SUCCEEDED],
                "failed": tally[JobState.FAILED],
            },
        )
