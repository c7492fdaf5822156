"""Pages to look at: the canvas with its fragments, the queue, one picture."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.access import me, signed_in
from app.db import db, new_id
from app.enhancing import service as enhancing
from app.errors import Invalid, NotFound
from app.generation import placing, queries
from app.generation.views import BatchView, batch_view
from app.library import queries as library_queries
from app.library import service as library
from app.library import timeline
from app.library.filters import SEVERAL, Filters, from_query
from app.playground import create_form, days, inspected, model_choices, one_picture
from app.web import visitor
from app.web.hygiene import takes_several
from app.web.ids import id_or_none
from app.web.visitor import by_htmx
from app.workspaces import current
from app.workspaces import queries as workspace_queries
from app.workspaces.models import Theme, Workspace

bp = Blueprint("playground", __name__)

PAGE = 60
# What windowing.js asks for when far rows come near again.
MOST_AT_ONCE = 240


@bp.get("/w/<uuid:workspace_id>")
@signed_in
def show(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The canvas. The address may fill the form, by itself (`?prompt=`, `?seed=`) or from a picture (`?recipe=` with
    `?use=`), and name the day it starts at (`?before=`)."""
    workspace, filled = current.enter(workspace_id), _from_recipe()
    return render_canvas(workspace, draft=create_form.draft_of({**filled, **request.args}), filled=filled)


@bp.get("/w/<uuid:workspace_id>/tray")
@signed_in
def tray(workspace_id: uuid.UUID) -> ResponseReturnValue:
    return render_tray(current.enter(workspace_id))


@bp.get("/w/<uuid:workspace_id>/pictures")
@signed_in
def pictures(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The canvas without the page around it.

    With `?after=` or `?newer=`, how its pictures go on (`?limit=` of them); with `?before=`, those up to a day.
    """
    workspace = current.enter(workspace_id)
    if request.args.get("after") or request.args.get("newer"):
        return render_template("playground/_days.html", **_pictures(workspace))
    if request.args.get("before"):
        return render_template("playground/_grid.html", **_pictures(workspace))
    return render_template("playground/_pictures.html", trays=open_trays(workspace), **_pictures(workspace))


@bp.get("/w/<uuid:workspace_id>/days")
@signed_in
def rail(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The rail of days beside the pictures."""
    workspace = current.enter(workspace_id)
    marks = days.rail_of(workspace, visitor.today(), zone=visitor.time_zone())
    return render_template("playground/_rail.html", marks=marks)


@bp.get("/images/<uuid:image_id>")
@signed_in
@takes_several(*SEVERAL)
def image(image_id: uuid.UUID) -> ResponseReturnValue:
    """One picture and everything that is known of how it was made; to the lightbox, without the page around it. One in
    the trash can be looked at as long as it is there."""
    asset = library.image_for(me().id, image_id, even_deleted=True)
    current.enter(asset.workspace_id)
    name = "playground/_lightbox.html" if by_htmx() else "playground/image.html"
    trashed = asset.deleted_at is not None
    around = one_picture.surroundings(asset, _list_it_stands_in())
    return render_template(name, trashed=trashed, **inspected.context(asset), **around)


def _list_it_stands_in() -> Filters | None:
    """The filters of the library's list that a picture was opened from (`?in=library&…`)."""
    if request.args.get("in") != "library":
        return None
    try:
        return from_query(request.args.items(multi=True))
    except Invalid:
        return None


def render_canvas(
    workspace: Workspace,
    *,
    draft: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    proposal: Mapping[str, Any] | None = None,
    filled: Iterable[str] = (),
) -> str:
    """The whole canvas page, whatever brought the person here. filled: the fields of the draft that a picture's recipe
    gave, which the address does not name."""
    theme = db.session.get(Theme, workspace.theme_id) if workspace.theme_id else None
    choices = model_choices.choices(workspace.owner_id)
    ready = [choice for choice in choices if not choice.wants_key]
    return render_template(
        "playground/show.html",
        page_size=PAGE,
        filled=filled,
        trays=open_trays(workspace),
        draft=draft,
        errors=errors or {},
        proposal=proposal,
        models=ready,
        wanting_key=choices[len(ready) :],
        settings=model_choices.settings_of(ready),
        aspects=create_form.aspects(),
        size_limits=create_form.size_limits(),
        styles=workspace_queries.styles_of(workspace.id),
        theme_name=theme.name if theme else None,
        idempotency_key=str(new_id()),
        price_text="free",
        enhance_offer=enhancing.offer(workspace.owner_id),
        **_pictures(workspace),
    )


def render_tray(workspace: Workspace) -> str:
    return render_template("playground/_tray.html", trays=open_trays(workspace))


def open_trays(workspace: Workspace) -> list[BatchView]:
    """The batches in progress, and of those that ended the newest, while it is fresh."""
    batches = queries.tray_batches(workspace.id)
    plan = placing.forecast() if any(batch.finished_at is None for batch in batches) else None
    return [batch_view(batch, plan=plan) for batch in batches]


def _pictures(workspace: Workspace) -> dict[str, Any]:
    """The grid's part of a page: pictures by day from `?after=`, `?before=` or `?newer=` on, and the ways on."""
    if (newer_than := id_or_none(request.args.get("newer"))) is not None:
        assets = timeline.newer_than(workspace.id, newer_than, most=PAGE)
        more = {"newer_than": assets[0].id if len(assets) == PAGE else None}
    else:
        # What was made here. A mask or a source that came by the form stands in the lineage of what was made from it.
        after = id_or_none(request.args.get("after")) or end_of(request.args.get("before"))
        most = min(max(request.args.get("limit", PAGE, int), 1), MOST_AT_ONCE)
        page = library_queries.pictures_of(workspace.id, after=after, most=most, source="generated")
        assets = page.assets
        more = {"older_than": page.after, "newer_than": assets[0].id if after and assets else None}
    return {"days": days.days_of(workspace, assets, visitor.today(), zone=visitor.time_zone()), **more}


def _from_recipe() -> dict[str, str]:
    """What of a picture's recipe the address asks for, by its fields of the form; nothing of one that is gone."""
    image_id = id_or_none(request.args.get("recipe"))
    if image_id is None:
        return {}
    try:
        return one_picture.filling(library.image_for(me().id, image_id), request.args.get("use", "all"))
    except NotFound:
        return {}


def end_of(text: str | None) -> uuid.UUID | None:
    """Where the list starts whose first pictures are of a day (`2026-11-19`), or of the next older one."""
    try:
        return timeline.first_id_of(date.fromisoformat(text), days_later=1, zone=visitor.time_zone()) if text else None
    except (ValueError, OverflowError):
        return None
