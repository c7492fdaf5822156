"""From a plan to prompts: all of them, or some that stand for the rest.

Every result carries its number among all combinations (the right-most choice varies fastest), so whatever the way it
was found, `nth(plan, index)` makes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import lcm
from random import Random
from typing import NamedTuple

from app.prompts.errors import TooManyCombinations
from app.prompts.plan import Plan
from app.prompts.spaces import Row
from app.prompts.tidy import join, join_with_spans

TRIES = 2
SPARE_TRIES = 50
"""How often chance is asked, for each combination wanted and in all, before the rest is taken without weights."""


class How(Enum):
    """Which of the combinations to make."""

    ALL = "all"
    EVEN = "even"  # spread so that every choice shows its options about equally often
    RANDOM = "random"  # by weight, from a seed
    CYCLICAL = "cyclical"  # every choice goes one option on each time


class Choice(NamedTuple):
    """What one choice of the template came to.

    label: the choice as typed. position: its offset in the template.
    start, end: where the text stands in the prompt; equal when it writes nothing there (an empty option, `${x=...}`).
    """

    label: str
    position: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Expansion:
    """One prompt and its number among all combinations."""

    index: int
    prompt: str
    _row: Row = field(repr=False, compare=False)
    _pieces: Sequence[str] = field(repr=False, compare=False)
    _texts: Sequence[str] = field(repr=False, compare=False)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What each choice came to, in the order of the template; built when asked for, as thousands rarely are."""
        spans = join_with_spans(self._pieces)[1]
        places = [spans[position] for position in self._row.slot_positions]
        slots = zip(self._row.slots, self._texts, places, strict=True)
        return tuple(Choice(slot.label, slot.start, text, start, end) for slot, text, (start, end) in slots)


def nth(plan: Plan, index: int) -> Expansion:
    """Combination number `index`. Raises IndexError unless 0 <= index < plan.total."""
    if not 0 <= index < plan.total:
        raise IndexError(f"there are {plan.total} combinations, numbered from 0, and no number {index}")
    row = plan.row
    pieces, texts = row.pieces(row.digits(index), {})
    return Expansion(index, join(pieces), row, pieces, texts)


def expand(plan: Plan, limit: int) -> list[Expansion]:
    """All combinations in order. Raises TooManyCombinations before the first one when there are more than `limit`."""
    if plan.total > limit:
        raise TooManyCombinations(plan.total, limit)
    return [nth(plan, index) for index in range(plan.total)]


def sample(plan: Plan, n: int, how: How = How.EVEN, *, seed: int = 0) -> list[Expansion]:
    """`n` prompts, different ones as far as there are so many (CYCLICAL goes round and round).

    ALL raises TooManyCombinations if there are more than `n`. The order is that of the numbers for EVEN, of chance for
    RANDOM, of the steps for CYCLICAL. The same plan, n and seed give the same prompts.
    """
    if how is How.ALL:
        return expand(plan, n)
    if how is How.EVEN:
        numbers = even_numbers(plan, n)
    elif how is How.RANDOM:
        numbers = random_numbers(plan, n, seed)
    else:
        numbers = cyclical_numbers(plan, n)
    return [nth(plan, number) for number in numbers]


def even_numbers(plan: Plan, n: int) -> list[int]:
    """min(n, total) different combinations in which each choice shows its options about equally often.

    A choice with at least n options takes n of them at equal distances. The others go round in step, one of them
    held back by one each time all before it and itself have come round together, which meets every combination once.
    """
    n = min(n, plan.total)
    sizes = [slot.space.size for slot in plan.row.slots]
    numbers = []
    for i in range(n):
        digits = []
        period = 1
        for size in sizes:
            if size >= n:
                digits.append(i * size // n)
                continue
            step = i % (period * size)
            digits.append((step + step // lcm(period, size)) % size)
            period *= size
        numbers.append(plan.row.index(digits))
    return sorted(numbers)


def random_numbers(plan: Plan, n: int, seed: int) -> list[int]:
    """n combinations drawn by weight, different ones as long as there are any left, then again from the start."""
    chance = Random(seed)
    distinct = min(n, plan.total)
    found: dict[int, None] = {}
    for _ in range(TRIES * distinct + SPARE_TRIES):
        if len(found) == distinct:
            break
        found.setdefault(plan.row.draw(chance))
    missing = distinct - len(found)  # what is left is unlikely by weight, so weights no longer tell
    if missing and plan.total <= 2 * distinct:
        rest = [number for number in range(plan.total) if number not in found]
        found.update(dict.fromkeys(chance.sample(rest, missing)))
    while len(found) < distinct:
        found.setdefault(chance.randrange(plan.total))
    return [*found, *(plan.row.draw(chance) for _ in range(n - distinct))]


def cyclical_numbers(plan: Plan, n: int) -> list[int]:
    sizes = [slot.space.size for slot in plan.row.slots]
    return [plan.row.index([i % size for size in sizes]) for i in range(n)]
