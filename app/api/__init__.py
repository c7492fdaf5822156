"""The JSON API: what the pages do, for programs, over the same services."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apiflask import APIFlask

    from app.config import Settings


def register(app: APIFlask, settings: Settings) -> None:
    """Serve the calls and their description."""
    from app.api import (
        account,
        batches,
        catalogue,
        chat,
        description,
        enhance,
        generate,
        image_marks,
        images,
        jobs,
        prompt_history,
        prompts,
        queue,
        refine,
        sessions,
        spending,
        styles,
        suggestions,
        themes,
        wildcards,
        workspaces,
    )

    for resource in (
        generate,
        refine,
        sessions,
        batches,
        jobs,
        queue,
        prompts,
        suggestions,
        enhance,
        prompt_history,
        images,
        image_marks,
        workspaces,
        themes,
        styles,
        wildcards,
        catalogue,
        chat,
        account,
        spending,
    ):
        app.register_blueprint(resource.bp)
    description.register(app)
