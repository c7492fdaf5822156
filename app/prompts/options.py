"""From options to a choice: equal ones joined, and what is worth knowing about them worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

from app.prompts.spaces import Constant, Distinct, Listing, Space, Union

Item: TypeAlias = str | Space
"""An option: plain words, or a space when it has choices of its own."""

LISTED = 64
"""A choice with no more results than this is written out, so that equal ones count once whatever their route."""


class Options:
    """What a selection takes from, with everything about it that does not depend on how many are taken."""

    def __init__(self, weights: Mapping[Item, float]) -> None:
        self.weights = weights
        self.items = list(weights)
        words = [item for item in self.items if isinstance(item, str)]
        self.words = words if len(words) == len(self.items) else None  # if all are plain
        self.steps = list(accumulate(weights.values()))
        self.positions = _positions_by_size(self.items)
        self.longest = max((len(item) if isinstance(item, str) else item.longest for item in self.items), default=0)
        self.pure = all(isinstance(item, str) or item.pure for item in self.items)
        self.largest = max(self.positions, default=1)

    def __len__(self) -> int:
        return len(self.items)

    def never_join_alike(self, separator: str) -> bool:
        """Whether no two selections can read the same."""
        return bool(separator) and self.words is not None and all(separator not in word for word in self.words)


def merged(pairs: Iterable[tuple[Item, float]]) -> dict[Item, float]:
    """Equal words are one option, with their weights added."""
    weights: dict[Item, float] = {}
    for item, weight in pairs:
        weights[item] = weights.get(item, 0.0) + weight
    return weights


def one_of(options: dict[Item, float]) -> Space:
    """The space of taking one of at least one option."""
    items, weights = list(options), list(options.values())
    if all(isinstance(item, str) for item in items):
        texts = [item for item in items if isinstance(item, str)]
        return Listing(texts, weights) if len(texts) > 1 else Constant(texts[0])
    spaces = [Constant(item) if isinstance(item, str) else item for item in items]
    return distinct(Union(spaces, weights)) if len(spaces) > 1 else spaces[0]


def distinct(space: Space) -> Space:
    """The space with its equal results once, as far as it is small enough to tell."""
    return Distinct(space) if space.pure and 1 < space.size <= LISTED else space


def plain(space: Space) -> Item:
    """The words themselves, if there are no others to be had; as words, equal options find each other."""
    return space.text(0, {}) if isinstance(space, Constant) and space.pure else space


def options_of(space: Space) -> dict[Item, float]:
    """The options a space was made from."""
    if isinstance(space, Distinct):
        space = space.original
    if isinstance(space, Listing):
        return dict(zip(space.entries, space.weights, strict=True))
    if isinstance(space, Union):
        return merged(zip(map(plain, space.spaces), space.weights, strict=True))
    return {plain(space): 1.0}


def size_of(item: Item) -> int:
    return 1 if isinstance(item, str) else item.size


def _positions_by_size(items: Sequence[Item]) -> dict[int, Sequence[int]]:
    if all(isinstance(item, str) for item in items):
        return {1: range(len(items))}
    by_size: dict[int, list[int]] = {}
    for position, item in enumerate(items):
        by_size.setdefault(size_of(item), []).append(position)
    return dict(by_size)
