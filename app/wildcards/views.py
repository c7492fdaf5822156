"""Wildcard files as their pages show them: how to write each list in a prompt, and what it begins with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from app.prompts.wildcards import WildcardSet
from app.wildcards import queries
from app.wildcards.models import WildcardFile

SHOWN_LISTS = 4
SHOWN_ENTRIES = 4


@dataclass(frozen=True, slots=True)
class ListView:
    """One list of a file. reference: what to type in a prompt. sample: its first entries."""

    reference: str
    entries: int
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """more: how many lists of the file are not shown."""

    id: uuid.UUID
    path: str
    entries: int
    lists: tuple[ListView, ...]
    more: int


def shelf_view(workspace_id: uuid.UUID, wildcards: WildcardSet) -> list[FileView]:
    """Every file of a workspace with its first lists."""
    lists = lists_by_path(wildcards)
    return [_file_view(file, lists.get(file.path, [])) for file in queries.files_of(workspace_id)]


def lists_by_path(wildcards: WildcardSet) -> dict[str, list[ListView]]:
    """The lists of each file, by the file's path."""
    lists: dict[str, list[ListView]] = {}
    for name in wildcards.names:
        for source in wildcards.matching(name):
            sample = tuple(entry.text for entry in source.entries[:SHOWN_ENTRIES])
            lists.setdefault(source.path, []).append(ListView(f"__{name}__", len(source.entries), sample))
    return lists


def _file_view(file: WildcardFile, lists: list[ListView]) -> FileView:
    shown = tuple(lists[:SHOWN_LISTS])
    return FileView(file.id, file.path, file.entries, shown, len(lists) - len(shown))
