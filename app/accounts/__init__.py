"""People: sign-in, second factors, sessions, API keys, mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Hang this feature's pages and hooks on the app."""
    from app.accounts import keyring, provider_key_pages, provider_keys, routes, security
    from app.accounts.domain import browser_name
    from app.web import context

    keyring.check(settings)
    app.add_template_filter(browser_name)
    security.register(app, settings)
    context.provide("provider_words", provider_keys.words)
    app.register_blueprint(routes.bp)
    app.register_blueprint(provider_key_pages.bp)
    if not settings.registration:
        app.add_url_rule("/auth/register", "security.register", routes.registration_closed, methods=["GET", "POST"])
