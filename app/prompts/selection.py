"""Several options of one group at once: `{2$$a|b|c}`, every order counted, no option twice.

The number of ways to take k options in order, when option i itself has s_i texts, is k! times the k-th elementary
symmetric polynomial of the sizes. Options of equal size are interchangeable in it, so they are kept as classes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeAlias

from app.prompts.spaces import Space, Values, pick

Item: TypeAlias = str | Space
Classes: TypeAlias = tuple[tuple[int, int], ...]
"""How many untaken options there are of each size: ((size, number), ...)."""

TRIES = 20


class Selection(Space):
    """Ordered selections of `low` to `high` of the items; the shorter ones come first, then as in a dictionary."""

    __slots__ = (
        "_blocks",
        "_classes",
        "_high",
        "_items",
        "_low",
        "_positions",
        "_separator",
        "_steps",
        "_ways",
        "_weights",
    )

    def __init__(self, items: Sequence[Item], weights: Sequence[float], *, low: int, high: int, separator: str) -> None:
        self._items, self._weights, self._separator = items, weights, separator
        self._low, self._high = low, high
        self._steps = list(accumulate(weights))
        self._positions: dict[int, Sequence[int]] = {}
        if all(isinstance(item, str) for item in items):
            self._positions[1] = range(len(items))
        else:
            by_size: dict[int, list[int]] = {}
            for position, item in enumerate(items):
                by_size.setdefault(_size(item), []).append(position)
            self._positions.update(by_size)
        self._classes: Classes = tuple((size, len(where)) for size, where in self._positions.items())
        self._ways: dict[tuple[Classes, int], int] = {}
        totals = _ordered_selections(self._classes, high)
        self._blocks = totals[low : high + 1]
        self.size = sum(self._blocks)
        longest = max((len(item) if isinstance(item, str) else item.longest for item in items), default=0)
        self.longest = high * longest + max(high - 1, 0) * len(separator)
        self.pure = all(isinstance(item, str) or item.pure for item in items)

    def text(self, index: int, values: Values) -> str:
        count = self._low
        for block in self._blocks:
            if index < block:
                break
            index -= block
            count += 1
        words = []
        taken: dict[int, list[int]] = {}
        for left in range(count, 0, -1):
            units = self._units(taken, left - 1)
            position = self._find(index, units, taken)
            index -= self._before(position, units, taken)
            item = self._items[position]
            variant, index = divmod(index, units[_size(item)])
            insort(taken.setdefault(_size(item), []), position)
            words.append(item if isinstance(item, str) else item.text(variant, values))
        return self._separator.join(word for word in words if word)

    def draw(self, chance: Random) -> int:
        count = self._low + int(chance.random() * (self._high - self._low + 1))
        index = sum(self._blocks[: count - self._low])
        taken: dict[int, list[int]] = {}
        for left in range(count, 0, -1):
            position = self._draw_untaken(taken, chance)
            units = self._units(taken, left - 1)
            item = self._items[position]
            variant = 0 if isinstance(item, str) else item.draw(chance)
            index += self._before(position, units, taken) + variant * units[_size(item)]
            insort(taken.setdefault(_size(item), []), position)
        return index

    def _units(self, taken: dict[int, list[int]], left: int) -> dict[int, int]:
        """For each size: the ways to go on with `left` more options after taking one of that size."""
        rest = {size: number - len(taken.get(size, ())) for size, number in self._classes}
        units = {}
        for size, number in rest.items():
            if number > 0:
                classes = tuple((s, n - (s == size)) for s, n in rest.items()) if left else ()
                if (classes, left) not in self._ways:
                    self._ways[classes, left] = _ordered_selections(classes, left)[left]
                units[size] = self._ways[classes, left]
        return units

    def _before(self, position: int, units: dict[int, int], taken: dict[int, list[int]]) -> int:
        """How many selections go on with an untaken option that stands before `position`."""
        return sum(
            size * unit * (bisect_left(self._positions[size], position) - bisect_left(taken.get(size, ()), position))
            for size, unit in units.items()
        )

    def _find(self, index: int, units: dict[int, int], taken: dict[int, list[int]]) -> int:
        """The option under which selection `index` falls: the last position with no more than `index` before it."""
        low, high = 0, len(self._items) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._before(middle, units, taken) <= index:
                low = middle
            else:
                high = middle - 1
        return low

    def _draw_untaken(self, taken: dict[int, list[int]], chance: Random) -> int:
        gone = {position for positions in taken.values() for position in positions}
        for _ in range(TRIES):
            position = pick(self._steps, chance)
            if position not in gone:
                return position
        # the options taken outweigh the rest: look at the rest alone
        rest = [position for position in range(len(self._items)) if position not in gone]
        return rest[pick(list(accumulate(self._weights[position] for position in rest)), chance)]


def _size(item: Item) -> int:
    return 1 if isinstance(item, str) else item.size


def _ordered_selections(classes: Classes, most: int) -> list[int]:
    """The number of ways to take 0, 1, ... `most` options in order, with the texts of each."""
    symmetric = [1] + [0] * most
    for size, number in classes:
        factor = [1]  # the coefficients of (1 + size x)^number
        for k in range(1, min(number, most) + 1):
            factor.append(factor[-1] * size * (number - k + 1) // k)
        symmetric = [
            sum(symmetric[k - j] * factor[j] for j in range(min(k, len(factor) - 1) + 1)) for k in range(most + 1)
        ]
    ways, factorial = [], 1
    for k, value in enumerate(symmetric):
        factorial *= k or 1
        ways.append(value * factorial)
    return ways
