"""Stored pictures and videos: files, thumbnails, lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the pictures."""
    from app.library.routes import bp

    app.register_blueprint(bp)
