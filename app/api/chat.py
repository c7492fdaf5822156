"""The conversation of a workspace with a language model."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import Field

from app import limits
from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.guards import needs
from app.api.idempotency import once
from app.api.ids import Id
from app.api.paging import PageQuery, page_of
from app.api.shapes import Answer, dollars
from app.chat import queries, service
from app.chat.forms import Words
from app.chat.markdown import proposals_of
from app.chat.models import ChatMessage
from app.chat.routes import sending_rate
from app.chat.service import Dropped, Exchange
from app.forms import Body
from app.workspaces import service as workspaces
from app.workspaces.models import Workspace

bp = APIBlueprint("api_chat", __name__, url_prefix="/api/workspaces/<uuid:workspace_id>/chat", tag="Chat")

_DELETION_ID = "019aa0c9-51f2-7a10-8a44-6d7e8f90a1b2"
_EXAMPLE = {
    "id": "019aa0c8-0b11-7d02-8a44-6d7e8f90a1b2",
    "role": "assistant",
    "state": "done",
    "text": "Try this:\n```prompt\na red fox in fresh snow\n```",
    "prompts": [{"prompt": "a red fox in fresh snow", "negative_prompt": ""}],
    "image_ids": [],
    "note": "",
    "error": "",
    "model": "Built-in rules",
    "input_tokens": 0,
    "output_tokens": 0,
    "cost": "0.00",
    "created_at": "2026-11-20T12:00:01Z",
}
_SAID = {
    **_EXAMPLE,
    "id": "019aa0c8-0b10-7c01-8a44-6d7e8f90a1b2",
    "role": "user",
    "text": "a fox",
    "prompts": [],
    "model": "",
    "created_at": "2026-11-20T12:00:00Z",
}
_AWAITED = {**_EXAMPLE, "state": "waiting", "text": "", "prompts": [], "model": ""}
_EXCHANGE = {"message": _SAID, "answer": _AWAITED, "deletion_id": None}
_REPLACED = {**_EXCHANGE, "deletion_id": _DELETION_ID}
_Text = Annotated[Words, Field(description="1 to 16,000 characters.")]


class ChatQuery(PageQuery):
    q: Annotated[
        str, Field(max_length=limits.SEARCH_CHARS, description="Words that a message holds, in any order.")
    ] = ""


class ChatIn(Body):
    text: _Text
    image_ids: Annotated[
        tuple[Id, ...], Field(max_length=limits.CHAT_PICTURES, description="Pictures to show, for a model that sees.")
    ] = ()


class ChatChange(Body):
    text: _Text


class RestoreIn(Body):
    deletion_id: Id


class ProposalOut(Answer):
    prompt: str
    negative_prompt: str


class ChatMessageOut(Answer):
    """state: waiting, writing, done, stopped, interrupted or failed; `error` then says why. prompts: those it proposes.

    cost: US dollars; of an answer that was stopped or interrupted the most that it can have been.
    """

    id: uuid.UUID
    role: str
    state: str
    text: str
    prompts: list[ProposalOut]
    image_ids: list[uuid.UUID]
    note: str
    error: str
    model: str
    input_tokens: int
    output_tokens: int
    cost: str
    created_at: datetime


class ChatPageOut(Answer):
    """Newest first."""

    items: list[ChatMessageOut]
    next: str | None


class ExchangeOut(Answer):
    """What was said and the answer it will get. deletion_id: restores what it came in place of."""

    message: ChatMessageOut
    answer: ChatMessageOut
    deletion_id: uuid.UUID | None


class DroppedOut(Answer):
    deletion_id: uuid.UUID
    deleted: int


class RestoredOut(Answer):
    restored: int


@bp.get("")
@needs(Scope.READ)
@bp.input(ChatQuery, location="query", arg_name="query")
@bp.output(ChatPageOut, example={"items": [_EXAMPLE, _SAID], "next": None})
def index(workspace_id: uuid.UUID, query: ChatQuery) -> ChatPageOut:
    """List or search the messages of a workspace's conversation"""
    workspace = _workspace(workspace_id)
    page = page_of(queries.messages_of(workspace.id, query.q), ChatMessage.id, query)
    pictures = queries.pictures_of([row.id for row in page.rows])
    return ChatPageOut(items=[_out(row, [asset.id for asset in pictures[row.id]]) for row in page.rows], next=page.next)


@bp.post("")
@needs(Scope.GENERATE)
@sending_rate
@once
@bp.input(ChatIn, arg_name="body", example={"text": "a fox"})
@bp.output(ExchangeOut, 202, example=_EXCHANGE)
def send(workspace_id: uuid.UUID, body: ChatIn) -> ExchangeOut:
    """Say something

    The answer is written by a worker: its words come as `chat` events, and stand in the message.
    """
    return _exchange(service.send(_workspace(workspace_id), body.text, body.image_ids))


@bp.delete("")
@needs(Scope.WRITE)
@bp.output(DroppedOut, example={"deletion_id": _DELETION_ID, "deleted": 12})
def clear(workspace_id: uuid.UUID) -> DroppedOut:
    """Delete the whole conversation

    For a day it can be brought back.
    """
    return _dropped(service.clear(_workspace(workspace_id)))


@bp.post("/restore")
@needs(Scope.WRITE)
@bp.input(RestoreIn, arg_name="body", example={"deletion_id": _DELETION_ID})
@bp.output(RestoredOut, example={"restored": 2})
def restore(workspace_id: uuid.UUID, body: RestoreIn) -> RestoredOut:
    """Bring back what a deletion, an edit or another answer took away

    What came in its place goes. 0 when there is nothing to bring back.
    """
    return RestoredOut(restored=service.restore(_workspace(workspace_id), body.deletion_id))


@bp.get("/<uuid:message_id>")
@needs(Scope.READ)
@bp.output(ChatMessageOut, example=_EXAMPLE)
def show(workspace_id: uuid.UUID, message_id: uuid.UUID) -> ChatMessageOut:
    """Look at one message; of an answer that is being written, at what stands there so far"""
    return _with_pictures(service.message_for(me().id, workspace_id, message_id))


@bp.patch("/<uuid:message_id>")
@needs(Scope.GENERATE)
@sending_rate
@once
@bp.input(ChatChange, arg_name="body", example={"text": "an owl"})
@bp.output(ExchangeOut, 202, example=_REPLACED)
def edit(workspace_id: uuid.UUID, message_id: uuid.UUID, body: ChatChange) -> ExchangeOut:
    """Edit one of your messages and send it again

    What came after it goes.
    """
    return _exchange(service.edit(service.message_for(me().id, workspace_id, message_id), body.text))


@bp.post("/<uuid:message_id>/resend")
@needs(Scope.GENERATE)
@sending_rate
@once
@bp.output(ExchangeOut, 202, example=_REPLACED)
def resend(workspace_id: uuid.UUID, message_id: uuid.UUID) -> ExchangeOut:
    """Ask for another answer, in place of this one and what came after it"""
    return _exchange(service.resend(service.message_for(me().id, workspace_id, message_id)))


@bp.post("/<uuid:message_id>/stop")
@needs(Scope.WRITE)
@bp.output(ChatMessageOut, example={**_EXAMPLE, "state": "stopped"})
def stop(workspace_id: uuid.UUID, message_id: uuid.UUID) -> ChatMessageOut:
    """Stop an answer; what was written so far stays"""
    message = service.message_for(me().id, workspace_id, message_id)
    service.stop(message)
    return _with_pictures(message)


@bp.delete("/<uuid:message_id>")
@needs(Scope.WRITE)
@bp.output(DroppedOut, example={"deletion_id": _DELETION_ID, "deleted": 1})
def delete(workspace_id: uuid.UUID, message_id: uuid.UUID) -> DroppedOut:
    """Delete one message

    For a day it can be brought back.
    """
    return _dropped(service.delete(service.message_for(me().id, workspace_id, message_id)))


def _workspace(workspace_id: uuid.UUID) -> Workspace:
    return workspaces.workspace_for(me().id, workspace_id)


def _dropped(dropped: Dropped) -> DroppedOut:
    return DroppedOut(deletion_id=dropped.deletion_id, deleted=dropped.count)


def _exchange(exchange: Exchange) -> ExchangeOut:
    return ExchangeOut(
        message=_with_pictures(exchange.message),
        answer=_out(exchange.answer, []),
        deletion_id=exchange.deletion_id,
    )


def _with_pictures(message: ChatMessage) -> ChatMessageOut:
    return _out(message, [asset.id for asset in queries.pictures_of([message.id])[message.id]])


def _out(message: ChatMessage, image_ids: list[uuid.UUID]) -> ChatMessageOut:
    proposals = proposals_of(message.content) if message.role == "assistant" else []
    return ChatMessageOut(
        id=message.id,
        role=message.role,
        state=message.state,
        text=message.content,
        prompts=[ProposalOut(prompt=each.prompt, negative_prompt=each.negative) for each in proposals],
        image_ids=image_ids,
        note=message.note,
        error=message.error,
        model=message.model,
        input_tokens=message.input_tokens,
        output_tokens=message.output_tokens,
        cost=dollars(message.cost),
        created_at=message.created_at,
    )
