"""The conversation of each workspace with a language model, about the pictures that are made there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the conversation's page, its part of the control panel and its forms."""
    from app.chat.routes import bp

    app.register_blueprint(bp)
