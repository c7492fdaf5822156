"""One picture with all that is known of how it was made: what its page, the lightbox and the inspector show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from app.db import db
from app.durations import measured
from app.generation import lanes
from app.generation.models import Job
from app.generation.views import price_words
from app.library import queries as library_queries
from app.library import search
from app.library.chips import list_query, made_how
from app.library.filters import Filters
from app.library.models import Asset
from app.library.recipe_reading import readable
from app.library.views import image_view, image_views
from app.playground import create_form
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.web.visitor import clock_text, time_zone
from app.workspaces.models import Workspace

STRIP_EACH_SIDE = 12
MOST_RELATIVES = 8
# What of a picture the Create form can be filled with. "like": all of it but the seed; "modify": all of it.
USES = ("prompt", "seed", "all", "like", "modify")
# In a batch of hundreds a number says nothing.
MOST_OF_A_BATCH = 64


def context(workspace: Workspace, asset: Asset) -> dict[str, Any]:
    """What templates/playground/_recipe.html needs of a picture."""
    parents = library_queries.parents_of(asset)
    return {
        "image": image_views([asset])[0],
        "recipe": recipe_view(asset),
        "lineage": [image_view(parent) for parent in parents],
        "children": [image_view(child) for child in library_queries.children_of(asset, MOST_RELATIVES)],
        "lineage_url": url_for("looking.lineage", image_id=asset.id),
        "compare_url": url_for("looking.compare", ids=asset.id),
        **uses_of(workspace, asset),
    }


def surroundings(asset: Asset, filters: Filters | None = None) -> dict[str, Any]:
    """What templates/playground/_lightbox.html shows around a picture: its neighbours on the film strip, its place in
    its batch. filters: those of the library's list that it stands in; none for the canvas."""
    if filters is None:
        query = ""
        newer, older = library_queries.around(asset, STRIP_EACH_SIDE)
    else:
        query = list_query(filters)
        newer, older = search.around(asset.owner_id, filters, asset, STRIP_EACH_SIDE, zone=time_zone())
    batch = [each.id for each in library_queries.made_together(asset, MOST_OF_A_BATCH + 1)]
    place = f"{batch.index(asset.id) + 1} of {len(batch)}" if 1 < len(batch) <= MOST_OF_A_BATCH else ""
    return {
        "strip": [image_view(each, list_query=query) for each in (*reversed(newer), asset, *older)],
        "newer_url": image_view(newer[0], list_query=query).page_url if newer else None,
        "older_url": image_view(older[0], list_query=query).page_url if older else None,
        "place": place,
    }


def recipe_view(asset: Asset) -> dict[str, Any]:
    """The recipe as templates/playground/_recipe.html shows it: what the file says, and what the job's row adds."""
    recipe = readable(asset.recipe)
    job = db.session.get(Job, asset.job_id) if asset.job_id else None
    model = catalogue().find(str(recipe.get("model", "")))
    shown = [_in_words(name, value) for name, value in recipe.get("params", {}).items()]
    shown += [
        (kind.capitalize(), row["name"])
        for kind, row in recipe.get("style", {}).items()
        if isinstance(row, dict) and "name" in row
    ]
    lane = lanes.lane_named(job.lane) if job else None
    why = job.reason if job else None
    if why and lane:
        why = why.removeprefix(f"{lane.name}: ")  # it stands in the line above
    return {
        "prompt_typed": recipe.get("template") or recipe.get("prompt") or asset.shown_name,
        "prompt_sent": recipe.get("prompt"),
        "enhanced_from": recipe.get("enhanced_from"),
        "negative_prompt": recipe.get("negative_prompt"),
        "continued": _turns(recipe.get("history", [])),
        "seed": recipe.get("seed"),
        "model": model.name if model else recipe.get("model") or "Uploaded",
        "operation": made_how(recipe.get("operation")),
        "lane": lane.name if lane else job.lane if job else None,
        "why": why,
        "took": _took(job),
        "price_text": price_words(job) if job and job.price_actual is not None else "",
        "made_at": asset.created_at,
        "params": shown,
    }


def _turns(history: list[Any]) -> list[tuple[str, str]]:
    """What was asked before, oldest first, and what became of it: kept, rejected or nothing."""
    return [
        (turn["prompt"], turn["outcome"] if turn.get("outcome") in ("kept", "rejected") else "")
        for turn in history
        if isinstance(turn, dict) and isinstance(turn.get("prompt"), str)
    ]


def _in_words(name: str, value: Any) -> tuple[str, Any]:
    """A parameter as people read it: its unit beside the number, not in the name."""
    for suffix, unit in (("_s", "s"), ("_px", "px")):
        if name.endswith(suffix):
            return _spoken(name.removesuffix(suffix)), f"{value} {unit}"
    return _spoken(name), value


def _spoken(name: str) -> str:
    """ "Output format"; "FPS", for what is so short stands for words."""
    return name.upper() if len(name) <= 3 else name.replace("_", " ").capitalize()


def facts(asset: Asset, recipe: Mapping[str, Any]) -> dict[str, str]:
    """The recipe in short facts by name, without the prompts: what is set beside another picture's."""
    found = {
        "Seed": recipe["seed"],
        "Model": recipe["model"],
        "Size": f"{asset.width_px} × {asset.height_px}",
        "How": recipe["operation"],
        **dict(recipe["params"]),
        "Ran on": recipe["lane"],
        "Took": recipe["took"],
        "Price": recipe["price_text"],
        "Made": clock_text(recipe["made_at"]),
    }
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def _took(job: Job | None) -> str:
    if job is None or job.finished_at is None or job.submitted_at is None:
        return ""
    taken: datetime = job.submitted_at
    return measured((job.finished_at - taken).total_seconds())


def uses_of(workspace: Workspace, asset: Asset) -> dict[str, str | None]:
    """Addresses of the canvas with its form filled from a picture; nothing is sent by following one."""

    def filled(use: str) -> str:
        return url_for("playground.show", workspace_id=workspace.id, recipe=asset.id, use=use)

    return {
        "use_prompt_url": filled("prompt"),
        "use_seed_url": filled("seed") if "seed" in readable(asset.recipe) else None,
        "use_all_url": filled("all"),
        "use_like_url": filled("like"),
    }


def filling(asset: Asset, use: str) -> dict[str, str]:
    """Which fields of the Create form one of USES fills from a picture, and with what."""
    recipe = readable(asset.recipe)
    words = {"prompt": recipe.get("template") or recipe.get("prompt")}
    seed = {"seed": recipe.get("seed")}
    style = recipe.get("style", {}).get("style")
    whole = {
        **words,
        "negative_prompt": recipe.get("negative_prompt") or None,
        "model": recipe.get("model"),
        "style_id": style.get("id") if isinstance(style, dict) else None,
        **_shape(recipe),
        **create_form.settings_of(recipe.get("params", {})),
        **_start(recipe),
    }
    values = {"prompt": words, "seed": seed, "like": whole}.get(use, {**whole, **seed})
    return {name: str(value) for name, value in values.items() if value is not None}


def _shape(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The size, where it was chosen; otherwise it came of the picture that was changed."""
    width_px, height_px = recipe.get("width_px"), recipe.get("height_px")
    chosen = recipe.get("operation", Operation.TXT2IMG) in create_form.SHAPED
    return create_form.shape_of(width_px, height_px) if chosen and width_px and height_px else {}


def _start(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The picture it was made from, with what was done to it."""
    parents = recipe.get("parents", {})
    if not parents.get("image"):
        return {}
    return {"image_id": parents["image"], "mask_id": parents.get("mask"), "operation": recipe.get("operation")}
