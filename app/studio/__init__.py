"""Guided runs over batches: one prompt in several models side by side, each refined in steps.

Every picture in them is an ordinary job of the engine; what stands here is which job stands where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Know the tables."""
    from app.studio import models  # noqa: F401 - a table is known once its module was read
