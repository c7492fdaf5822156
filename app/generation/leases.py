"""Who works on a job: a claim with a lease, renewed while the work goes on, and a fence against those who overslept.

Everything here is one conditional UPDATE: of two who try, one is told no. The fence (`attempt`) rises with each
claim and stands in the WHERE of every later write, so a worker that was frozen past its lease changes nothing.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.db import UTCDateTime, database_now, db, rows_changed, table_of
from app.extensions import settings
from app.generation.domain import ACTIVE, JobState, states_before
from app.generation.models import Job

# Statements of every job are built once: putting one together takes several times as long as running it.
_jobs = table_of(Job)
_HELD = sa.update(_jobs).where(
    _jobs.c.id == sa.bindparam("held"),
    _jobs.c.attempt == sa.bindparam("fence"),
    _jobs.c.state.in_(sa.bindparam("allowed", expanding=True)),
)
_TAKEN_OVER = sa.and_(Job.lease_owner.is_not(None), Job.lease_until.is_not(None))
_CLAIM = (
    sa.update(Job)
    .where(
        Job.id == sa.bindparam("wanted"),
        Job.state.in_(ACTIVE),
        sa.or_(Job.lease_until.is_(None), Job.lease_until < sa.bindparam("now", type_=UTCDateTime())),
    )
    .values(
        attempt=Job.attempt + 1,
        crashes=Job.crashes + sa.case((_TAKEN_OVER, 1), else_=0),
        lease_owner=sa.bindparam("claimant"),
        lease_until=sa.bindparam("until"),
    )
    .returning(Job)
    .execution_options(synchronize_session=False, populate_existing=True)
)
_RENEW = (
    sa.update(Job)
    # Not one that was handed back a moment ago: nobody would look after it until it ran out.
    .where(
        Job.id == sa.bindparam("held"),
        Job.attempt == sa.bindparam("fence"),
        Job.state.in_(ACTIVE),
        Job.lease_owner.is_not(None),
    )
    .values(lease_until=sa.bindparam("until"))
    .returning(Job.state)
    .execution_options(synchronize_session=False)
)
_PEEK = sa.select(Job.state).where(Job.id == sa.bindparam("held"), Job.attempt == sa.bindparam("fence"))


def lease_owner() -> str:
    """This process, so that its death can be told from outside: place, pid and the tick it was born at."""
    return _owner_of(os.getpid())


@cache
def _owner_of(pid: int) -> str:
    return f"{_place()}:{pid}:{_birth_tick(pid)}"


def owner_is_gone(owner: str) -> bool:
    """Whether the process that holds a lease is certainly dead. False when it ran elsewhere: nobody here knows."""
    place, pid, birth = owner.rsplit(":", 2)
    return place == _place() and _birth_tick(int(pid)) != birth


def is_abandoned(owner: str | None, until: datetime | None, now: datetime) -> bool:
    """Whether nobody works under a lease any more: it ran out, or who holds it is certainly dead."""
    return until is None or until < now or (owner is not None and owner_is_gone(owner))


@cache
def _place() -> str:
    """Where a pid means what it means here: this host, since it was started, in this container.

    The host's name is for people. Alone it proves nothing: containers and cloned machines often share one.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        pids = os.readlink("/proc/self/ns/pid")
    except OSError:
        boot = pids = ""
    return f"{socket.gethostname()[:60]}/{hashlib.sha256(f'{boot} {pids}'.encode()).hexdigest()[:12]}"


def _birth_tick(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "0" if _cannot_see_processes() else "gone"
    # The command name may hold spaces and brackets; the fields after the last one do not. Field 22 is starttime.
    fields = stat.rpartition(")")[2].split()
    return "gone" if fields[0] == "Z" else fields[19]


@cache
def _cannot_see_processes() -> bool:
    return not Path("/proc/self/stat").exists()


def claim(job_id: uuid.UUID) -> Job | None:
    """Take an active job that nobody holds. Returns it, detached, with its new attempt; None if it is not to be had.

    Taking over from someone whose lease ran out counts as a crash of the job.
    """
    now = database_now()
    claimed = db.session.scalars(
        _CLAIM, {"wanted": job_id, "now": now, "claimant": lease_owner(), "until": _until(now)}
    ).one_or_none()
    if claimed is not None:
        db.session.expunge(claimed)
    db.session.commit()
    return claimed


def renew(job: Job) -> JobState | None:
    """Prolong the lease. Returns the job's state now, or None when the lease is no longer ours."""
    state = db.session.scalar(_RENEW, {"held": job.id, "fence": job.attempt, "until": _until(database_now())})
    db.session.commit()
    return JobState(state) if state else None


def is_current(job: Job) -> bool:
    """Whether the lease the job was claimed under still runs, so that nobody else can have taken it over.

    Asked right before what cannot be taken back: a process that was frozen in between does not know it otherwise.
    """
    current = job.lease_until is not None and database_now() < job.lease_until
    db.session.rollback()
    return current


def peek(job: Job) -> JobState | None:
    """The job's state now, or None when someone else has claimed it since. Reads only."""
    state = db.session.scalar(_PEEK, {"held": job.id, "fence": job.attempt})
    db.session.rollback()
    return JobState(state) if state else None


def hand_back(job: Job) -> bool:
    """Give the lease up so that another slice may claim the job at once. Not a crash."""
    return move(job, to=None, lease_owner=None, lease_until=None)


def move(job: Job, to: JobState | None, *, only_from: Collection[JobState] | None = None, **values: Any) -> bool:
    """Compare-and-set within the current transaction: change state and values if this attempt still holds the job.

    to=None keeps the state. Returns whether it happened; False means cancelled, taken over or ended meanwhile.
    """
    allowed = only_from if only_from is not None else (states_before(to) if to else ACTIVE)
    if to is not None:
        values["state"] = to
    return bool(rows_changed(_HELD, {"held": job.id, "fence": job.attempt, "allowed": list(allowed), **values}))


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=settings().lease_s)
