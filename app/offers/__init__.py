"""What is on offer here: the catalogue, less what staff switched off, at the prices staff set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Prepare what each process keeps of it."""
    from app.offers.service import Kept

    app.extensions["offers"] = Kept()
