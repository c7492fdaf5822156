"""The adapters by provider id."""

from __future__ import annotations

from flask import Flask

from app.config import Settings


def configure(app: Flask, settings: Settings) -> None:
    """Placeholder."""
