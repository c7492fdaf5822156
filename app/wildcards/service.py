"""What a person can do with wildcard files. Whatever is done, the files of a workspace hold together afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.db import db, insert_once, new_id, rows_changed, utc_now
from app.errors import NotFound
from app.limits import MIB, WILDCARD_BYTES, WILDCARD_FILES, WILDCARD_MARKS
from app.prompts.errors import MacroError
from app.prompts.plan import check
from app.prompts.wildcard_files import read_files
from app.prompts.wildcards import WildcardSet
from app.wildcards import queries
from app.wildcards.aside import aside
from app.wildcards.errors import ChangedMeanwhile, PathTaken, ShelfFull, UnusableWildcards, WildcardInUse
from app.wildcards.forms import WildcardBody
from app.wildcards.models import WildcardFile, WildcardShelf
from app.wildcards.references import dangling
from app.wildcards.sets import read_sets
from app.workspaces import service as workspaces
from app.workspaces.models import Workspace

_TRIES = 5
_MARKS = ("{", "|", "__")


@dataclass(frozen=True)
class _Change:
    """put: texts by path. drop: paths to be gone. moved: the old path of a file by its new one."""

    put: Mapping[str, str] = field(default_factory=dict)
    drop: Collection[str] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    replace: bool = False


def file_for(owner_id: uuid.UUID, file_id: uuid.UUID) -> WildcardFile:
    """The guarded door: a file in one of the person's own workspaces, or NotFound."""
    file = db.session.get(WildcardFile, file_id)
    if file is None:
        raise NotFound("wildcard file")
    try:
        workspaces.workspace_for(owner_id, file.workspace_id)
    except NotFound:
        raise NotFound("wildcard file") from None
    return file


def create(workspace: Workspace, body: WildcardBody) -> WildcardFile:
    """Add a file. Raises PathTaken, UnusableWildcards, ShelfFull."""
    _apply(workspace.id, _Change(put={body.path: body.text}))
    return _file_at(workspace.id, body.path)


def add_files(workspace: Workspace, bodies: Iterable[WildcardBody], *, replace: bool) -> list[WildcardFile]:
    """Add several files at once, which may need each other; those of the same path are replaced, if that is wanted."""
    texts = {body.path: body.text for body in bodies}
    _apply(workspace.id, _Change(put=texts, replace=replace))
    return [_file_at(workspace.id, path) for path in texts]


def change(file: WildcardFile, body: WildcardBody) -> WildcardFile:
    """Give a file another text, another path, or both. Raises WildcardInUse and what `create` does."""
    workspace_id, old = file.workspace_id, file.path
    moved = {body.path: old} if body.path != old else {}
    _apply(workspace_id, _Change(put={body.path: body.text}, drop=set(moved.values()), moved=moved, replace=not moved))
    return _file_at(workspace_id, body.path)


def delete(file: WildcardFile) -> None:
    """Delete a file that no other names. Raises WildcardInUse. Pictures made with it keep their prompts."""
    _apply(file.workspace_id, _Change(drop={file.path}))


def _apply(workspace_id: uuid.UUID, change: _Change) -> None:
    """Try the change on what is there, and keep it if nothing else was kept meanwhile.

    The checking may take seconds, so no lock is held for it: SQLite has only one for all writers.
    """
    for _ in range(_TRIES):
        version = _version_of(workspace_id)
        before = queries.texts_of(workspace_id)
        after = _after(before, change)
        wildcards = _checked(after, changed=change.put)
        now = new_id()
        if _turn_over(workspace_id, version, now):
            _write(workspace_id, change, _entries(wildcards))
            db.session.commit()
            read_sets().keep(workspace_id, now, wildcards)
            return
        db.session.rollback()
    raise ChangedMeanwhile


def _version_of(workspace_id: uuid.UUID) -> uuid.UUID:
    version = queries.version_of(workspace_id)
    if version is None:
        shelves = WildcardShelf.__table__
        insert_once(shelves, workspace_id=workspace_id, version=new_id())
        db.session.commit()
        version = db.session.scalars(sa.select(shelves.c.version).where(shelves.c.workspace_id == workspace_id)).one()
    return version


def _turn_over(workspace_id: uuid.UUID, version: uuid.UUID, now: uuid.UUID) -> bool:
    """Claim the right to write, unless somebody wrote since `version`. Locks the shelf until the commit."""
    shelf = sa.update(WildcardShelf).where(WildcardShelf.workspace_id == workspace_id, WildcardShelf.version == version)
    return rows_changed(shelf.values(version=now)) == 1


def _after(before: Mapping[str, str], change: _Change) -> dict[str, str]:
    """The texts as they would be. Raises PathTaken, NotFound and ShelfFull."""
    for path in change.drop:
        if path not in before:
            raise NotFound("wildcard file")
    for path in change.put:
        if path in before and not change.replace:
            raise PathTaken(path)
    after = {path: text for path, text in before.items() if path not in change.drop}
    after.update(change.put)
    if change.put:
        if len(after) > WILDCARD_FILES:
            raise ShelfFull(f"A workspace holds {WILDCARD_FILES} wildcard files. Put several lists into one YAML file.")
        if sum(len(text.encode()) for text in after.values()) > WILDCARD_BYTES:
            raise ShelfFull(f"The files of a workspace may have {WILDCARD_BYTES // MIB} MiB together. Shorten some.")
        if sum(text.count(mark) for text in after.values() for mark in _MARKS) > WILDCARD_MARKS:
            raise ShelfFull(
                f"The files of a workspace may hold {WILDCARD_MARKS:,} {{, | and __ together. Simplify some."
            )
    return dict(sorted(after.items()))


def _checked(texts: Mapping[str, str], *, changed: Collection[str]) -> WildcardSet:
    """The texts as wildcards that hold together. Raises UnusableWildcards, or WildcardInUse if only others suffer."""
    try:
        wildcards = aside(lambda: read_files(texts.items()))
        _refuse_empty(wildcards, changed)
        try:
            aside(lambda: check(wildcards))
        except MacroError as error:
            if error.code == "missing_wildcard" and error.path not in changed:
                raise WildcardInUse(dangling(wildcards, except_in=changed)) from error
            raise
    except MacroError as error:
        raise UnusableWildcards(error) from error
    return wildcards


def _refuse_empty(wildcards: WildcardSet, changed: Collection[str]) -> None:
    entries = _entries(wildcards)
    for path in changed:
        if not entries.get(path):
            raise MacroError("empty_wildcard", "There is no entry yet; write one on a line of its own.", path=path)


def _entries(wildcards: WildcardSet) -> dict[str, int]:
    """How many entries each file holds."""
    counts: dict[str, int] = {}
    for name in wildcards.names:
        for wildcard in wildcards.matching(name):
            counts[wildcard.path] = counts.get(wildcard.path, 0) + len(wildcard.entries)
    return counts


def _write(workspace_id: uuid.UUID, change: _Change, entries: Mapping[str, int]) -> None:
    for path in change.drop:
        if path not in change.moved.values():
            db.session.delete(_file_at(workspace_id, path))
    now = utc_now()
    for path, text in change.put.items():
        file = _find(workspace_id, change.moved.get(path, path))
        if file is None:
            file = WildcardFile(workspace_id=workspace_id, created_at=now)
            db.session.add(file)
        file.path, file.text, file.entries, file.changed_at = path, text, entries[path], now


def _file_at(workspace_id: uuid.UUID, path: str) -> WildcardFile:
    file = _find(workspace_id, path)
    if file is None:
        raise NotFound("wildcard file")
    return file


def _find(workspace_id: uuid.UUID, path: str) -> WildcardFile | None:
    # Read afresh: the session may hold the row as it was before somebody else changed it.
    return db.session.scalars(
        sa.select(WildcardFile)
        .where(WildcardFile.workspace_id == workspace_id, WildcardFile.path == path)
        .execution_options(populate_existing=True)
    ).one_or_none()
