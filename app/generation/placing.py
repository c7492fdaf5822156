"""Give waiting jobs to lanes: read the rows, ask the pure function, move the rows, and only then ring the workers.

One placement runs at a time: its transaction starts by writing one row, which on SQLite takes the write lock and on
Postgres that row's lock. Everything it reads after that is settled until it commits.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from app import faults
from app.background import TaskName, ring
from app.db import after_commit, database_now, db, pass_turnstile, table_of
from app.extensions import settings
from app.generation import events, lanes
from app.generation.domain import JobState
from app.generation.fairness import Meter
from app.generation.lanes import LaneSpec
from app.generation.models import IS_ACTIVE, IS_WAITING, Job, LaneState, ModelSpeed, OwnerUse, QueueControl
from app.generation.placement import (
    Group,
    Head,
    Kind,
    Lane,
    Occupant,
    Offer,
    OwnerShare,
    Plan,
    RateLimit,
    Requirement,
    place,
)
from app.providers.registry import catalogue

# How many of a group's first jobs a placement looks at; more than the slots of a lane would be wasted reading.
HEADS = 16
# A job somebody watches arrives in a small batch; long batches are worked off in the background.
_INTERACTIVE_BATCH = 8
_MINUTE = timedelta(minutes=1)

# Statements of every placement are built once: putting one together takes several times as long as running it.
_jobs = table_of(Job)
_PLACE = (
    sa.update(_jobs)
    .where(_jobs.c.id == sa.bindparam("chosen"), _jobs.c.state == JobState.WAITING)
    .returning(_jobs.c.id, _jobs.c.owner_id, _jobs.c.batch_id, _jobs.c.workspace_id)
)
_FIRST_PAIR = (
    sa.select(_jobs.c.owner_id, _jobs.c.model).where(IS_WAITING).order_by(_jobs.c.owner_id, _jobs.c.model).limit(1)
)
# Two seeks rather than one comparison of pairs: SQLite would walk over all of the owner's jobs for that.
_NEXT_MODEL = _FIRST_PAIR.where(_jobs.c.owner_id == sa.bindparam("owner"), _jobs.c.model > sa.bindparam("past"))
_NEXT_OWNER = _FIRST_PAIR.where(_jobs.c.owner_id > sa.bindparam("owner"))
_HEADS = (
    sa.select(
        *(_jobs.c[name] for name in ("id", "position", "created_at", "width_px", "height_px", "ordinal", "own_key"))
    )
    .where(
        IS_WAITING,
        _jobs.c.owner_id == sa.bindparam("owner"),
        _jobs.c.model == sa.bindparam("of_model"),
        sa.or_(_jobs.c.not_before.is_(None), _jobs.c.not_before <= sa.bindparam("now")),
    )
    .order_by(_jobs.c.position)
    .limit(HEADS)
)
_ACTIVE = sa.select(
    _jobs.c.owner_id, _jobs.c.lane, _jobs.c.model, _jobs.c.placed_at, _jobs.c.submitted_at, _jobs.c.expected_s
).where(IS_ACTIVE)
_PAUSED = sa.select(QueueControl.owner_id).where(QueueControl.paused_at.is_not(None))
_SPEEDS = sa.select(ModelSpeed.lane, ModelSpeed.model, ModelSpeed.seconds)


def place_now() -> int:
    """One placement. Returns how many jobs were given to lanes."""
    pass_turnstile("placement")
    now = database_now()
    placed = 0
    charges: dict[tuple[str, Kind], float] = defaultdict(float)
    after_commit(lambda: faults.point("after_place"))
    for assignment in _plan(now).assignments:
        job = db.session.execute(
            _PLACE,
            {
                "chosen": uuid.UUID(assignment.job_id),
                "state": JobState.PLACED,
                "lane": assignment.lane_id,
                "reason": assignment.reason,
                "expected_s": assignment.expected_finish - assignment.expected_start,
                "placed_at": now,
            },
        ).one_or_none()
        if job is None:
            continue
        placed += 1
        charges[assignment.owner, assignment.kind] += assignment.charge_s
        events.job_changed(job, JobState.PLACED, lane=assignment.lane_id, reason=assignment.reason)
        after_commit(_ringing(job.id))
    lanes.charge_use(charges, now)
    db.session.commit()
    return placed


def forecast() -> Plan:
    """What placement would decide now and why, without deciding it: for pages that say what a job waits for."""
    return _plan(database_now())


def _plan(now: datetime) -> Plan:
    active = _active()
    pairs = list(_pairs())
    there = lanes.of_owners({*(owner_id for owner_id, _ in pairs), *(row.owner_id for row in active)})
    groups = _waiting(pairs, there, now)
    wanted = {lane for group in groups for lane in group.requirement.lanes or ()}
    # A key that was taken away leaves its lane to those who were to run on it: a worker ends them there.
    there += filter(None, map(lanes.lane_named, sorted(wanted - {lane.id for lane in there})))
    shares = _shares({group.owner for group in groups}, active, there, now)
    return place(groups, _lanes(there, active, now), shares, now.timestamp())


def _ringing(job_id: uuid.UUID) -> Callable[[], None]:
    """A hook of its own for each job, so that a loop's next turn does not change it."""

    def ring_for_it() -> None:
        ring(TaskName.RUN_JOB, job_id)

    return ring_for_it


def _waiting(pairs: Iterable[tuple[uuid.UUID, str]], there: list[LaneSpec], now: datetime) -> list[Group]:
    """The first waiting jobs of each owner and model, grouped by what they need.

    Walks the index from pair to pair instead of over all waiting jobs: a hundred thousand of one person's jobs cost
    no more to look past than ten.
    """
    paused_owners = set(db.session.scalars(_PAUSED))
    groups: list[Group] = []
    for owner_id, model in pairs:
        if owner_id in paused_owners:
            continue
        rows = db.session.execute(_HEADS, {"owner": owner_id, "of_model": model, "now": now}).all()
        only = {own: lanes.allowed(owner_id, model, there, own_key=own) for own in {row.own_key for row in rows}}
        by_need: dict[Requirement, list[Head]] = defaultdict(list)
        for row in rows:
            by_need[Requirement(pixels=row.width_px * row.height_px, lanes=only[row.own_key])].append(
                Head(
                    job_id=str(row.id),
                    order=row.position,
                    waiting_since=row.created_at.timestamp(),
                    interactive=row.ordinal < _INTERACTIVE_BATCH,
                )
            )
        entry = catalogue().find(model)
        groups.extend(
            Group(str(owner_id), model, need, tuple(heads), count=len(heads), model_name=entry.name if entry else model)
            for need, heads in by_need.items()
        )
    return groups


def _pairs() -> Iterable[tuple[uuid.UUID, str]]:
    """Every (owner, model) with a waiting job, by jumping along the index."""
    row = db.session.execute(_FIRST_PAIR).first()
    while row is not None:
        owner_id, model = row
        yield owner_id, model
        row = db.session.execute(_NEXT_MODEL, {"owner": owner_id, "past": model}).first()
        if row is None:
            row = db.session.execute(_NEXT_OWNER, {"owner": owner_id}).first()


class _Active(NamedTuple):
    """A job that a lane has: what its neighbours must know of it."""

    owner_id: uuid.UUID
    lane: str | None
    model: str
    placed_at: datetime | None
    submitted_at: datetime | None
    expected_s: float


def _active() -> list[_Active]:
    return [_Active(*row) for row in db.session.execute(_ACTIVE)]


def _lanes(there: list[LaneSpec], active: list[_Active], now: datetime) -> list[Lane]:
    occupants: dict[str, list[Occupant]] = defaultdict(list)
    for row in active:
        if row.lane is not None and row.placed_at is not None:
            finish = row.placed_at + timedelta(seconds=row.expected_s)
            occupants[row.lane].append(Occupant(finish.timestamp(), row.model))
    speeds: dict[tuple[str, str], float] = {}
    for speed in db.session.execute(_SPEEDS):
        known = speeds.get((speed.lane, speed.model))
        speeds[speed.lane, speed.model] = speed.seconds if known is None else max(known, speed.seconds)
    states = lanes.lane_states()
    rates = _rates(there, active, now)
    return [_lane(spec, states.get(spec.id), tuple(occupants[spec.id]), speeds, rates.get(spec.id)) for spec in there]


def _rates(there: list[LaneSpec], active: list[_Active], now: datetime) -> dict[str, RateLimit]:
    """What is left of the requests each provider takes in a minute: those sent lately and those about to be sent."""
    limits = {spec.id: spec.requests_per_minute for spec in there if spec.requests_per_minute is not None}
    if not limits:
        return {}
    sent = sa.select(Job.lane, sa.func.count(), sa.func.min(Job.submitted_at)).where(
        Job.lane.in_(limits), Job.submitted_at > now - _MINUTE
    )
    used = {lane: (count, first) for lane, count, first in db.session.execute(sent.group_by(Job.lane))}
    about_to = Counter(row.lane for row in active if row.submitted_at is None)
    rates = {}
    for lane, limit in limits.items():
        count, first = used.get(lane, (0, None))
        frees_at = ((first or now) + _MINUTE).timestamp()
        rates[lane] = RateLimit(limit, _MINUTE.total_seconds(), count + about_to[lane], frees_at)
    return rates


def _lane(
    spec: LaneSpec,
    state: LaneState | None,
    occupants: tuple[Occupant, ...],
    speeds: dict[tuple[str, str], float],
    rate: RateLimit | None,
) -> Lane:
    offers = {}
    for model_id in spec.models:
        entry = catalogue().find(model_id)
        if entry is not None:
            offers[model_id] = Offer(speeds.get((spec.id, model_id), entry.expected_s))
    return Lane(
        id=spec.id,
        name=spec.name,
        provider=spec.provider,
        kind=spec.kind,
        slots=spec.slots,
        offers=offers,
        occupants=occupants,
        resume_at=state.resume_at.timestamp() if state and state.resume_at else None,
        rate=rate,
    )


def _shares(
    owners: set[str],
    active: list[_Active],
    there: list[LaneSpec],
    now: datetime,
) -> dict[str, OwnerShare]:
    kinds = {lane.id: lane.kind for lane in there}
    in_flight: dict[str, int] = defaultdict(int)
    served: dict[str, dict[Kind, float]] = defaultdict(dict)
    for row in active:
        in_flight[str(row.owner_id)] += 1
        if row.lane in kinds:
            served[str(row.owner_id)][kinds[row.lane]] = now.timestamp()
    consumed: dict[str, dict[Kind, float]] = defaultdict(dict)
    uses = db.session.scalars(sa.select(OwnerUse).where(OwnerUse.owner_id.in_([uuid.UUID(owner) for owner in owners])))
    for use in uses:
        kind = Kind(use.kind)
        owner = str(use.owner_id)
        consumed[owner][kind] = Meter(use.seconds, use.at.timestamp()).read(now.timestamp())
        served[owner].setdefault(kind, use.at.timestamp())
    return {
        owner: OwnerShare(
            consumed=consumed[owner],
            served_at=served[owner],
            in_flight=in_flight[owner],
            in_flight_cap=settings().owner_slots,
        )
        for owner in owners
    }
