"""Wildcard files: lists of words kept in a workspace, which its prompts name as `__folder/name__`.

The language stands in app/prompts/; here are the files, kept so that they hold together, and read once for a process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the pages, and remember the wildcards of the workspaces at work."""
    from app.wildcards.routes import bp
    from app.wildcards.sets import ReadSets

    app.extensions["wildcard_sets"] = ReadSets()
    app.register_blueprint(bp)
