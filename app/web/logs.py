"""Structured logs."""

from __future__ import annotations

from app.config import Settings


def configure(settings: Settings) -> None:
    """Placeholder until the logging helper lands."""
