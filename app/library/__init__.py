"""Stored pictures and videos: files, thumbnails, lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the pictures and the pages to find them again."""
    from app.library import pages, routes

    app.register_blueprint(routes.bp)
    app.register_blueprint(pages.bp)
