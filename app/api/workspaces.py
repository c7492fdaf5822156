"""Workspaces: a person's projects."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api import queries as lists
from app.api.guards import needs
from app.api.idempotency import once
from app.api.ids import Id
from app.api.paging import PageQuery, page_of
from app.api.shapes import Answer, Changes, changed
from app.forms import Body, Name
from app.workspaces import service
from app.workspaces.forms import WorkspaceBody
from app.workspaces.models import Workspace

bp = APIBlueprint("api_workspaces", __name__, url_prefix="/api/workspaces", tag="Workspaces")

_EXAMPLE = {
    "id": "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001",
    "name": "Foxes",
    "theme_id": None,
    "created_at": "2026-11-20T11:58:00Z",
}
_ThemeId = Annotated[Id | None, Field(description="The theme joined to every prompt in it; null for none.")]


class WorkspaceIn(Body):
    name: Name
    theme_id: _ThemeId = None


class WorkspaceChanges(Changes):
    name: Name = ""
    theme_id: _ThemeId = None


class DeleteQuery(Body):
    typed_name: Annotated[str, Field(max_length=200, description="The workspace's name, to say that you mean it.")]


class WorkspaceOut(Answer):
    id: uuid.UUID
    name: str
    theme_id: uuid.UUID | None
    created_at: datetime


class WorkspacePageOut(Answer):
    """Newest first."""

    items: list[WorkspaceOut]
    next: str | None


@bp.get("")
@needs(Scope.READ)
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(WorkspacePageOut, example={"items": [_EXAMPLE], "next": None})
def index(query: PageQuery) -> WorkspacePageOut:
    """List workspaces"""
    page = page_of(lists.workspaces(me().id), Workspace.id, query)
    return WorkspacePageOut(items=[_out(row) for row in page.rows], next=page.next)


@bp.post("")
@needs(Scope.WRITE)
@once
@bp.input(WorkspaceIn, arg_name="body", example={"name": "Foxes"})
@bp.output(WorkspaceOut, 201, example=_EXAMPLE)
def create(body: WorkspaceIn) -> WorkspaceOut:
    """Create a workspace

    It starts with the starter styles.
    """
    return _out(service.create_workspace(me().id, WorkspaceBody(**body.model_dump())))


@bp.get("/<uuid:workspace_id>")
@needs(Scope.READ)
@bp.output(WorkspaceOut, example=_EXAMPLE)
def show(workspace_id: uuid.UUID) -> WorkspaceOut:
    """Look at one workspace"""
    return _out(service.workspace_for(me().id, workspace_id))


@bp.patch("/<uuid:workspace_id>")
@needs(Scope.WRITE)
@bp.input(WorkspaceChanges, arg_name="body", example={"name": "Foxes and owls"})
@bp.output(WorkspaceOut, example={**_EXAMPLE, "name": "Foxes and owls"})
def change(workspace_id: uuid.UUID, body: WorkspaceChanges) -> WorkspaceOut:
    """Rename a workspace, or choose its theme"""
    workspace = service.workspace_for(me().id, workspace_id)
    return _out(service.change_workspace(workspace, changed(workspace, body, WorkspaceBody)))


@bp.delete("/<uuid:workspace_id>")
@needs(Scope.WRITE)
@bp.input(DeleteQuery, location="query", arg_name="query")
@bp.doc(responses={204: "Deleted"})
def delete(workspace_id: uuid.UUID, query: DeleteQuery) -> tuple[str, int]:
    """Delete a workspace with everything in it

    Its jobs stop. The last one cannot be deleted.
    """
    service.delete_workspace(service.workspace_for(me().id, workspace_id), typed_name=query.typed_name)
    return "", 204


def _out(workspace: Workspace) -> WorkspaceOut:
    return WorkspaceOut.model_validate(workspace)
