"""A choice as a numbered set of texts: how many there are, which one has number n, which one chance picks.

Nothing here is ever written out in full: the number of a text is read digit by digit, the right-most choice being the
lowest digit, so the last of 10^12 combinations costs what the first does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from random import Random
from typing import TypeAlias, cast

from app.prompts.tidy import join

Values: TypeAlias = Mapping[str, str]
"""What each variable is set to."""


class Space(ABC):
    """Texts numbered from 0 to size - 1.

    longest: no text has more characters than this.
    pure: no text depends on a variable set outside.
    """

    __slots__ = ("longest", "pure", "size")
    size: int
    longest: int
    pure: bool

    @abstractmethod
    def text(self, index: int, values: Values) -> str:
        """Text number `index`; the caller keeps 0 <= index < size."""

    @abstractmethod
    def draw(self, chance: Random) -> int:
        """The number of a text picked by weight."""

    def texts(self) -> Iterator[str]:
        """All texts in order; only for small pure spaces."""
        return (self.text(index, {}) for index in range(self.size))


class Constant(Space):
    __slots__ = ("_text",)

    def __init__(self, text: str, *, pure: bool = True) -> None:
        self._text = text
        self.size, self.longest, self.pure = 1, len(text), pure

    def text(self, index: int, values: Values) -> str:
        return self._text

    def draw(self, chance: Random) -> int:
        return 0


class Listing(Space):
    """Different plain texts with their weights."""

    __slots__ = ("_steps", "entries", "weights")

    def __init__(self, texts: Sequence[str], weights: Sequence[float]) -> None:
        self.entries, self.weights = texts, weights
        self._steps = list(accumulate(weights))
        self.size, self.longest, self.pure = len(texts), max(map(len, texts)), True

    def texts(self) -> Iterator[str]:
        return iter(self.entries)

    def text(self, index: int, values: Values) -> str:
        return self.entries[index]

    def draw(self, chance: Random) -> int:
        return pick(self._steps, chance)


class Union(Space):
    """One of several spaces: the numbers of the first, then those of the second, and so on."""

    __slots__ = ("_starts", "_steps", "spaces", "weights")

    def __init__(self, spaces: Sequence[Space], weights: Sequence[float]) -> None:
        self.spaces, self.weights = spaces, weights
        self._starts = [0, *accumulate(space.size for space in spaces)]
        self._steps = list(accumulate(weights))
        self.size = self._starts[-1]
        self.longest = max(space.longest for space in spaces)
        self.pure = all(space.pure for space in spaces)

    def text(self, index: int, values: Values) -> str:
        which = bisect_right(self._starts, index) - 1
        return self.spaces[which].text(index - self._starts[which], values)

    def draw(self, chance: Random) -> int:
        which = pick(self._steps, chance)
        return self._starts[which] + self.spaces[which].draw(chance)

    def texts(self) -> Iterator[str]:
        return chain.from_iterable(space.texts() for space in self.spaces)


class Distinct(Space):
    """A small space written out, its equal texts once; chance still goes by the weights of the original."""

    __slots__ = ("_entries", "_ranks", "original")

    def __init__(self, original: Space) -> None:
        numbers: dict[str, int] = {}
        self._ranks = [numbers.setdefault(text, len(numbers)) for text in original.texts()]
        self.original = original
        self._entries = list(numbers)
        self.size, self.longest, self.pure = len(numbers), original.longest, True

    def text(self, index: int, values: Values) -> str:
        return self._entries[index]

    def draw(self, chance: Random) -> int:
        return self._ranks[self.original.draw(chance)]


class Given(Space):
    """A wildcard with its arguments: `__coat(season=winter)__`."""

    __slots__ = ("_arguments", "_space")

    def __init__(self, space: Space, arguments: Values) -> None:
        self._space, self._arguments = space, arguments
        self.size, self.longest, self.pure = space.size, space.longest, False

    def text(self, index: int, values: Values) -> str:
        return self._space.text(index, {**values, **self._arguments})

    def draw(self, chance: Random) -> int:
        return self._space.draw(chance)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a row that a space fills; with a name, it sets that variable and writes nothing.

    label: the choice as typed. start: its offset in the template.
    """

    space: Space
    label: str
    start: int
    sets: str | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """A place in a row where a variable is written."""

    name: str


Part: TypeAlias = str | Slot | Recall


class Row(Space):
    """Prose, choices and variables after each other; the right-most choice varies fastest."""

    __slots__ = ("_fills", "_is_plain", "parts", "slot_positions", "slots")

    def __init__(self, parts: Sequence[Part], *, size: int, longest: int, pure: bool) -> None:
        self.parts = parts
        self.slots = [part for part in parts if isinstance(part, Slot)]
        self.slot_positions = [position for position, part in enumerate(parts) if isinstance(part, Slot)]
        self._is_plain = not any(isinstance(part, Recall) or (isinstance(part, Slot) and part.sets) for part in parts)
        self._fills = [slot.space for slot in self.slots]
        self.size, self.longest, self.pure = size, longest, pure

    def digits(self, index: int) -> list[int]:
        """Which text each slot gives in combination number `index`."""
        digits = []
        for space in reversed(self._fills):
            index, digit = divmod(index, space.size)
            digits.append(digit)
        digits.reverse()
        return digits

    def index(self, digits: Sequence[int]) -> int:
        """The number of the combination in which slot i gives text digits[i]."""
        index = 0
        for slot, digit in zip(self.slots, digits, strict=True):
            index = index * slot.space.size + digit
        return index

    def pieces(self, digits: Sequence[int], values: Values) -> tuple[list[str], list[str]]:
        """What stands in each part, and what each slot chose (also those that write nothing)."""
        if self._is_plain:  # the common case, several times as fast
            chosen = [space.text(digit, values) for space, digit in zip(self._fills, digits, strict=True)]
            filled = list(self.parts)
            for position, text in zip(self.slot_positions, chosen, strict=True):
                filled[position] = text
            return cast("list[str]", filled), chosen
        pieces: list[str] = []
        chosen = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(part)
            elif isinstance(part, Slot):
                text = part.space.text(digits[len(chosen)], values)
                chosen.append(text)
                pieces.append("" if part.sets else text)
                if part.sets:
                    values = {**values, part.sets: text}
            else:
                pieces.append(values[part.name])
        return pieces, chosen

    def text(self, index: int, values: Values) -> str:
        return join(self.pieces(self.digits(index), values)[0])

    def draw(self, chance: Random) -> int:
        return self.index([slot.space.draw(chance) for slot in self.slots])


def pick(steps: Sequence[float], chance: Random) -> int:
    """A position, by the running totals of its weights."""
    return min(bisect_right(steps, chance.random() * steps[-1]), len(steps) - 1)
