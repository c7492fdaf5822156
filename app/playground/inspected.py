"""One picture as the panel beside the canvas shows it: its recipe, and what one can make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from app import money
from app.accounts.access import me
from app.db import db, new_id
from app.durations import spoken
from app.errors import NotFound
from app.generation import planning
from app.generation.choosing import Offered, offered_to
from app.generation.models import Batch
from app.generation.pricing import price_of
from app.library import service as library
from app.library.models import Asset
from app.library.recipe_reading import readable
from app.playground import one_picture
from app.playground.typed_prompt import stretches_of
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.studio import queries as studio_queries
from app.web.ids import id_or_none
from app.workspaces.models import Workspace

WAYS = (
    (Operation.ITERATE, "Iterate", "iterate"),
    (Operation.INPAINT, "Inpaint", "brush"),
    (Operation.OUTPAINT, "Outpaint", "outpaint"),
    (Operation.UPSCALE, "Upscale", "upscale"),
    (Operation.IMG2VID, "To video", "film"),
)


@dataclass(frozen=True, slots=True)
class Way:
    """Something to make of a picture: it leads to the Create form, with what it costs or how long it takes."""

    text: str
    icon: str
    url: str
    cost: str


def context(asset: Asset) -> dict[str, Any]:
    """What templates/playground/_inspector.html needs of a picture."""
    workspace = db.session.get_one(Workspace, asset.workspace_id)
    recipe = readable(asset.recipe)
    return {
        **one_picture.context(workspace, asset),
        "typed": stretches_of(recipe.get("template") or recipe.get("prompt") or "", recipe.get("choices", [])),
        "ways": _ways(asset, offered_to(workspace.owner_id)),
        "can_run_again": batch_of(asset) is not None,
        "columns_url": columns_url(asset),
        "run_key": str(new_id()),
        "canvas_url": url_for("playground.show", workspace_id=workspace.id),
    }


def selected() -> dict[str, Any] | None:
    """The picture that the address selects (`?image=`), if it is still there."""
    image_id = id_or_none(request.args.get("image"))
    if image_id is None:
        return None
    try:
        return context(library.image_for(me().id, image_id))
    except NotFound:
        return None


def columns_url(asset: Asset) -> str | None:
    """The session of Compare that a picture was made in, while it is there."""
    session = studio_queries.session_of_batch(asset.batch_id) if asset.batch_id else None
    return url_for("comparing.show", session_id=session.id) if session and session.deleted_at is None else None


def _ways(asset: Asset, offered: Offered) -> list[Way]:
    if asset.kind != "image":
        return []
    chosen = catalogue().find(str(asset.recipe.get("model", "")))
    ways = []
    for operation, text, icon in WAYS:
        models = offered.doing(operation)
        # By the model that made it, where that can; else as the Create form would choose.
        model = next((each for each in models if chosen is not None and each.id == chosen.id), None)
        model = model or next(iter(models), None)
        if model is None:
            continue
        size = (asset.width_px, asset.height_px)
        usual = {name: row.default for name, row in model.parameters_for(operation).items() if row.default is not None}
        price = price_of(model, operation, usual, size, [size], own_key=offered.is_on_own_key(model))
        cost = (
            money.show(price) if price else f"~{spoken(planning.seconds_of(model, operation)).removeprefix('about ')}"
        )
        url = url_for("inspector.start", image_id=asset.id, operation=str(operation))
        ways.append(Way(text, icon, url, cost))
    return ways


def batch_of(asset: Asset) -> Batch | None:
    return db.session.get(Batch, asset.batch_id) if asset.batch_id else None
