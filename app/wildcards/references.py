"""Which entries of wildcard files name a wildcard that is not there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from app.prompts.grammar import Binding, Body, Group, Reference, Wildcard
from app.prompts.wildcards import WildcardSet


class Dangling(NamedTuple):
    """A reference that leads nowhere; line and column as in MacroError."""

    path: str
    line: int
    column: int
    name: str


def dangling(wildcards: WildcardSet, *, except_in: Collection[str] = ()) -> list[Dangling]:
    """The references of all files but some that match no wildcard, by file and line.

    Raises MacroError for an entry that cannot be read at all.
    """
    found = set()
    for name in wildcards.names:
        for wildcard in wildcards.matching(name):
            if wildcard.path in except_in:
                continue
            for _, option in wildcard.options():
                if isinstance(option, str):
                    continue
                for reference in _references(option.body):
                    if not wildcards.matching(reference.name):
                        found.add(Dangling(wildcard.path, *option.position(reference.start), reference.name))
    return sorted(found)


def _references(body: Body) -> Iterator[Wildcard]:
    for node in body:
        if isinstance(node, Wildcard):
            yield node
        elif isinstance(node, Binding):
            yield from _references(node.value)
        elif isinstance(node, Reference):
            yield from _references(node.default or ())
        elif isinstance(node, Group):
            for option in node.options:
                yield from _references(option.body)
