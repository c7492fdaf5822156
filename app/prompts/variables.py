"""Which variables a template reads: only those make a difference when they are set."""

from __future__ import annotations

from app.prompts.grammar import Binding, Body, Group, Reference, Wildcard
from app.prompts.wildcards import WildcardSet


def reads(body: Body, wildcards: WildcardSet) -> frozenset[str]:
    """The names a body may read, also through the wildcards it leads to."""
    names: set[str] = set()
    patterns: set[str] = set()
    _collect(body, names, patterns)
    waiting, seen = list(patterns), set(patterns)
    while waiting:
        direct, onward = _of_pattern(waiting.pop(), wildcards)
        names |= direct
        waiting += onward - seen
        seen |= onward
    return frozenset(names)


def used_bindings(body: Body, wildcards: WildcardSet) -> frozenset[int]:
    """The offsets of the `${x=...}` in a body that something after them reads before x is set again."""
    used: set[int] = set()
    if not any(isinstance(node, Binding) for node in body):
        return frozenset()
    wanted: set[str] = set()
    for node in reversed(body):
        if not isinstance(node, Binding):
            wanted |= reads((node,), wildcards)
        elif node.name in wanted:
            used.add(node.start)
            wanted.discard(node.name)
            wanted |= reads(node.value, wildcards)
    return frozenset(used)


def _of_pattern(pattern: str, wildcards: WildcardSet) -> tuple[frozenset[str], frozenset[str]]:
    """What the entries of the wildcards behind a reference read themselves: variables, and further references."""
    key = ("reads", pattern)
    if key not in wildcards.memory:
        names: set[str] = set()
        patterns: set[str] = set()
        for wildcard in wildcards.matching(pattern):
            for _, option in wildcard.options():
                if not isinstance(option, str):
                    _collect(option.body, names, patterns)
        wildcards.memory[key] = frozenset(names), frozenset(patterns)
    found: tuple[frozenset[str], frozenset[str]] = wildcards.memory[key]
    return found


def _collect(body: Body, names: set[str], patterns: set[str]) -> None:
    for node in body:
        if isinstance(node, Reference):
            names.add(node.name)
            _collect(node.default or (), names, patterns)
        elif isinstance(node, Binding):
            _collect(node.value, names, patterns)
        elif isinstance(node, Group):
            for option in node.options:
                _collect(option.body, names, patterns)
        elif isinstance(node, Wildcard):
            patterns.add(node.name)
