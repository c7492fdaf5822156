"""One job from its claim to its end, in slices that any crash may interrupt.

The order is the promise: intent is committed before anything is sent, the handle before anything waits, the files
before the rows that name them. Between any two of these a process may die; whoever claims the job next can tell from
the row alone what is safe to do.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from app import faults
from app.accounts import provider_keys
from app.background import TaskName, ring
from app.db import after_commit, database_now, db
from app.extensions import settings
from app.generation import endings, events, lanes, leases
from app.generation.domain import JobState
from app.generation.inputs import request_of
from app.generation.keeping import kept
from app.generation.models import Job
from app.providers.catalogue import ModelRow
from app.providers.contract import (
    Cancelled,
    ErrorKind,
    Handle,
    NotSubmitted,
    Outputs,
    Progress,
    Provider,
    ProviderError,
    Searching,
    Unknown,
)
from app.providers.registry import catalogue, provider

log = structlog.get_logger(__name__)

CRASH_LIMIT = 3
# How often a follower looks whether the person wants it stopped, and how often it tells progress at most.
LOOK_S = 0.5
TELL_S = 0.25
# A provider that does not confirm a cancellation for this long is no longer waited for.
CANCEL_GRACE_S = 30.0
# Adapters bound the calls that they make themselves below this. What is paid for is not thrown away for coming late.
LONGEST_CALL_S = 600.0

# Set when this process was asked to stop: followers hand their jobs on instead of finishing their slice.
draining = threading.Event()


class _Lost(Exception):
    """The job is no longer ours: someone else claimed it, or it ended."""


class _SliceOver(Exception):
    """Time to hand the job on."""


class _Unconfirmed(Cancelled):
    """The provider does not say whether it stopped: it may finish the work, and charge for it."""


def run(job_id: uuid.UUID) -> None:
    """Do what a job's row calls for next. Safe to call at any time, any number of times, from anywhere."""
    job = leases.claim(job_id)
    if job is None:
        return
    structlog.contextvars.bind_contextvars(job_id=str(job.id), attempt=job.attempt)
    faults.point("after_claim")
    try:
        _carry_on(job)
    except _Lost:
        log.info("job_not_ours_any_more")
    except _SliceOver:
        if leases.hand_back(job):
            after_commit(lambda: _ring_again(job_id))
        db.session.commit()
    except ProviderError as error:
        db.session.rollback()
        endings.fail_or_retry(job, error)
    except OperationalError:
        # The database is away or busy, so nothing can be noted now. The lease runs out by itself, and the row tells
        # whoever comes next how far this got.
        db.session.rollback()
        log.exception("database_away")
    except Exception:
        # The boundary of a worker: whatever went wrong, the person is told, and the job does not hang.
        db.session.rollback()
        log.exception("job_broke")
        endings.fail_or_retry(
            job,
            ProviderError(
                ErrorKind.BUG,
                "Something went wrong on our side while making this picture. It was logged; try again.",
                may_have_cost=job.submitted_at is not None,
            ),
        )
    finally:
        structlog.contextvars.unbind_contextvars("job_id", "attempt")


def _ring_again(job_id: uuid.UUID) -> None:
    ring(TaskName.RUN_JOB, job_id)


def _carry_on(job: Job) -> None:
    """Branch on what the row says happened so far."""
    if job.crashes >= CRASH_LIMIT:
        endings.park(job)
        return
    adapter = _adapter(job)
    if job.handle is not None:
        _follow(job, adapter, Handle(job.handle))
    elif job.submitted_at is None:
        if job.state == JobState.CANCELLING:
            endings.cancelled(job)
        else:
            _submit(job, adapter)
    else:
        _recover(job, adapter)


def _submit(job: Job, adapter: Provider) -> None:
    """Commit the intent, then send the work exactly once."""
    request = request_of(job)
    job.submitted_at = database_now()
    if not leases.move(
        job, JobState.SUBMITTED, only_from={JobState.PLACED, JobState.SUBMITTED}, submitted_at=job.submitted_at
    ):
        db.session.rollback()
        _look_again(job, adapter)
        return
    events.job_changed(job, JobState.SUBMITTED)
    db.session.commit()
    faults.point("before_send")
    with kept(job, max(_limit_s(job), LONGEST_CALL_S)):
        if not leases.is_current(job):
            raise _Lost
        answer = adapter.submit(request)
    faults.point("after_send")
    _take_answer(job, adapter, answer)


def _recover(job: Job, adapter: Provider) -> None:
    """Someone died between the intent and the handle: ask what became of the submission before anything else."""
    try:
        with kept(job, _limit_s(job)):
            found = adapter.find(job.reference)
            if isinstance(found, Unknown) and isinstance(adapter, Searching) and job.submitted_at is not None:
                found = adapter.search(request_of(job), job.submitted_at)
    except ProviderError as error:
        # Not being able to ask is no answer: to send again on that ground could be paid for twice.
        log.warning("submission_not_looked_up", kind=str(error.kind), detail=error.detail)
        if error.retryable and not _is_overdue(job.submitted_at, job):
            # The sweep rings again; the question can wait as long as the work itself could have.
            leases.hand_back(job)
            db.session.commit()
            return
        found = Unknown()
    log.info("submission_looked_up", found=type(found).__name__)
    if isinstance(found, Handle | Outputs):
        _take_answer(job, adapter, found)
    elif isinstance(found, Unknown) and not lanes.is_free(job.model):
        endings.outcome_unknown(job)
    elif job.state == JobState.CANCELLING:
        endings.cancelled(job)
    elif isinstance(found, NotSubmitted):
        _submit(job, adapter)
    else:
        endings.back_to_queue(job)


def _take_answer(job: Job, adapter: Provider, answer: Handle | Outputs) -> None:
    if isinstance(answer, Outputs):
        endings.succeed(job, answer)
        return
    known: dict[str, Any] = {"handle": answer.value, "started_at": database_now()}
    if leases.move(job, JobState.RUNNING, **known):
        job.state = JobState.RUNNING
        events.job_changed(job, JobState.RUNNING, progress=0.0)
    elif leases.move(job, None, only_from={JobState.CANCELLING}, **known):
        # Cancelled while it was being sent. The handle is still needed: it is how the work is stopped.
        job.state = JobState.CANCELLING
    else:
        db.session.rollback()
        raise _Lost
    job.handle, job.started_at = answer.value, known["started_at"]
    db.session.commit()
    faults.point("after_handle")
    _follow(job, adapter, answer)


def _follow(job: Job, adapter: Provider, handle: Handle) -> None:
    """Wait for the outputs, telling progress, keeping the lease, and minding the person's wish to stop."""
    watch = _Watch(job, adapter, handle)
    with closing(_as_generator(adapter.follow(handle))) as steps:
        try:
            for step in steps:
                if isinstance(step, Outputs):
                    faults.point("before_store")
                    endings.succeed(job, step)
                    return
                watch.tell(step)
                faults.point("following")
                watch.look()
        except Cancelled as stopped:
            if not endings.cancelled(job, confirmed=not isinstance(stopped, _Unconfirmed)):
                raise ProviderError(
                    ErrorKind.PROVIDER,
                    "The provider stopped this before it was done. Try again.",
                    retryable=True,
                    may_have_cost=True,
                ) from stopped
            return
    raise ProviderError(
        ErrorKind.PROVIDER,
        "The provider ended without a picture. Try again.",
        retryable=True,
        may_have_cost=True,
        detail="follow ran out",
    )


class _Watch:
    """What a follower minds between two steps of the provider."""

    def __init__(self, job: Job, adapter: Provider, handle: Handle) -> None:
        self._job = job
        self._adapter = adapter
        self._handle = handle
        chosen = settings()
        now = time.monotonic()
        self._slice_ends = now + chosen.slice_s
        self._renew_every = chosen.lease_s / 3
        self._renewed = self._looked = now
        self._told = 0.0
        self._stopping_since: float | None = None
        self._is_asked_to_stop = False
        self._can_be_handed_on = True

    def tell(self, step: Progress) -> None:
        self._can_be_handed_on = step.resumable
        now = time.monotonic()
        if now - self._told >= TELL_S:
            self._told = now
            events.job_progress(self._job, step.fraction, message=step.message, preview=step.preview)

    def look(self) -> None:
        """Renew the lease when it is due, and act on a cancellation, a time limit or the end of the slice.

        Raises _Lost, _SliceOver, Cancelled or ProviderError.
        """
        now = time.monotonic()
        if draining.is_set():
            raise _SliceOver
        if now - self._looked < LOOK_S:
            return
        self._looked = now
        if now - self._renewed >= self._renew_every:
            self._renewed = now
            state = leases.renew(self._job)
        else:
            state = leases.peek(self._job)
        if state is None or state not in {JobState.RUNNING, JobState.CANCELLING}:
            raise _Lost
        if state is JobState.CANCELLING:
            self._stop(now)
        self._mind_the_limit()
        if now >= self._slice_ends and self._can_be_handed_on:
            raise _SliceOver

    def _stop(self, now: float) -> None:
        self._job.state = JobState.CANCELLING
        if self._stopping_since is None:
            self._stopping_since = now
        elif now - self._stopping_since > CANCEL_GRACE_S:
            raise _Unconfirmed
        if not self._is_asked_to_stop:
            self._ask_to_stop()

    def _ask_to_stop(self) -> None:
        """A provider that cannot be asked now is asked again at the next look; the work itself goes on meanwhile."""
        try:
            self._adapter.cancel(self._handle)
        except ProviderError as error:
            log.warning("cancellation_not_taken", kind=str(error.kind), detail=error.detail)
        else:
            self._is_asked_to_stop = True

    def _mind_the_limit(self) -> None:
        if not _is_overdue(self._job.started_at, self._job):
            return
        self._ask_to_stop()
        raise ProviderError(
            ErrorKind.PROVIDER,
            f"This took longer than {_limit_s(self._job):.0f} seconds and was stopped. "
            "Try again, or choose a smaller size.",
            may_have_cost=True,
        )


def _look_again(job: Job, adapter: Provider) -> None:
    """The row moved under us before anything was sent: it was cancelled, or it is not ours."""
    if leases.peek(job) is JobState.CANCELLING:
        job.state = JobState.CANCELLING
        endings.cancelled(job)
        return
    raise _Lost


def _as_generator(steps: Iterator[Progress | Outputs]) -> Generator[Progress | Outputs]:
    """A generator whatever the adapter returns, so that closing it always reaches the adapter's `finally`."""
    yield from steps


def _adapter(job: Job) -> Provider:
    """The adapter of the job's lane: with the key of whoever's lane it is, and never with another one."""
    model = catalogue().find(job.model)
    if model is None:
        raise ProviderError(ErrorKind.USER_FIXABLE, f"The model {job.model} is no longer offered. Choose another one.")
    owner_id = lanes.owner_of(job.lane)
    if owner_id is None:
        return provider(model.provider)
    key = provider_keys.key_of(owner_id, model.provider)
    if key is None:
        why = _without_key(owner_id, model)
        raise ProviderError(ErrorKind.PROVIDER, why, may_have_cost=job.submitted_at is not None)
    return provider(model.provider, key)


def _without_key(owner_id: uuid.UUID, model: ModelRow) -> str:
    """What to say to somebody whose key was to be used."""
    name = catalogue().provider_of(model).name
    if provider_keys.has_key(owner_id, model.provider):
        return f"Your key at {name} cannot be read any more. Enter it again under Provider keys, then retry."
    otherwise = ", or retry on Darkroom's key" if settings().key_for(model.provider) else ""
    return f"Your key at {name} was taken away; add it again and retry{otherwise}."


def _is_overdue(since: datetime | None, job: Job) -> bool:
    return since is not None and database_now() - since >= timedelta(seconds=_limit_s(job))


def _limit_s(job: Job) -> float:
    """How long a provider may take over the job."""
    model = catalogue().find(job.model)
    chosen = settings()
    return chosen.video_timeout_s if model and model.makes == "video" else chosen.image_timeout_s
