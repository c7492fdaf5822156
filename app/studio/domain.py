"""The rules of a session of columns: who stands in it, which number an iteration gets, what a model is reminded of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.studio.errors import ColumnFull, NoColumns, TooManyColumns

MOST_COLUMNS = 6
NAME_CHARS = 80


class Flow(StrEnum):
    """What kind of guided run a session is."""

    COMPARE = "compare"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that could be a column, as far as choosing needs to know. free: it costs nothing wherever it runs."""

    id: str
    provider: str
    free: bool


# Whose model stands where when nobody chose: one of each provider that is there.
FIRST_CHOICE = ("bfl", "recraft", "gemini", "openai")


def default_columns(candidates: Sequence[Candidate], remembered: Sequence[str] = ()) -> list[str]:
    """The models to begin with: those remembered that are still there; else one of each first choice, in that order,
    beside what costs nothing if there is only one; else, where none of these can run, up to four that cost nothing.

    candidates: what can run now and can both begin and be refined, best first.
    """
    known = {each.id for each in candidates}
    if kept := [each for each in remembered if each in known]:
        return kept[:MOST_COLUMNS]
    firsts = [next((each.id for each in candidates if each.provider == provider), None) for provider in FIRST_CHOICE]
    free = [each.id for each in candidates if each.free]
    chosen = [each for each in firsts if each is not None]
    if len(chosen) == 1:
        return [*chosen, *free[:1]]
    return chosen or free[:4]


def checked_columns(models: Sequence[str]) -> list[str]:
    """Models as chosen, each once, in their order. Raises NoColumns and TooManyColumns."""
    chosen = list(dict.fromkeys(model for model in models if model))
    if not chosen:
        raise NoColumns
    if len(chosen) > MOST_COLUMNS:
        raise TooManyColumns(MOST_COLUMNS)
    return chosen


@dataclass(frozen=True, slots=True)
class Place:
    """A number that is taken. vacant: nothing came of it and nothing was made from it, so it may be given away."""

    number: int
    vacant: bool


def next_number(taken: Sequence[Place], most: int) -> int:
    """The number of a column's next iteration. An iteration that failed keeps its place, for a retry, until the column
    is full; then the oldest such place is given away. Raises ColumnFull."""
    number = max((place.number for place in taken), default=0) + 1
    if number <= most:
        return number
    vacant = min((place.number for place in taken if place.vacant and place.number > 0), default=None)
    if vacant is None:
        raise ColumnFull(most)
    return vacant


@dataclass(frozen=True, slots=True)
class Step:
    """A take as a branch needs it. outcome: kept, rejected, failed or empty."""

    id: uuid.UUID
    parent_id: uuid.UUID | None
    request: str
    image: uuid.UUID | None
    outcome: str = ""


def branch_of(steps: Mapping[uuid.UUID, Step], start: uuid.UUID) -> list[Step]:
    """The way from the original to a step, that step included; from the first one still known when some are gone."""
    way: list[Step] = []
    seen: set[uuid.UUID] = set()
    at: uuid.UUID | None = start
    while at is not None and at in steps and at not in seen:
        seen.add(at)
        way.append(steps[at])
        at = steps[at].parent_id
    return way[::-1]


def window(branch: Sequence[Step], most: int) -> list[Step]:
    """The last turns of a branch, oldest first: what the model is reminded of."""
    return list(branch[-most:]) if most > 0 else []


def outcome_of(*, kept: bool, rejected: bool, failed: bool) -> str:
    return "failed" if failed else "rejected" if rejected else "kept" if kept else ""


@dataclass(frozen=True, slots=True)
class Result:
    """A take as the score counts it. price None: it has not cost anything yet."""

    price: Decimal | None
    seconds: float | None
    kept: bool = False
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One column's row. seconds: the mean of what was timed, None before."""

    price: Decimal
    seconds: float | None
    kept: int
    rejected: int
    lowest: bool = False
    fastest: bool = False


def scores(columns: Sequence[Sequence[Result]]) -> list[Score]:
    """Each column's score. "lowest" and "fastest" are said of one column only, and only against others."""
    rows = [_score(results) for results in columns]
    cheapest = _only_best([row.price if row.seconds is not None else None for row in rows])
    quickest = _only_best([row.seconds for row in rows])
    return [
        Score(row.price, row.seconds, row.kept, row.rejected, lowest=at == cheapest, fastest=at == quickest)
        for at, row in enumerate(rows)
    ]


def _score(results: Iterable[Result]) -> Score:
    all_of_them = list(results)
    timed = [each.seconds for each in all_of_them if each.seconds is not None]
    return Score(
        price=sum((each.price for each in all_of_them if each.price is not None), Decimal(0)),
        seconds=sum(timed) / len(timed) if timed else None,
        kept=sum(each.kept for each in all_of_them),
        rejected=sum(each.rejected for each in all_of_them),
    )


def _only_best(values: Sequence[Any]) -> int | None:
    """Where the least value stands, if there is more than one value and only one least."""
    given = sorted(value for value in values if value is not None)
    if len(given) < 2 or given[0] == given[1]:
        return None
    return list(values).index(given[0])
