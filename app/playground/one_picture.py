"""One picture with all that is known of how it was made: what its page, the lightbox and the inspector show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from app import money
from app.db import db
from app.durations import measured
from app.generation import lanes
from app.generation.models import Job
from app.library import queries as library_queries
from app.library.models import Asset
from app.library.views import image_view, image_views
from app.providers.registry import catalogue
from app.workspaces.models import Workspace


def context(workspace: Workspace, asset: Asset) -> dict[str, Any]:
    """What templates/playground/_recipe.html needs of a picture."""
    return {
        "image": image_views([asset])[0],
        "recipe": recipe_view(asset),
        "lineage": [image_view(parent) for parent in library_queries.parents_of(asset)],
        **_uses(workspace, asset),
    }


def recipe_view(asset: Asset) -> dict[str, Any]:
    """The recipe as templates/playground/_recipe.html shows it: what the file says, and what the job's row adds."""
    recipe = asset.recipe
    job = db.session.get(Job, asset.job_id) if asset.job_id else None
    model = catalogue().find(str(recipe.get("model", "")))
    params = recipe.get("params")
    style = recipe.get("style")
    style = style if isinstance(style, dict) else {}
    shown = [(name.replace("_", " "), value) for name, value in params.items()] if isinstance(params, dict) else []
    shown += [(kind, row["name"]) for kind, row in style.items() if isinstance(row, dict) and "name" in row]
    lane = lanes.lane_named(job.lane) if job else None
    return {
        "prompt_typed": recipe.get("template") or recipe.get("prompt") or asset.shown_name,
        "prompt_sent": recipe.get("prompt"),
        "negative_prompt": recipe.get("negative_prompt"),
        "seed": recipe.get("seed"),
        "model": model.name if model else recipe.get("model") or "Uploaded",
        "operation": recipe.get("operation"),
        "lane": lane.name if lane else job.lane if job else None,
        "why": job.reason if job else None,
        "took": _took(job),
        "price_text": money.show(job.price_actual) if job and job.price_actual is not None else "",
        "made_at": f"{asset.created_at:%-d %B %Y, %H:%M} UTC",
        "params": shown,
    }


def _took(job: Job | None) -> str:
    if job is None or job.finished_at is None or job.submitted_at is None:
        return ""
    taken: datetime = job.submitted_at
    return measured((job.finished_at - taken).total_seconds())


def _uses(workspace: Workspace, asset: Asset) -> dict[str, str | None]:
    """Addresses of the canvas with its form filled from a picture; nothing is sent by following one."""
    recipe = asset.recipe
    words = {"prompt": recipe.get("template") or recipe.get("prompt") or ""}
    seed = {"seed": recipe["seed"]} if isinstance(recipe.get("seed"), int) else {}
    kept = recipe.get("style") if isinstance(recipe.get("style"), dict) else {}
    whole = {
        **words,
        **seed,
        "negative_prompt": recipe.get("negative_prompt") or None,
        "model": recipe.get("model"),
        "style_id": (kept or {}).get("style", {}).get("id"),
    }

    def filled(values: dict[str, Any]) -> str:
        return url_for("playground.show", **{"workspace_id": workspace.id, **values})

    return {
        "use_prompt_url": filled(words),
        "use_seed_url": filled(seed) if seed else None,
        "use_all_url": filled(whole),
    }
