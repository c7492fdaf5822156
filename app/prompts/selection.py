"""Several options of one group at once: `{2$$a|b|c}`, every order counted, no option twice.

The number of ways to take k options in order, when option i itself has s_i texts, is k! times the k-th elementary
symmetric polynomial of the sizes. Taking an option away divides its factor (1 + s_i x) out again, which is how the
selection with a given number is found step by step. Options of equal size are interchangeable in all this.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import factorial, perm
from random import Random
from typing import TypeAlias

from app.prompts.options import Options, size_of
from app.prompts.spaces import Space, Values, pick

Taken: TypeAlias = dict[int, list[int]]
"""The positions of the options already taken, in order, by their size."""

TRIES = 20


class Selection(Space):
    """Ordered selections of `low` to `high` options; the shorter ones come first, then as in a dictionary."""

    __slots__ = ("_blocks", "_high", "_items", "_low", "_options", "_positions", "_separator", "_symmetric")

    def __init__(self, options: Options, *, low: int, high: int, separator: str) -> None:
        self._options, self._items, self._positions = options, options.items, options.positions
        self._low, self._high, self._separator = low, high, separator
        self._symmetric = _symmetric({size: len(where) for size, where in self._positions.items()}, high)
        self._blocks = [factorial(k) * self._symmetric[k] for k in range(low, high + 1)]
        self.size = sum(self._blocks)
        self.longest = high * options.longest + max(high - 1, 0) * len(separator)
        self.pure = options.pure

    def text(self, index: int, values: Values) -> str:
        count = self._low
        for block in self._blocks:
            if index < block:
                break
            index -= block
            count += 1
        if words := self._options.words:
            return self._join(_arrangement(words, index, count))
        chosen = []
        taken: Taken = {}
        symmetric = self._symmetric
        for left in range(count - 1, -1, -1):
            units = self._units(symmetric, taken, left)
            position = self._find(index, units, taken)
            index -= self._before(position, units, taken)
            item = self._items[position]
            size = size_of(item)
            variant, index = divmod(index, units[size])
            insort(taken.setdefault(size, []), position)
            symmetric = _without(symmetric, size, left)
            chosen.append(item if isinstance(item, str) else item.text(variant, values))
        return self._join(chosen)

    def texts(self) -> Iterator[str]:
        texts = [[item] if isinstance(item, str) else list(item.texts()) for item in self._items]

        def longer(words: list[str], taken: list[int], left: int) -> Iterator[str]:
            if not left:
                yield self._join(words)
                return
            for position, variants in enumerate(texts):
                if position not in taken:
                    for variant in variants:
                        yield from longer([*words, variant], [*taken, position], left - 1)

        for count in range(self._low, self._high + 1):
            yield from longer([], [], count)

    def draw(self, chance: Random) -> int:
        count = self._low + int(chance.random() * (self._high - self._low + 1))
        index = sum(self._blocks[: count - self._low])
        taken: Taken = {}
        symmetric = self._symmetric
        for left in range(count - 1, -1, -1):
            units = self._units(symmetric, taken, left)
            position = self._draw_untaken(taken, chance)
            item = self._items[position]
            size = size_of(item)
            variant = 0 if isinstance(item, str) else item.draw(chance)
            index += self._before(position, units, taken) + variant * units[size]
            insort(taken.setdefault(size, []), position)
            symmetric = _without(symmetric, size, left)
        return index

    def _join(self, words: Sequence[str]) -> str:
        return self._separator.join(word for word in words if word)

    def _units(self, symmetric: Sequence[int], taken: Taken, left: int) -> dict[int, int]:
        """For each size still to be had: the ways to go on with `left` more options after one of that size."""
        return {
            size: factorial(left) * _without(symmetric, size, left)[left]
            for size, where in self._positions.items()
            if len(where) > len(taken.get(size, ()))
        }

    def _before(self, position: int, units: dict[int, int], taken: Taken) -> int:
        """How many selections go on with an untaken option that stands before `position`."""
        return sum(
            size * unit * (bisect_left(self._positions[size], position) - bisect_left(taken.get(size, ()), position))
            for size, unit in units.items()
        )

    def _find(self, index: int, units: dict[int, int], taken: Taken) -> int:
        """The option under which selection `index` falls: the last position with no more than `index` before it."""
        low, high = 0, len(self._items) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._before(middle, units, taken) <= index:
                low = middle
            else:
                high = middle - 1
        return low

    def _draw_untaken(self, taken: Taken, chance: Random) -> int:
        gone = {position for positions in taken.values() for position in positions}
        for _ in range(TRIES):
            position = pick(self._options.steps, chance)
            if position not in gone:
                return position
        # the options taken outweigh the rest: look at the rest alone
        rest = [position for position in range(len(self._items)) if position not in gone]
        weights = (self._options.weights[self._items[position]] for position in rest)
        return rest[pick(list(accumulate(weights)), chance)]


def _arrangement(words: Sequence[str], index: int, count: int) -> list[str]:
    """Arrangement number `index` of `count` of the words: what `text` finds, the short way for plain words."""
    taken: list[int] = []
    chosen = []
    for left in range(count - 1, -1, -1):
        position, index = divmod(index, perm(len(words) - len(taken) - 1, left))
        for earlier in taken:
            if earlier > position:
                break
            position += 1
        insort(taken, position)
        chosen.append(words[position])
    return chosen


def _symmetric(numbers: dict[int, int], most: int) -> list[int]:
    """The coefficients 0 to `most` of the product of (1 + size x)^number."""
    product = [1] + [0] * most
    for size, number in numbers.items():
        factor = [1]
        for k in range(1, min(number, most) + 1):
            factor.append(factor[-1] * size * (number - k + 1) // k)
        product = [sum(product[k - j] * factor[j] for j in range(min(k + 1, len(factor)))) for k in range(most + 1)]
    return product


def _without(symmetric: Sequence[int], size: int, most: int) -> list[int]:
    """The coefficients 0 to `most` after dividing one factor (1 + size x) out."""
    quotient = [1]
    for k in range(1, most + 1):
        quotient.append(symmetric[k] - size * quotient[-1])
    return quotient
