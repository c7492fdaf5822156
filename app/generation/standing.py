"""How a person's queue stands as a whole: how far it is, what it still costs, where it runs, what ended meanwhile."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app import money
from app.db import utc_now
from app.durations import spoken
from app.generation import lanes, queries
from app.generation.domain import JobState
from app.generation.queries import Tally

PAUSED = "paused by you"


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane in one line. slots: "running", "staged" or "free", one word each."""

    name: str
    words: str
    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """What of one workspace ended since the person last looked."""

    workspace_id: uuid.UUID
    workspace_name: str
    finished: int
    failed: int


def progress_text(owner_id: uuid.UUID, tally: Tally, *, paused: bool) -> str:
    """ "3 of 20 done · about 1 min left" for what is open; empty when nothing is."""
    if not tally.open:
        return ""
    total = max(queries.size_of_open_batches(owner_id), tally.open)
    return f"{total - tally.open} of {total} done · {left_text(owner_id, tally, paused=paused)}"


def left_text(owner_id: uuid.UUID, tally: Tally, *, paused: bool) -> str:
    """ "about 1 min left": the first jobs stand for all, and every lane of a model works at once."""
    if paused and tally[JobState.WAITING]:
        return PAUSED
    sample = queries.pace_of(owner_id)
    if not sample:
        return "about 1 s left"
    now = utc_now()
    left_s = 0.0
    for job in sample:
        begun = job.started_at or job.placed_at
        spent_s = (now - begun).total_seconds() if begun and job.state != JobState.WAITING else 0.0
        left_s += max(job.expected_s - spent_s, 0.5) / slots_of(job.model)
    return f"{spoken(left_s * tally.open / len(sample))} left"


def to_come(owner_id: uuid.UUID) -> str:
    """What everything open will cost."""
    return money.show(queries.price_of_open(owner_id) or Decimal(0))


def slots_of(model_id: str) -> int:
    """How many jobs of a model can run at the same time."""
    return sum(lane.slots for lane in lanes.configured() if model_id in lane.models) or 1


def lane_views() -> list[LaneView]:
    """Every lane with its slots: whose jobs fill them is nobody's business, that they are full is everybody's."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for lane, state, count in queries.active_by_lane():
        held[lane or ""]["staged" if state == JobState.PLACED else "running"] += count
    states, now = lanes.lane_states(), utc_now()
    views = []
    for spec in lanes.configured():
        running = min(held[spec.id]["running"], spec.slots)
        staged = min(held[spec.id]["staged"], spec.slots - running)
        rests = states[spec.id].resume_at if spec.id in states else None
        slots = ("running",) * running + ("staged",) * staged + ("free",) * (spec.slots - running - staged)
        views.append(LaneView(spec.name, _words(running, staged, spec.slots, rests, now), slots))
    return views


def ended_since(owner_id: uuid.UUID, since: datetime) -> list[Ended]:
    """Finished and failed jobs by workspace, the workspace with the most first."""
    by_workspace: dict[tuple[uuid.UUID, str], Counter[str]] = defaultdict(Counter)
    for workspace_id, name, state, count in queries.ended_since(owner_id, since):
        by_workspace[workspace_id, name][state] += count
    found = [
        Ended(workspace_id, name, counts[JobState.SUCCEEDED], counts[JobState.FAILED])
        for (workspace_id, name), counts in by_workspace.items()
    ]
    return sorted(found, key=lambda each: (-each.failed - each.finished, each.workspace_name))


def _words(running: int, staged: int, slots: int, rests_until: datetime | None, now: datetime) -> str:
    if rests_until is not None and rests_until > now:
        return f"waits, {spoken((rests_until - now).total_seconds())}"
    if not running and not staged:
        return "free"
    return f"{running} of {slots}" + (f", {staged} staged" if staged else "")
