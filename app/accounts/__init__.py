"""People: sign-in, second factors, sessions, API keys, mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Hang this feature's pages and hooks on the app."""
    from app.accounts import models  # noqa: F401 - the tables belong to every app
