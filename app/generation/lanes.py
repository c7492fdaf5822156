"""The lanes of this installation, what we have learnt of them, and what their use is charged as.

A lane is a place jobs run with a number of slots: the built-in engine, the operator's account at each provider, and
each person's own account where they brought a key. Somebody's own key serves their jobs and nobody else's, and their
jobs are never run on the operator's instead.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.accounts import provider_keys
from app.db import database_now, db, insert_once, rows_changed, table_of
from app.extensions import settings
from app.generation.fairness import Meter
from app.generation.models import Job, LaneState, ModelSpeed, OwnerUse
from app.generation.placement import Kind
from app.providers.registry import catalogue

# A pause nobody gave a length to, after a provider said "too busy" without saying how long.
DEFAULT_PAUSE_S = 5.0
# How much a new measurement moves the average: about the last ten count.
_LEARNING = 0.2
VIDEO_UNITS = 5
_OWN = ":own:"
# Built once, as every job that succeeds is learnt from.
_speeds = table_of(ModelSpeed)
_LEARN = (
    sa.update(_speeds)
    .where(
        _speeds.c.lane == sa.bindparam("in_lane"),
        _speeds.c.model == sa.bindparam("of_model"),
        _speeds.c.operation == sa.bindparam("doing"),
    )
    .values(
        seconds=_speeds.c.seconds + _LEARNING * (sa.bindparam("took_s") - _speeds.c.seconds),
        samples=_speeds.c.samples + 1,
    )
)


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """A lane as configured. models: ids of the catalogue rows it can run."""

    id: str
    name: str
    provider: str
    kind: Kind
    slots: int
    models: tuple[str, ...]
    requests_per_minute: int | None = None


def configured() -> list[LaneSpec]:
    """The lanes that everybody shares, whether they are well or not."""
    known = settings()
    return [
        _built_in(provider_id) if row.kind == "builtin" else _account(provider_id, provider_id, row.name)
        for provider_id, row in catalogue().providers.items()
        if row.kind == "builtin" or (row.kind == "cloud" and known.key_for(provider_id))
    ]


def own_lane(provider_id: str, owner_id: uuid.UUID) -> LaneSpec:
    """The lane of a person's own key."""
    row = catalogue().providers[provider_id]
    return _account(f"{provider_id}{_OWN}{owner_id.hex}", provider_id, f"your key at {row.name}")


def owner_of(lane_id: str | None) -> uuid.UUID | None:
    """Whose key a lane runs on; None for the lanes that everybody shares."""
    _, own, owner = (lane_id or "").partition(_OWN)
    return uuid.UUID(hex=owner) if own else None


def lane_named(lane_id: str | None) -> LaneSpec | None:
    owner_id = owner_of(lane_id)
    if lane_id is not None and owner_id is not None:
        provider_id = lane_id.partition(_OWN)[0]
        return own_lane(provider_id, owner_id) if provider_id in catalogue().providers else None
    return next((lane for lane in configured() if lane.id == lane_id), None)


def of_owners(owner_ids: Iterable[uuid.UUID]) -> list[LaneSpec]:
    """The shared lanes, and those of these people's own keys."""
    wanted = set(owner_ids)
    own = [
        own_lane(provider_id, owner_id)
        for provider_id, holders in sorted(provider_keys.holders().items())
        if provider_id in catalogue().providers
        for owner_id in sorted(holders & wanted)
    ]
    return [*configured(), *own]


def allowed(
    owner_id: uuid.UUID, model_id: str, lanes: Iterable[LaneSpec], *, own_key: bool = False
) -> frozenset[str] | None:
    """The ids of the lanes a person's jobs with a model may run on; None when any will do.

    lanes: at least all of this person's (`of_owners`). own_key: jobs accepted to run on their own key, which have no
    other lane even when that key is gone: there they end and say so.
    """
    model = catalogue().find(model_id)
    if model is None or catalogue().provider_of(model).kind != "cloud":
        return None
    theirs = own_lane(model.provider, owner_id).id
    there = {lane.id for lane in lanes}
    return frozenset({theirs if own_key or theirs in there else model.provider})


def _built_in(provider_id: str) -> LaneSpec:
    return LaneSpec(
        provider_id, "this machine", provider_id, Kind.BUILTIN, settings().sketch_slots, _models_of(provider_id)
    )


def _account(lane_id: str, provider_id: str, name: str) -> LaneSpec:
    row = catalogue().providers[provider_id]
    return LaneSpec(lane_id, name, provider_id, Kind.CLOUD, row.slots, _models_of(provider_id), row.requests_per_minute)


def _models_of(provider_id: str) -> tuple[str, ...]:
    return tuple(model.id for model in catalogue().models if model.provider == provider_id)


def is_free(model_id: str) -> bool:
    """Whether running the model costs nobody money."""
    model = catalogue().find(model_id)
    return model is None or catalogue().provider_of(model).free


def units_of(model_id: str) -> int:
    """What one output counts against the daily limit."""
    model = catalogue().find(model_id)
    return VIDEO_UNITS if model is not None and model.makes == "video" else 1


def pause(lane_id: str | None, seconds: float | None) -> None:
    """Give a lane nothing new for a while: its provider asked for that."""
    if lane_id is None:
        return
    until = database_now() + timedelta(seconds=DEFAULT_PAUSE_S if seconds is None else seconds)
    insert_once(sa.inspect(LaneState).local_table, id=lane_id, resume_at=None, failures=0)
    # The longest pause stands: of jobs that are refused together, each heard another one.
    state = db.session.get_one(LaneState, lane_id, with_for_update=True)
    state.resume_at = until if state.resume_at is None else max(until, state.resume_at)
    state.failures += 1
    db.session.commit()


def remember_success(job: Job, now: datetime) -> None:
    """Learn from a finished job: how fast its lane is, and that the lane is well. Part of the ending's transaction."""
    if job.lane is None or job.submitted_at is None:
        return
    took_s = max((now - job.submitted_at).total_seconds(), 0.0)
    learnt = {"in_lane": job.lane, "of_model": job.model, "doing": job.operation, "took_s": took_s}
    if not rows_changed(_LEARN, learnt):
        insert_once(_speeds, lane=job.lane, model=job.model, operation=job.operation, seconds=took_s, samples=1)


def charge_use(charges: dict[tuple[str, Kind], float], now: datetime) -> None:
    """Add expected lane-seconds to their owners' meters. Runs inside the placement's transaction, one at a time."""
    for (owner, kind), seconds in sorted(charges.items()):
        owner_id = uuid.UUID(owner)
        row = db.session.get(OwnerUse, (owner_id, str(kind)))
        if row is None:
            db.session.add(OwnerUse(owner_id=owner_id, kind=str(kind), seconds=seconds, at=now))
            continue
        meter = Meter(row.seconds, row.at.timestamp()).charge(seconds, now.timestamp())
        row.seconds, row.at = meter.seconds, now


def lane_states() -> dict[str, LaneState]:
    return {row.id: row for row in db.session.scalars(sa.select(LaneState))}
