"""What must always hold, whatever was killed: asked after every fault test, nightly, and by `darkroom doctor`.

Each check is a query for rows that should not exist. `settled=True` adds what must hold once nothing is running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import aliased

from app.billing.models import DailyUsage, UsageEntry
from app.db import database_now, db
from app.extensions import settings, storage
from app.generation.domain import ACTIVE, FINAL, OPEN, JobState
from app.generation.models import Batch, Job
from app.library.models import Asset
from app.money import ZERO

log = structlog.get_logger(__name__)

# How many offenders of each kind are named; a broken invariant is read by a person.
_SHOWN = 5


def check(*, settled: bool = False, files: bool = True) -> list[str]:
    """One sentence for each broken invariant; an empty list means that all is well."""
    checks: list[Callable[[], Iterator[str]]] = [
        _succeeded_jobs_have_pictures,
        _unsucceeded_jobs_show_no_picture,
        _waiting_jobs_hold_nothing,
        _ended_jobs_hold_no_lease,
        _active_jobs_are_moving,
        _batches_hold_what_they_promised,
        _usage_is_counted_once,
        _day_counters_equal_the_ledger,
    ]
    if files:
        checks.append(_pictures_have_their_files)
    if settled:
        checks += [_everything_ended, _batches_are_closed]
    broken = [sentence for look in checks for sentence in look()]
    db.session.rollback()
    return broken


def check_and_log() -> None:
    """The nightly look. Says so either way, so that its absence from the log is telling too."""
    broken = check()
    if broken:
        log.error("invariants_broken", broken=broken)
    else:
        log.info("invariants_hold")


def _succeeded_jobs_have_pictures() -> Iterator[str]:
    pictures = sa.select(Asset.id).where(Asset.job_id == Job.id).exists()
    yield from _named("succeeded without a picture", Job.id, Job.state == JobState.SUCCEEDED, ~pictures)


def _unsucceeded_jobs_show_no_picture() -> Iterator[str]:
    picture = sa.select(Asset.id).where(Asset.job_id == Job.id, Asset.late.is_(False)).exists()
    yield from _named("has a picture but is not succeeded", Job.id, Job.state != JobState.SUCCEEDED, picture)


def _waiting_jobs_hold_nothing() -> Iterator[str]:
    holds = sa.or_(Job.handle.is_not(None), Job.lease_owner.is_not(None), Job.lane.is_not(None))
    yield from _named("waits but still holds a lane, lease or handle", Job.id, Job.state == JobState.WAITING, holds)


def _ended_jobs_hold_no_lease() -> Iterator[str]:
    yield from _named("ended but is still leased", Job.id, Job.state.in_(FINAL), Job.lease_owner.is_not(None))
    yield from _named("ended without a time", Job.id, Job.state.in_(FINAL), Job.finished_at.is_(None))


def _active_jobs_are_moving() -> Iterator[str]:
    # Two leases and two sweeps: by then anybody's death has been noticed and acted on.
    patience = timedelta(seconds=2 * settings().lease_s + 2 * settings().sweep_s + 30)
    stale = sa.func.coalesce(Job.lease_until, Job.placed_at) < database_now() - patience
    yield from _named("is active but nobody looks after it", Job.id, Job.state.in_(ACTIVE), stale)


def _batches_hold_what_they_promised() -> Iterator[str]:
    jobs = sa.select(sa.func.count()).where(Job.batch_id == Batch.id).scalar_subquery()
    yield from _named("batch has another number of jobs than it promised", Batch.id, jobs != Batch.job_count)
    open_job = sa.select(Job.id).where(Job.batch_id == Batch.id, Job.state.in_(OPEN)).exists()
    yield from _named("batch is finished with an open job", Batch.id, Batch.finished_at.is_not(None), open_job)


def _usage_is_counted_once() -> Iterator[str]:
    """Every submission reserved once; closed at most once, and as its job ended; earlier ones closed."""
    reserved = sa.select(UsageEntry.id).where(
        UsageEntry.job_id == Job.id, UsageEntry.submission == Job.submission, UsageEntry.kind == "reserve"
    )
    yield from _named("was never reserved", Job.id, ~reserved.exists())
    closing = aliased(UsageEntry)
    left_open = sa.select(UsageEntry.id).where(
        UsageEntry.job_id == Job.id,
        UsageEntry.submission != Job.submission,
        UsageEntry.kind == "reserve",
        ~sa.select(closing.id)
        .where(
            closing.job_id == UsageEntry.job_id,
            closing.submission == UsageEntry.submission,
            closing.kind != "reserve",
        )
        .exists(),
    )
    yield from _named("left an earlier try open in the ledger", Job.id, left_open.exists())
    closings = sa.select(sa.func.count()).where(
        UsageEntry.job_id == Job.id, UsageEntry.submission == Job.submission, UsageEntry.kind != "reserve"
    )
    yield from _named(
        "ended with its usage not closed once", Job.id, Job.state.in_(FINAL), closings.scalar_subquery() != 1
    )
    yield from _named("is open with its usage closed", Job.id, Job.state.in_(OPEN), closings.scalar_subquery() != 0)
    wrong = sa.select(UsageEntry.id).where(
        UsageEntry.job_id == Job.id,
        UsageEntry.submission == Job.submission,
        UsageEntry.kind == sa.case((Job.state == JobState.SUCCEEDED, "release"), else_="settle"),
    )
    yield from _named("ended with the wrong usage entry", Job.id, Job.state.in_(FINAL), wrong.exists())


def _day_counters_equal_the_ledger() -> Iterator[str]:
    signed = sa.case(
        (UsageEntry.kind == "reserve", UsageEntry.units), (UsageEntry.kind == "release", -UsageEntry.units), else_=0
    )
    closing = aliased(UsageEntry)
    closed = sa.select(closing.id).where(
        closing.job_id == UsageEntry.job_id, closing.submission == UsageEntry.submission, closing.kind != "reserve"
    )
    # What was set aside counts until it is known what it came to.
    counts = sa.case((sa.and_(UsageEntry.kind == "reserve", closed.exists()), ZERO), else_=UsageEntry.amount)
    of_that_day = (UsageEntry.owner_id == DailyUsage.owner_id, UsageEntry.day == DailyUsage.day)
    units = sa.select(sa.func.coalesce(sa.func.sum(signed), 0)).where(*of_that_day).scalar_subquery()
    amount = sa.select(sa.func.coalesce(sa.func.sum(counts), 0)).where(*of_that_day).scalar_subquery()
    rows = db.session.execute(
        sa.select(DailyUsage.owner_id, DailyUsage.day)
        .where(sa.or_(DailyUsage.units != units, DailyUsage.amount != amount))
        .limit(_SHOWN)
    )
    for row in rows:
        yield f"the counter of {row.owner_id} on {row.day} differs from the ledger"


def _pictures_have_their_files() -> Iterator[str]:
    shown = 0
    rows = db.session.execute(sa.select(Asset.id, Asset.key, Asset.thumb_key, Asset.preview_key, Asset.poster_key))
    for row in rows.yield_per(1000):
        missing = [key for key in row[1:] if key is not None and not storage().exists(key)]
        if missing and shown < _SHOWN:
            shown += 1
            yield f"picture {row.id} has lost its file {missing[0]}"


def _everything_ended() -> Iterator[str]:
    yield from _named("has not ended", Job.id, Job.state.in_(OPEN))


def _batches_are_closed() -> Iterator[str]:
    yield from _named("batch is not closed", Batch.id, Batch.finished_at.is_(None))


def _named(
    what: str, column: sa.orm.InstrumentedAttribute[object], *conditions: sa.ColumnElement[bool]
) -> Iterator[str]:
    for found in db.session.scalars(sa.select(column).where(*conditions).limit(_SHOWN)):
        yield f"{column.class_.__name__.lower()} {found} {what}"
