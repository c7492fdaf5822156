"""Compare: one prompt in several models, each column refined on its own or several together; and the gallery of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import money
from app.accounts.access import confirmed, me, signed_in
from app.db import db, new_id
from app.durations import spoken
from app.errors import AppError, Invalid, NotFound
from app.generation import planning
from app.generation.specs import GenerationSpec
from app.imaging.framing import PRESETS
from app.limits import WORKSPACE_NAME_CHARS
from app.playground import create_form
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.studio import queries, sessions, steps, views
from app.studio.domain import MOST_COLUMNS
from app.studio.models import Session, Take
from app.studio.models_on_offer import can_be_columns, columns_to_begin_with, heading
from app.texts import UnusableText
from app.web.ids import id_or_none
from app.web.rates import generation_rate
from app.web.visitor import by_htmx
from app.workspaces import current
from app.workspaces import queries as workspace_queries
from app.workspaces.models import Theme, Workspace

bp = Blueprint("comparing", __name__)

GALLERY_PAGE = 20


@bp.get("/w/<uuid:workspace_id>/compare")
@signed_in
def start_page(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The last session of the workspace; without any, or with `?new=1`, where one begins."""
    workspace = current.enter(workspace_id)
    last = None if "new" in request.args else queries.newest_session(workspace_id)
    if last is not None:
        return redirect(url_for("comparing.show", session_id=last.id))
    return _page(workspace, None, draft=create_form.draft_of(request.args))


@bp.post("/w/<uuid:workspace_id>/compare")
@confirmed
@generation_rate
def start(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """One prompt to every chosen model."""
    workspace = current.enter(workspace_id)
    models = request.form.getlist("models")
    try:
        spec = create_form.read_create_form(workspace, request).spec
        started = sessions.start(workspace, spec, models, key=request.form.get("idempotency_key") or str(new_id()))
    except AppError as error:
        db.session.rollback()
        if by_htmx():
            raise
        draft = create_form.draft_of(request.form)
        page = _page(workspace, None, draft=draft, models=models, errors=create_form.errors_of(error))
        return page, error.status, error.headers
    address = url_for("comparing.show", session_id=started.session.id)
    if not by_htmx():
        return redirect(address)
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = address
    return answer


@bp.post("/w/<uuid:workspace_id>/compare/estimate")
@signed_in
def estimate(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """What the form as it stands would make, for the button that carries it. Nothing is made or taken."""
    workspace = current.enter(workspace_id)
    spec = create_form.read_create_form(workspace, request).spec
    counted = sessions.count(workspace, spec, request.form.getlist("models"))
    return {
        "count": str(counted.pictures),
        "price_text": money.show(counted.price),
        "time_text": spoken(counted.seconds_each),
    }


@bp.get("/compare/<uuid:session_id>")
@signed_in
def show(session_id: uuid.UUID) -> ResponseReturnValue:
    session = queries.session_for(me().id, session_id)
    return _page(current.enter(session.workspace_id), session, draft=_draft_of(session))


@bp.post("/compare/<uuid:session_id>/steps")
@confirmed
@generation_rate
def step(session_id: uuid.UUID) -> ResponseReturnValue:
    """Change pictures by words, or with `preset` extend them: that of one column's dock (`take_id`), or those selected
    (`image_ids`, divided by commas)."""
    session = queries.session_for(me().id, session_id)
    form = request.form
    words, key = form.get("prompt", "").strip()[:4000], form.get("idempotency_key") or str(new_id())
    refused: Sequence[steps.Refused] = ()
    failure: AppError | None = None
    takes: list[Take] = []
    try:
        takes = _takes_meant(session)
        if preset := form.get("preset", ""):
            if preset not in PRESETS:
                raise Invalid(f"Use one of: {', '.join(PRESETS)}.", fields={"preset": "Choose a shape."})
            refused = steps.outpaint(session, takes, preset=preset, prompt=words, key=key).refused
        else:
            refused = steps.iterate(session, takes, words, key=key).refused
    except AppError as error:
        db.session.rollback()
        failure = error
    sentences = {each.column.id: each.error.message for each in refused}
    if failure is not None:
        sentences = {take.column_id: failure.message for take in takes}
    status = failure.status if failure is not None else 200
    if by_htmx():
        if failure is not None and not takes:
            raise failure
        view = views.session_view(session)
        touched = {take.column_id for take in takes}
        page = render_template(
            "studio/_changed.html", session=view, touched=touched, sentences=sentences, new_key=new_id()
        )
        return page, status
    for sentence in dict.fromkeys(sentences.values()):
        flash(sentence, "bad")
    if failure is not None and not takes:
        flash(failure.message, "bad")
    return redirect(url_for("comparing.show", session_id=session.id))


@bp.get("/compare/<uuid:session_id>/figures")
@signed_in
def figures(session_id: uuid.UUID) -> ResponseReturnValue:
    """What changes in a session while one looks: scores, captions, and columns with takes unknown yet (`?known=`)."""
    session = queries.session_for(me().id, session_id)
    view = views.session_view(session)
    known = set(request.args.get("known", "").split(","))
    touched = {column.id for column in view.columns if any(take.id.hex[-12:] not in known for take in column.takes)}
    return _changed(view, touched, {})


@bp.post("/compare/<uuid:session_id>/name")
@signed_in
def rename(session_id: uuid.UUID) -> ResponseReturnValue:
    session = queries.session_for(me().id, session_id)
    try:
        sessions.rename(session, request.form.get("name", ""))
    except UnusableText as error:
        raise Invalid(str(error), fields={"name": str(error)}) from None
    return redirect(url_for("comparing.show", session_id=session.id))


@bp.post("/compare/<uuid:session_id>/deletion")
@signed_in
def delete(session_id: uuid.UUID) -> ResponseReturnValue:
    """Put a session aside. The gallery offers to take it back."""
    session = queries.session_for(me().id, session_id)
    sessions.put_aside(session)
    return redirect(url_for("comparing.gallery", deleted=session.id))


@bp.post("/compare/<uuid:session_id>/restoration")
@signed_in
def restore(session_id: uuid.UUID) -> ResponseReturnValue:
    session = queries.session_for(me().id, session_id, even_deleted=True)
    sessions.bring_back(session)
    return redirect(url_for("comparing.gallery"))


@bp.get("/gallery")
@signed_in
def gallery() -> ResponseReturnValue:
    """All sessions by what they began with, iterations under their original. `?after=` goes on, `?deleted=` undoes."""
    wanted = queries.sessions_of(me().id)
    if after := id_or_none(request.args.get("after")):
        wanted = wanted.where(Session.id < after)
    found = db.session.scalars(wanted.order_by(Session.id.desc()).limit(GALLERY_PAGE + 1)).all()
    shown = found[:GALLERY_PAGE]
    return render_template(
        "studio/gallery.html",
        groups=views.gallery(shown),
        older_url=url_for("comparing.gallery", after=shown[-1].id) if len(found) > GALLERY_PAGE else None,
        deleted=_deleted(id_or_none(request.args.get("deleted"))),
        name_chars=WORKSPACE_NAME_CHARS,
    )


def _changed(view: views.SessionView, touched: set[uuid.UUID], sentences: Mapping[uuid.UUID, str]) -> str:
    """The parts of the page that a step or the passing of time changes. touched: columns to show whole."""
    return render_template("studio/_changed.html", session=view, touched=touched, sentences=sentences)


def _page(
    workspace: Workspace,
    session: Session | None,
    *,
    draft: Mapping[str, Any],
    models: Sequence[str] = (),
    errors: Mapping[str, str] | None = None,
) -> str:
    theme = db.session.get(Theme, workspace.theme_id) if workspace.theme_id else None
    choice = _choice(workspace)
    known = {each["id"] for each in choice}
    chosen = [each for each in models if each in known]
    if not chosen and session is not None:
        chosen = [column.model for column in queries.columns_of([session.id]) if column.model in known]
    chosen = chosen or columns_to_begin_with(workspace)
    return render_template(
        "studio/columns.html",
        session=views.session_view(session) if session is not None else None,
        choice=choice,
        chosen=chosen,
        most=MOST_COLUMNS,
        quote=_quote(choice, chosen),
        draft=draft,
        errors=errors or {},
        aspects=create_form.aspects(),
        size_limits=create_form.size_limits(),
        styles=workspace_queries.styles_of(workspace.id),
        theme_name=theme.name if theme else None,
        idempotency_key=str(new_id()),
        presets=PRESETS,
        name_chars=WORKSPACE_NAME_CHARS,
    )


def _choice(workspace: Workspace) -> list[dict[str, Any]]:
    """The models a column can be, with what one picture costs and how long it takes."""
    rows = []
    for model in can_be_columns(workspace.owner_id):
        price = planning.count(workspace, GenerationSpec(prompt="x", model=model.id)).price_each
        rows.append(
            {
                "id": model.id,
                "name": model.name,
                "heading": heading(model.id)[0],
                "provider": catalogue().provider_of(model).name,
                "price_text": money.show(price),
                "price": price,
                "seconds": planning.seconds_of(model, Operation.TXT2IMG),
            }
        )
    return rows


def _quote(choice: Sequence[Mapping[str, Any]], chosen: Sequence[str]) -> dict[str, Any]:
    rows = {each["id"]: each for each in choice}
    asked = [rows[each] for each in chosen if each in rows]
    total = sum((each["price"] for each in asked), money.ZERO)
    return {
        "count": len(asked),
        "names": ", ".join(each["name"] for each in asked),
        "price_text": money.show(total),
        "time_text": spoken(max((each["seconds"] for each in asked), default=1.0)),
    }


def _draft_of(session: Session) -> dict[str, Any]:
    """The form as the session began."""
    config = session.config
    draft: dict[str, Any] = {
        "prompt": session.prompt,
        "negative_prompt": config.get("negative_prompt", ""),
        "style_id": config.get("style_id"),
    }
    if config.get("width") and config.get("height"):
        draft |= create_form.shape_of(config["width"], config["height"])
    return draft


def _takes_meant(session: Session) -> list[Take]:
    """The takes a form names, in the order of the columns. Raises NotFound for what is not of this session."""
    columns = {column.id: column.ordinal for column in queries.columns_of([session.id])}
    found = [take for take, _ in queries.takes_of(list(columns))]
    if text := request.form.get("image_ids", ""):
        jobs = queries.jobs_of_images(me().id, [each for part in text.split(",") if (each := id_or_none(part.strip()))])
        takes = [take for take in found if take.job_id in jobs]
    else:
        takes = [take for take in found if str(take.id) == request.form.get("take_id")]
    if not takes:
        raise NotFound("picture in this session")
    return sorted(takes, key=lambda take: (columns[take.column_id], take.number))


def _deleted(session_id: uuid.UUID | None) -> Session | None:
    if session_id is None:
        return None
    try:
        session = queries.session_for(me().id, session_id, even_deleted=True)
    except NotFound:
        return None
    return session if session.deleted_at is not None else None
