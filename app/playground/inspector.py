"""The panel beside the canvas, and the ways that lead from a picture back to the form."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import confirmed, me, signed_in
from app.db import new_id
from app.errors import Invalid, NotFound
from app.generation import submission
from app.library import queries as library_queries
from app.library import service as library
from app.playground import inspected
from app.playground.one_picture import USES
from app.playground.routes import end_of, render_tray
from app.providers.contract import Operation
from app.web.rates import generation_rate
from app.web.visitor import by_htmx
from app.workspaces import current

bp = Blueprint("inspector", __name__)

_STARTS = (*(str(operation) for operation, _, _ in inspected.WAYS), str(Operation.IMG2IMG))


@bp.get("/images/<uuid:image_id>/inspector")
@signed_in
def show(image_id: uuid.UUID) -> ResponseReturnValue:
    """The inside of the panel for one picture."""
    asset = library.image_for(me().id, image_id)
    return render_template("playground/_inspector.html", inspected=inspected.context(asset))


@bp.get("/images/<uuid:image_id>/start")
@signed_in
def start(image_id: uuid.UUID) -> ResponseReturnValue:
    """The canvas with its form set to start from a picture (`?operation=`), or filled from its recipe (`?use=`)."""
    asset = library.image_for(me().id, image_id)
    workspace = current.enter(asset.workspace_id)
    if use := request.args.get("use"):
        if use not in USES:
            raise Invalid(f"Use one of: {', '.join(USES)}.", fields={"use": "Choose what to use."})
        return redirect(url_for("playground.show", workspace_id=workspace.id, recipe=asset.id, use=use))
    operation = request.args.get("operation", "")
    if operation not in _STARTS:
        raise Invalid(f"Use one of: {', '.join(_STARTS)}.", fields={"operation": "Choose what to do."})
    # With a script the painter opens by itself, or on a phone the form; without, the form asks for a mask as a file.
    return redirect(
        url_for(
            "playground.show",
            workspace_id=workspace.id,
            image_id=asset.id,
            operation=operation,
            recipe=asset.id,
            use="prompt",
            _anchor="paint" if operation == Operation.INPAINT else "start",
        )
    )


@bp.get("/images/<uuid:image_id>/reopen")
@signed_in
def reopen(image_id: uuid.UUID) -> ResponseReturnValue:
    """Where a picture was made: its columns in Compare; else the canvas, with its prompt in the form."""
    asset = library.image_for(me().id, image_id)
    if (columns_url := inspected.columns_url(asset)) is not None:
        return redirect(columns_url)
    if asset.source != "generated":
        return redirect(url_for("playground.show", workspace_id=asset.workspace_id))
    return redirect(url_for("playground.show", workspace_id=asset.workspace_id, recipe=asset.id, use="prompt"))


@bp.get("/w/<uuid:workspace_id>/reopen")
@signed_in
def reopen_day(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """What was made last in a workspace, up to the end of a day (`?day=2026-11-20`)."""
    workspace = current.enter(workspace_id)
    before = end_of(request.args.get("day"))
    found = library_queries.pictures_of(workspace.id, after=before, most=1, source="generated").assets
    if found:
        return redirect(url_for("inspector.reopen", image_id=found[0].id))
    return redirect(url_for("playground.show", workspace_id=workspace.id))


@bp.post("/images/<uuid:image_id>/runs")
@confirmed
@generation_rate
def run_again(image_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once more for what made this picture, with the same configuration."""
    asset = library.image_for(me().id, image_id)
    batch = inspected.batch_of(asset)
    if batch is None:
        raise NotFound("batch")
    submission.run_again(batch, key=request.form.get("idempotency_key") or str(new_id()))
    workspace = current.enter(asset.workspace_id)
    if by_htmx():
        return render_tray(workspace)
    return redirect(url_for("playground.show", workspace_id=workspace.id))
