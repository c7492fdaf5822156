"""The conversation beside the canvas: a page of its own, the same as a part of the control panel, and its forms.

htmx gets the conversation as it is after the act; a plain browser is sent back to the page.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import provider_keys
from app.accounts.access import confirmed, me, signed_in
from app.chat import queries, service
from app.chat.forms import MessageBody, SpokenBody
from app.chat.service import Dropped
from app.chat.views import conversation_view
from app.errors import AppError
from app.extensions import limiter
from app.forms import read
from app.library import uploads
from app.limits import SEARCH_CHARS, UPLOAD_REQUEST_BYTES
from app.llm import registry
from app.texts import UnusableText, clean_name
from app.web.hygiene import takes_bodies_of, takes_several
from app.web.ids import id_or_none
from app.web.rates import caller
from app.web.visitor import by_htmx
from app.workspaces import current
from app.workspaces.models import Workspace

bp = Blueprint("chat", __name__, url_prefix="/w/<uuid:workspace_id>/chat")

# Faster than anybody reads the answers; each may cost money.
SENDING = "20 per minute"
sending_rate = limiter.shared_limit(SENDING, scope="chat", key_func=caller, override_defaults=False)


@bp.get("")
@signed_in
def show(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The conversation: `?q=` what holds these words, `?until=` what was said up to a message."""
    return _page(current.enter(workspace_id))


@bp.get("/log")
@signed_in
def log(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The messages alone, for a page that follows what is going on."""
    return render_template("chat/_log.html", **_context(current.enter(workspace_id)))


@bp.post("/messages")
@confirmed
@sending_rate
@takes_bodies_of(UPLOAD_REQUEST_BYTES)
@takes_several("pictures")
def send(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """Say something, with pictures of the library or files."""
    workspace = current.enter(workspace_id)
    try:
        form = read(SpokenBody, {"text": request.form.get("text", ""), "pictures": _picture_ids()})
        files = [file for file in request.files.getlist("file") if file.filename]
        service.check_pictures(len(form.pictures) + len(files))
        brought = [uploads.add_file(workspace, file).id for file in files]
        service.send(workspace, form.text, [*form.pictures, *brought])
    except AppError as error:
        return _refused(workspace, error)
    return _done(workspace)


@bp.post("/messages/<uuid:message_id>/edits")
@confirmed
@sending_rate
def edit(workspace_id: uuid.UUID, message_id: uuid.UUID) -> ResponseReturnValue:
    """Say it in other words; what came after it goes."""
    workspace = current.enter(workspace_id)
    message = service.message_for(me().id, workspace_id, message_id)
    try:
        form = read(MessageBody, {"text": request.form.get("text", "")})
        exchange = service.edit(message, form.text)
    except AppError as error:
        return _refused(workspace, error)
    return _done(workspace, deletion_id=exchange.deletion_id, told="The message is edited", icon="retry")


@bp.post("/messages/<uuid:message_id>/resends")
@confirmed
@sending_rate
def resend(workspace_id: uuid.UUID, message_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for another answer."""
    workspace = current.enter(workspace_id)
    exchange = service.resend(service.message_for(me().id, workspace_id, message_id))
    return _done(workspace, deletion_id=exchange.deletion_id, told="Asked again", icon="retry")


@bp.post("/messages/<uuid:message_id>/stops")
@signed_in
def stop(workspace_id: uuid.UUID, message_id: uuid.UUID) -> ResponseReturnValue:
    service.stop(service.message_for(me().id, workspace_id, message_id))
    return _done(current.enter(workspace_id))


@bp.post("/messages/<uuid:message_id>/deletion")
@signed_in
def delete(workspace_id: uuid.UUID, message_id: uuid.UUID) -> ResponseReturnValue:
    dropped = service.delete(service.message_for(me().id, workspace_id, message_id))
    return _dropped(current.enter(workspace_id), dropped)


@bp.post("/deletion")
@signed_in
def clear(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """Take the whole conversation away."""
    workspace = current.enter(workspace_id)
    return _dropped(workspace, service.clear(workspace))


@bp.post("/restorations")
@signed_in
def restore(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """Bring back what one act took away."""
    workspace = current.enter(workspace_id)
    deletion_id = id_or_none(request.form.get("deletion_id"))
    if deletion_id is None or not service.restore(workspace, deletion_id):
        flash("It was brought back already, or it is gone.", "warn")
    return _done(workspace)


def _picture_ids() -> list[str]:
    return [value for value in request.form.getlist("pictures") if value]


def _page(workspace: Workspace, *, draft: str = "", errors: Mapping[str, str] | None = None) -> str:
    """The panel for htmx, else a page around it. draft, errors: what a refused form held, and why."""
    name = "chat/_panel.html" if by_htmx() else "chat/show.html"
    return render_template(name, draft=draft, errors=errors or {}, **_context(workspace))


def _context(workspace: Workspace) -> dict[str, Any]:
    words = _search()
    shown = (
        queries.holding(workspace.id, words)
        if words
        else queries.stretch(workspace.id, until=id_or_none(request.args.get("until")))
    )
    model = registry.model_to_name(provider_keys.providers_of(me().id))
    return {
        "conversation": conversation_view(workspace, shown),
        "words": words,
        "answers_from": {"name": model.name, "sees": model.sees},
        "until": id_or_none(request.args.get("until")),
        "undo": id_or_none(request.args.get("undo")),
        "workspace": workspace,
    }


def _search() -> str:
    """What is searched for; of what cannot be searched for, nothing."""
    try:
        return clean_name(request.args.get("q", "")[:SEARCH_CHARS], SEARCH_CHARS)
    except UnusableText:
        return ""


def _refused(workspace: Workspace, error: AppError) -> ResponseReturnValue:
    if by_htmx():
        raise error
    fields = error.fields or {"text": error.message}
    return _page(workspace, draft=request.form.get("text", ""), errors=fields), error.status, error.headers


def _dropped(workspace: Workspace, dropped: Dropped) -> ResponseReturnValue:
    told = "1 message is deleted" if dropped.count == 1 else f"{dropped.count:,} messages are deleted"
    return _done(workspace, deletion_id=dropped.deletion_id if dropped.count else None, told=told)


def _done(
    workspace: Workspace, *, deletion_id: uuid.UUID | None = None, told: str = "", icon: str = "trash"
) -> ResponseReturnValue:
    """The conversation after an act, with the way to take it back."""
    if not by_htmx():
        back: dict[str, Any] = {"undo": deletion_id} if deletion_id else {}
        return redirect(url_for("chat.show", workspace_id=workspace.id, **back, _anchor="chat-end"))
    answer: Response = make_response(render_template("chat/_log.html", **_context(workspace)))
    if deletion_id is not None:
        # To the page, not to the form that asked: that is swapped away by then.
        what = {"workspace_id": str(workspace.id), "deletion_id": str(deletion_id), "text": told, "icon": icon}
        answer.headers["HX-Trigger"] = json.dumps({"darkroom:chat-dropped": {"target": "body", **what}})
    return answer
