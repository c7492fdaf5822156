"""Pages to look at: the canvas with its fragments, the queue, one picture."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import money
from app.accounts.access import me, signed_in
from app.db import db, new_id, utc_now
from app.durations import spoken
from app.generation import placing, planning, queries
from app.generation.views import BatchView, batch_view
from app.library import queries as library_queries
from app.library import service as library
from app.library.models import Asset
from app.library.views import ImageView, image_views
from app.playground import create_form, one_picture
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.workspaces import current
from app.workspaces import queries as workspace_queries
from app.workspaces.models import Theme, Workspace

bp = Blueprint("playground", __name__)


@dataclass(frozen=True, slots=True)
class Day:
    """The pictures of one day (UTC), as templates/playground/_days.html shows them."""

    key: str
    heading: str
    summary: str
    images: list[ImageView]


@bp.get("/w/<uuid:workspace_id>")
@signed_in
def show(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The canvas. The address may fill the form (`?prompt=`, `?seed=`) and say where its pictures start (`?after=`)."""
    return render_canvas(current.enter(workspace_id), draft=create_form.draft_of(request.args))


@bp.get("/w/<uuid:workspace_id>/tray")
@signed_in
def tray(workspace_id: uuid.UUID) -> ResponseReturnValue:
    return render_tray(current.enter(workspace_id))


@bp.get("/w/<uuid:workspace_id>/pictures")
@signed_in
def pictures(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """The canvas without the page around it; with `?after=`, how its pictures go on."""
    workspace = current.enter(workspace_id)
    if request.args.get("after"):
        return render_template("playground/_days.html", **_pictures(workspace))
    return render_template("playground/_pictures.html", trays=open_trays(workspace), **_pictures(workspace))


@bp.get("/images/<uuid:image_id>")
@signed_in
def image(image_id: uuid.UUID) -> ResponseReturnValue:
    """One picture and everything that is known of how it was made; to the lightbox, without the page around it."""
    asset = library.image_for(me().id, image_id)
    workspace = current.enter(asset.workspace_id)
    name = "playground/_lightbox.html" if "HX-Request" in request.headers else "playground/image.html"
    return render_template(name, **one_picture.context(workspace, asset), **one_picture.surroundings(asset))


def render_canvas(
    workspace: Workspace,
    *,
    draft: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    proposal: Mapping[str, Any] | None = None,
) -> str:
    """The whole canvas page, whatever brought the person here."""
    theme = db.session.get(Theme, workspace.theme_id) if workspace.theme_id else None
    return render_template(
        "playground/show.html",
        trays=open_trays(workspace),
        draft=draft,
        errors=errors or {},
        proposal=proposal,
        models=_models(),
        aspects=create_form.aspects(),
        styles=workspace_queries.styles_of(workspace.id),
        theme_name=theme.name if theme else None,
        idempotency_key=str(new_id()),
        price_text="free",
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
    """The grid's part of a page: pictures by day from `?after=` on, and the way on."""
    # What was made here. A mask or a source that came by the form stands in the lineage of what was made from it.
    page = library_queries.pictures_of(workspace.id, after=_uuid(request.args.get("after")), source="generated")
    more: dict[str, str | None] = {"next_url": None, "next_partial_url": None}
    if page.after is not None:
        for name, endpoint in (("next_url", "playground.show"), ("next_partial_url", "playground.pictures")):
            more[name] = url_for(endpoint, workspace_id=workspace.id, after=page.after)
    return {"days": _days(page.assets), **more}


def _days(assets: Sequence[Asset]) -> list[Day]:
    today = utc_now().date()
    days = []
    for day, group in groupby(assets, key=lambda asset: asset.created_at.date()):
        images = image_views(list(group))
        days.append(Day(f"{day}-{images[0].id}", _heading(day, today), _summary(images), images))
    return days


def _heading(day: date, today: date) -> str:
    ago = (today - day).days
    if ago in {0, 1}:
        return ("Today", "Yesterday")[ago]
    return (
        f"{day:%A} {day.day}" if ago < 7 else f"{day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}")
    )


def _summary(images: Sequence[ImageView]) -> str:
    videos = sum(image.kind == "video" for image in images)
    pictures = len(images) - videos
    parts = [
        f"{count} {noun}{'' if count == 1 else 's'}"
        for count, noun in ((pictures, "picture"), (videos, "video"))
        if count
    ]
    return ", ".join(parts)


def _models() -> list[dict[str, Any]]:
    """The model picker's rows: those that start from words alone; tools for pictures choose themselves."""
    rows = []
    for model in catalogue().offering(Operation.TXT2IMG):
        provider = catalogue().provider_of(model)
        price = model.price.amount
        rows.append(
            {
                "id": model.id,
                "name": model.name,
                "price_text": money.show(price),
                "unit_price": str(price) if price else None,
                "seconds_text": spoken(planning.seconds_of(model, Operation.TXT2IMG)),
                "provider": provider.name,
                "note": provider.note,
            }
        )
    return rows


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
