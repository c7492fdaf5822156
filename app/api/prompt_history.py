"""The prompts a workspace has used: to search, to pin, to forget."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from app import limits
from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import workspace_or_newest
from app.api.guards import needs
from app.api.ids import Id
from app.api.paging import PageQuery
from app.api.shapes import Answer
from app.history import queries, service
from app.history.models import PastPrompt

bp = APIBlueprint("api_prompt_history", __name__, url_prefix="/api/prompts/history", tag="Prompts")

_EXAMPLE = {
    "id": "019aa0c5-0b11-7d02-8a44-6d7e8f90a1b2",
    "workspace_id": "019aa0c3-0d4e-7f3a-8a8c-52b8f1f0c001",
    "prompt": "a {red|green|blue} fox, {dawn|dusk} light",
    "negative_prompt": "text, watermark",
    "times_used": 3,
    "last_used_at": "2026-11-20T12:00:00Z",
    "pinned": False,
}


class HistoryQuery(PageQuery):
    workspace_id: Annotated[Id | None, Field(description="The workspace; default: the newest.")] = None
    q: Annotated[
        str, Field(max_length=limits.PROMPT_CHARS, description="Words that the prompt holds, in any order.")
    ] = ""


class PastPromptOut(Answer):
    """A prompt as it was typed. times_used: how many submissions were made with it and this negative prompt."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    prompt: str
    negative_prompt: str
    times_used: int
    last_used_at: datetime
    pinned: bool


class HistoryPageOut(Answer):
    """The pinned first, then by last use."""

    items: list[PastPromptOut]
    next: str | None


@bp.get("")
@needs(Scope.READ)
@bp.input(HistoryQuery, location="query", arg_name="query")
@bp.output(HistoryPageOut, example={"items": [_EXAMPLE], "next": None})
def index(query: HistoryQuery) -> HistoryPageOut:
    """List the prompts a workspace has used

    They stay when their pictures go: the pinned ones for good, of the others the latest 2,000.
    """
    workspace = workspace_or_newest(me().id, query.workspace_id)
    after = service.past_prompt_for(me().id, query.cursor, even_deleted=True) if query.cursor else None
    most = min(query.limit, limits.PAGE_SIZE)
    page = queries.past_prompts(workspace.id, words=query.q, after=after, most=most)
    return HistoryPageOut(
        items=[_out(past) for past in page.prompts], next=str(page.after) if page.after is not None else None
    )


@bp.post("/<uuid:past_prompt_id>/pin")
@needs(Scope.WRITE)
@bp.output(PastPromptOut, example={**_EXAMPLE, "pinned": True})
def pin(past_prompt_id: uuid.UUID) -> PastPromptOut:
    """Keep a prompt on top of the history, and for good"""
    past = service.past_prompt_for(me().id, past_prompt_id)
    service.pin(past)
    return _out(past)


@bp.post("/<uuid:past_prompt_id>/unpin")
@needs(Scope.WRITE)
@bp.output(PastPromptOut, example=_EXAMPLE)
def unpin(past_prompt_id: uuid.UUID) -> PastPromptOut:
    """Let a prompt be one of many again"""
    past = service.past_prompt_for(me().id, past_prompt_id)
    service.unpin(past)
    return _out(past)


@bp.delete("/<uuid:past_prompt_id>")
@needs(Scope.WRITE)
@bp.doc(responses={204: "Forgotten"})
def forget(past_prompt_id: uuid.UUID) -> tuple[str, int]:
    """Take a prompt out of the history

    For a day it can be brought back.
    """
    service.forget(service.past_prompt_for(me().id, past_prompt_id))
    return "", 204


@bp.post("/<uuid:past_prompt_id>/restore")
@needs(Scope.WRITE)
@bp.output(PastPromptOut, example=_EXAMPLE)
def restore(past_prompt_id: uuid.UUID) -> PastPromptOut:
    """Bring a forgotten prompt back"""
    past = service.past_prompt_for(me().id, past_prompt_id, even_deleted=True)
    service.bring_back(past)
    return _out(past)


def _out(past: PastPrompt) -> PastPromptOut:
    return PastPromptOut(
        id=past.id,
        workspace_id=past.workspace_id,
        prompt=past.template,
        negative_prompt=past.negative,
        times_used=past.times_used,
        last_used_at=past.last_used_at,
        pinned=past.pinned,
    )
