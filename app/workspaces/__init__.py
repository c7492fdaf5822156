"""Workspaces, themes and styles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.accounts.models import User
    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the pages, give every new account its first workspace, and tell every page where it is."""
    from app.accounts.service import on_new_account
    from app.web.context import provide
    from app.workspaces import current
    from app.workspaces.routes import bp

    app.register_blueprint(bp)
    on_new_account(_welcome)
    provide("workspace", current.current)
    provide("workspaces", current.mine)


def _welcome(user: User) -> None:
    from app.workspaces import service

    service.welcome(user.id)
