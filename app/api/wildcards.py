"""Wildcard files: lists of words for the prompts of a workspace."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import workspace_or_newest
from app.api.guards import needs
from app.api.idempotency import once
from app.api.ids import Id
from app.api.paging import PageQuery, page_of
from app.api.shapes import Answer
from app.forms import Body
from app.limits import WILDCARD_BODY_BYTES
from app.web.hygiene import takes_bodies_of
from app.wildcards import service
from app.wildcards.forms import FileText, Path, WildcardBody
from app.wildcards.models import WildcardFile
from app.wildcards.reading import readable_wildcards
from app.wildcards.views import lists_by_path

bp = APIBlueprint("api_wildcards", __name__, url_prefix="/api/wildcards", tag="Wildcards")

_WORDS = {"path": "animals/forest.txt", "text": "fox\nbadger\n2::owl"}
_WORKSPACE_ID = "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001"
_EXAMPLE = {
    "id": "019aa0c3-3d4e-7a22-9a9a-2c3d4e5f6071",
    "workspace_id": _WORKSPACE_ID,
    "path": "animals/forest.txt",
    "entries": 3,
    "references": ["__animals/forest__"],
    "created_at": "2026-11-20T11:59:30Z",
    "changed_at": "2026-11-20T11:59:30Z",
}
_Workspace = Annotated[Id | None, Field(description="The workspace; default: the newest.")]
_Path = Annotated[Path, Field(description="Relative, ending in .txt, .yaml or .yml; without an ending it is a .txt.")]
_Text = Annotated[FileText, Field(description="Up to 1 MiB: an entry a line, or in YAML lists, under keys if wanted.")]


class WildcardQuery(PageQuery):
    workspace_id: _Workspace = None


class WildcardIn(Body):
    path: _Path
    text: _Text
    workspace_id: _Workspace = None


class WildcardChange(Body):
    """The whole file as it is to be."""

    path: _Path
    text: _Text


class WildcardOut(Answer):
    """entries: of all the file's lists. references: how prompts write each list."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    path: str
    entries: int
    references: list[str]
    created_at: datetime
    changed_at: datetime


class WildcardTextOut(WildcardOut):
    text: str


class WildcardPageOut(Answer):
    """Newest first, without their texts."""

    items: list[WildcardOut]
    next: str | None


@bp.get("")
@needs(Scope.READ)
@bp.input(WildcardQuery, location="query", arg_name="query")
@bp.output(WildcardPageOut, example={"items": [_EXAMPLE], "next": None})
def index(query: WildcardQuery) -> WildcardPageOut:
    """List the wildcard files of a workspace"""
    workspace = workspace_or_newest(me().id, query.workspace_id)
    files = sa.select(WildcardFile).where(WildcardFile.workspace_id == workspace.id)
    page = page_of(files, WildcardFile.id, query)
    references = _references(workspace.id)
    return WildcardPageOut(items=[_out(file, references) for file in page.rows], next=page.next)


@bp.post("")
@needs(Scope.WRITE)
@once
@takes_bodies_of(WILDCARD_BODY_BYTES)
@bp.input(WildcardIn, arg_name="body", example={**_WORDS, "workspace_id": _WORKSPACE_ID})
@bp.output(WildcardOut, 201, example=_EXAMPLE)
def create(body: WildcardIn) -> WildcardOut:
    """Add a wildcard file

    All files of the workspace are read with it: a mistake, a missing wildcard or a circle is refused with file, line
    and column.
    """
    workspace = workspace_or_newest(me().id, body.workspace_id)
    file = service.create(workspace, WildcardBody(path=body.path, text=body.text))
    return _out(file, _references(workspace.id))


@bp.get("/<uuid:file_id>")
@needs(Scope.READ)
@bp.output(WildcardTextOut, example={**_EXAMPLE, "text": _WORDS["text"]})
def show(file_id: uuid.UUID) -> WildcardTextOut:
    """Look at one wildcard file, with its text"""
    file = service.file_for(me().id, file_id)
    return WildcardTextOut(**_out(file, _references(file.workspace_id)).model_dump(), text=file.text)


@bp.put("/<uuid:file_id>")
@needs(Scope.WRITE)
@takes_bodies_of(WILDCARD_BODY_BYTES)
@bp.input(WildcardChange, arg_name="body", example=_WORDS)
@bp.output(WildcardOut, example=_EXAMPLE)
def change(file_id: uuid.UUID, body: WildcardChange) -> WildcardOut:
    """Write or rename a wildcard file

    Refused while other files name what would be gone.
    """
    file = service.change(service.file_for(me().id, file_id), WildcardBody(path=body.path, text=body.text))
    return _out(file, _references(file.workspace_id))


@bp.delete("/<uuid:file_id>")
@needs(Scope.WRITE)
@bp.doc(responses={204: "Deleted"})
def delete(file_id: uuid.UUID) -> tuple[str, int]:
    """Delete a wildcard file

    Refused while other files name it.
    """
    service.delete(service.file_for(me().id, file_id))
    return "", 204


def _references(workspace_id: uuid.UUID) -> dict[str, list[str]]:
    """How the lists of each file are written, by its path; of none while the files cannot be read."""
    wildcards, _ = readable_wildcards(workspace_id)
    return {path: [each.reference for each in lists] for path, lists in lists_by_path(wildcards).items()}


def _out(file: WildcardFile, references: dict[str, list[str]]) -> WildcardOut:
    return WildcardOut(
        id=file.id,
        workspace_id=file.workspace_id,
        path=file.path,
        entries=file.entries,
        references=references.get(file.path, []),
        created_at=file.created_at,
        changed_at=file.changed_at,
    )
