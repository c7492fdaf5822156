"""The wildcards of the workspaces at work, read once for a process."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict

from flask import current_app

from app.prompts.wildcards import WildcardSet

# An entry takes about 200 bytes as plain words and 1.5 kB once read as a macro: 40 to 300 MB at the very most.
MOST_ENTRIES = 200_000
MOST_SETS = 256
# A set remembers what it worked out for each pattern such as __animals/*__. People try a few, a script thousands.
MOST_PATTERNS = 50


class ReadSets:
    """The sets used last, by workspace and version; as many as hold MOST_ENTRIES entries together."""

    def __init__(self, *, most_sets: int = MOST_SETS, most_entries: int = MOST_ENTRIES) -> None:
        self._most_sets, self._most_entries = most_sets, most_entries
        self._kept: OrderedDict[uuid.UUID, tuple[uuid.UUID, WildcardSet, int]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, workspace_id: uuid.UUID, version: uuid.UUID) -> WildcardSet | None:
        with self._lock:
            kept = self._kept.get(workspace_id)
            if kept is None or kept[0] != version or _is_overgrown(kept[1]):
                return None
            self._kept.move_to_end(workspace_id)
            return kept[1]

    def keep(self, workspace_id: uuid.UUID, version: uuid.UUID, wildcards: WildcardSet) -> None:
        entries = sum(len(source.entries) for name in wildcards.names for source in wildcards.matching(name))
        with self._lock:
            self._kept[workspace_id] = (version, wildcards, entries)
            self._kept.move_to_end(workspace_id)
            while len(self._kept) > 1 and self._is_full():
                self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)

    def _is_full(self) -> bool:
        return len(self._kept) > self._most_sets or sum(each for *_, each in self._kept.values()) > self._most_entries


def read_sets() -> ReadSets:
    """What the running app remembers."""
    found: ReadSets = current_app.extensions["wildcard_sets"]
    return found


def _is_overgrown(wildcards: WildcardSet) -> bool:
    """Whether a set remembers so much about patterns and unknown names that it is better read anew."""
    memory = wildcards.memory
    if len(memory) <= MOST_PATTERNS:
        return False
    names = [str(key[1]) if isinstance(key, tuple) else str(key) for key in list(memory)]
    return sum("*" in name for name in names) > MOST_PATTERNS or len(names) > 8 * (len(wildcards) + MOST_PATTERNS)
