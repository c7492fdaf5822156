"""Sessions: guided runs over batches, and the gallery of them."""

from __future__ import annotations

import uuid
from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import workspace_or_newest
from app.api.guards import needs
from app.api.idempotency import key_given, once
from app.api.ids import Id
from app.api.paging import PageQuery, page_of
from app.api.session_shapes import SESSION_EXAMPLE, SessionOut, session_out, shown
from app.api.shapes import Answer, Changes
from app.db import new_id
from app.forms import Body, Name, Prompt, Seed
from app.generation.specs import MOST_MODELS, MOST_SIDE_PX, GenerationSpec, ModelName
from app.studio import queries, sessions, views
from app.studio.domain import Flow
from app.studio.models import Session
from app.studio.models_on_offer import columns_to_begin_with
from app.web.rates import generation_rate
from app.workspaces.service import workspace_for

bp = APIBlueprint("api_sessions", __name__, url_prefix="/api", tag="Sessions")

_NEW = {
    "flow_type": "compare",
    "initial_config": {"prompt": "a lighthouse at dusk", "models": ["sketch"], "width": 768, "height": 512},
}


class SessionConfig(Body):
    """What to begin with. Without a prompt the session waits for `POST /api/generate` with its `session_id`."""

    prompt: Annotated[Prompt, Field(description="Of a macro one combination is made, the same in every column.")] = ""
    negative_prompt: Prompt = ""
    models: Annotated[
        tuple[ModelName, ...],
        Field(max_length=MOST_MODELS, description="The columns in their order; default: those of the last session."),
    ] = ()
    style_id: Annotated[Id | None, Field(description="A style of that workspace.")] = None
    seed: Seed | None = None
    width: Annotated[int, Field(ge=16, le=MOST_SIDE_PX)] | None = None
    height: Annotated[int, Field(ge=16, le=MOST_SIDE_PX)] | None = None


class SessionIn(Body):
    flow_type: Flow = Flow.COMPARE
    initial_config: SessionConfig = Field(default_factory=SessionConfig)
    workspace_id: Annotated[Id | None, Field(description="Default: the newest workspace.")] = None
    name: Annotated[Name | None, Field(description="Default: the prompt.")] = None


class SessionChange(Changes):
    name: Name = ""


class SessionQuery(PageQuery):
    workspace_id: Annotated[Id | None, Field(description="Only those of this workspace.")] = None


class SessionPageOut(Answer):
    """Newest first."""

    items: list[SessionOut]
    next: str | None


class PromptGroupOut(Answer):
    """Sessions of this page that began with the same words."""

    prompt: str
    sessions: list[SessionOut]


class GalleryOut(Answer):
    """By what sessions began with, the newest first; iterations under their original in each column."""

    items: list[PromptGroupOut]
    next: str | None


@bp.get("/sessions")
@needs(Scope.READ)
@bp.input(SessionQuery, location="query", arg_name="query")
@bp.output(SessionPageOut, example={"items": [SESSION_EXAMPLE], "next": None})
def index(query: SessionQuery) -> SessionPageOut:
    """List sessions"""
    page = page_of(_wanted(query), Session.id, query)
    return SessionPageOut(items=[shown(view) for view in views.session_views(page.rows)], next=page.next)


@bp.post("/sessions")
@needs(Scope.GENERATE)
@generation_rate
@once
@bp.input(SessionIn, arg_name="body", example=_NEW)
@bp.output(SessionOut, 201, example=SESSION_EXAMPLE)
def create(body: SessionIn) -> SessionOut:
    """Begin a session

    One prompt to every column at once, as one batch. The request is accepted as a whole, or refused as a whole naming
    the model that cannot.
    """
    workspace = workspace_or_newest(me().id, body.workspace_id)
    config = body.initial_config
    models = config.models or columns_to_begin_with(workspace)
    if not config.prompt.strip():
        return session_out(sessions.create(workspace, models, name=body.name or ""))
    spec = GenerationSpec(**config.model_dump(exclude={"models"}, exclude_unset=True))
    started = sessions.start(workspace, spec, models, key=key_given() or str(new_id()), name=body.name or "")
    return session_out(started.session)


@bp.get("/sessions/<uuid:session_id>")
@needs(Scope.READ)
@bp.output(SessionOut, example=SESSION_EXAMPLE)
def show(session_id: uuid.UUID) -> SessionOut:
    """Look at one session"""
    return session_out(queries.session_for(me().id, session_id))


@bp.patch("/sessions/<uuid:session_id>")
@needs(Scope.WRITE)
@bp.input(SessionChange, arg_name="body", example={"name": "Lighthouses"})
@bp.output(SessionOut, example={**SESSION_EXAMPLE, "name": "Lighthouses"})
def change(session_id: uuid.UUID, body: SessionChange) -> SessionOut:
    """Rename a session"""
    return session_out(sessions.rename(queries.session_for(me().id, session_id), body.name))


@bp.delete("/sessions/<uuid:session_id>")
@needs(Scope.WRITE)
@bp.doc(responses={204: "Deleted"})
def delete(session_id: uuid.UUID) -> tuple[str, int]:
    """Delete a session

    Its pictures stay in the library, and it can be restored.
    """
    sessions.put_aside(queries.session_for(me().id, session_id))
    return "", 204


@bp.post("/sessions/<uuid:session_id>/restore")
@needs(Scope.WRITE)
@bp.output(SessionOut, example=SESSION_EXAMPLE)
def restore(session_id: uuid.UUID) -> SessionOut:
    """Bring a deleted session back"""
    session = queries.session_for(me().id, session_id, even_deleted=True)
    sessions.bring_back(session)
    return session_out(session)


@bp.get("/gallery")
@needs(Scope.READ)
@bp.input(SessionQuery, location="query", arg_name="query")
@bp.output(
    GalleryOut, example={"items": [{"prompt": SESSION_EXAMPLE["prompt"], "sessions": [SESSION_EXAMPLE]}], "next": None}
)
def gallery(query: SessionQuery) -> GalleryOut:
    """List sessions by their prompt"""
    page = page_of(_wanted(query), Session.id, query)
    groups = [
        PromptGroupOut(prompt=group.prompt, sessions=[shown(exhibit.session) for exhibit in group.exhibits])
        for group in views.gallery(page.rows)
    ]
    return GalleryOut(items=groups, next=page.next)


@bp.get("/gallery/<uuid:session_id>")
@needs(Scope.READ)
@bp.output(SessionOut, example=SESSION_EXAMPLE)
def exhibit(session_id: uuid.UUID) -> SessionOut:
    """Look at one session of the gallery

    The same as `GET /api/sessions/{session_id}`.
    """
    return session_out(queries.session_for(me().id, session_id))


def _wanted(query: SessionQuery) -> sa.Select[Session]:
    """Raises NotFound for a workspace that is not the person's."""
    if query.workspace_id is not None:
        workspace_for(me().id, query.workspace_id)
    return queries.sessions_of(me().id, workspace_id=query.workspace_id)
