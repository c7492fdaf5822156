"""A workspace's wildcards: named lists of entries, found by name or by a pattern of names."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from app.prompts.errors import MacroError
from app.prompts.grammar import Template, parse_option

MAX_NAMES = 5_000
MAX_ENTRIES = 100_000
_SPECIAL = frozenset("{}$\\|_#:\n")  # without one of these an entry is plain words


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a wildcard file; line and column are where its text starts, from 1."""

    text: str
    line: int
    column: int


@dataclass(slots=True, eq=False)
class Wildcard:
    """A named list. Entries are read when they are first wanted, and then once."""

    name: str
    path: str
    entries: tuple[Entry, ...]
    _options: tuple[tuple[float, Template | str], ...] | None = field(default=None, repr=False)

    def options(self) -> tuple[tuple[float, Template | str], ...]:
        """Each entry with its weight, plain words as they are. Raises MacroError with the place in the file."""
        if self._options is None:
            self._options = tuple(self._option(entry) for entry in self.entries)
        return self._options

    def _option(self, entry: Entry) -> tuple[float, Template | str]:
        if _SPECIAL.isdisjoint(entry.text):
            return 1.0, entry.text
        return parse_option(entry.text, line=entry.line, column=entry.column, path=self.path)


class WildcardSet:
    """Immutable. Keep one for a workspace as long as its files stay the same: what was worked out is remembered."""

    def __init__(self, wildcards: Iterable[Wildcard] = (), *, aliases: Iterable[tuple[str, Wildcard]] = ()) -> None:
        """aliases: further names, used where no wildcard has that name itself."""
        self._by_name: dict[str, Wildcard] = {}
        for wildcard in wildcards:
            if other := self._by_name.get(wildcard.name):
                raise MacroError(
                    "duplicate_wildcard",
                    f"the name {wildcard.name} is already taken by {other.path}; rename one of them.",
                    line=wildcard.entries[0].line if wildcard.entries else 1,
                    path=wildcard.path,
                )
            self._by_name[wildcard.name] = wildcard
        self.names = sorted(self._by_name)
        self._segments = [(name, name.split("/")) for name in self.names]
        self._aliases = {name: wildcard for name, wildcard in aliases if name not in self._by_name}
        entries = sum(len(wildcard.entries) for wildcard in self._by_name.values())
        if len(self._by_name) > MAX_NAMES or entries > MAX_ENTRIES:
            raise MacroError(
                "too_many_entries",
                f"A workspace holds {MAX_NAMES:,} wildcards with {MAX_ENTRIES:,} entries in all; remove some files.",
                path=max(self._by_name.values(), key=lambda wildcard: len(wildcard.entries)).path,
            )
        self.memory: dict[Hashable, Any] = {}  # the planner's, for wildcards that depend on no variable

    def __len__(self) -> int:
        return len(self._by_name)

    def matching(self, pattern: str) -> list[Wildcard]:
        """The wildcards a reference means, by name; `*` stands for anything within a folder, `**` for any folders."""
        if "*" not in pattern:
            found = self._by_name.get(pattern) or self._aliases.get(pattern)
            return [found] if found else []
        wanted = pattern.split("/")
        return [self._by_name[name] for name, segments in self._segments if _matches(wanted, segments)]

    def nearest(self, pattern: str) -> list[str]:
        """Up to three known names that look like the one asked for."""
        candidates = self.names[:1000]  # comparing spellings is slow, and a hint need not be perfect
        plain = pattern.replace("*", "")
        last = plain.rsplit("/", 1)[-1]
        namesakes = [name for name in candidates if name.rsplit("/", 1)[-1] == last]
        alike = get_close_matches(plain, candidates, n=3, cutoff=0.6)
        return list(dict.fromkeys([*namesakes, *alike]))[:3]


def _matches(pattern: list[str], name: list[str]) -> bool:
    """Whether path segments fit a pattern; on a mismatch only the last `**` is tried further, so it stays quick."""
    at_pattern = at_name = 0
    star, resume = -1, 0
    while at_name < len(name):
        if at_pattern < len(pattern) and pattern[at_pattern] == "**":
            star, resume = at_pattern, at_name
            at_pattern += 1
        elif at_pattern < len(pattern) and _segment_matches(pattern[at_pattern], name[at_name]):
            at_pattern += 1
            at_name += 1
        elif star >= 0:
            resume += 1
            at_pattern, at_name = star + 1, resume
        else:
            return False
    return all(segment == "**" for segment in pattern[at_pattern:])


def _segment_matches(pattern: str, name: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *middle, last = rest
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    position, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
