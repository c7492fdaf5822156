"""Every lane as it is configured, with what runs on it and what was learnt of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from app.db import utc_now
from app.generation.domain import JobState
from app.generation.lanes import configured, lane_states
from app.generation.queries import active_by_lane


@dataclass(frozen=True, slots=True)
class LaneRow:
    """placed: given to the lane and not yet sent. pauses: how often it was told to rest."""

    id: str
    name: str
    kind: str
    slots: int
    running: int
    placed: int
    resting: datetime | None
    loaded_model: str | None
    pauses: int
    models: int

    @property
    def is_resting(self) -> bool:
        return self.resting is not None and self.resting > utc_now()


def lane_rows() -> list[LaneRow]:
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for lane_id, state, count in active_by_lane():
        held[lane_id or ""]["placed" if state == JobState.PLACED else "running"] += count
    states = lane_states()
    rows = []
    for lane in configured():
        learnt = states.get(lane.id)
        rows.append(
            LaneRow(
                id=lane.id,
                name=lane.name,
                kind=str(lane.kind),
                slots=lane.slots,
                running=held[lane.id]["running"],
                placed=held[lane.id]["placed"],
                resting=learnt.resume_at if learnt else None,
                loaded_model=learnt.loaded_model if learnt else None,
                pauses=learnt.failures if learnt else 0,
                models=len(lane.models),
            )
        )
    return rows
