"""Darkroom: make AI images and videos with many models at once, nothing lost, every price known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the image helper processes import this package too, and must start light
    from apiflask import APIFlask
    from flask import Flask

    from app.config import Settings


def create_app(settings: Settings) -> APIFlask:
    """The web app, and the context in which workers and commands run the same services."""
    from apiflask import APIFlask

    from app import (
        accounts,
        admin,
        api,
        background,
        billing,
        chat,
        generation,
        library,
        live,
        offers,
        playground,
        studio,
        web,
        wildcards,
        workspaces,
    )
    from app.extensions import connect_redis
    from app.llm import registry as language_models
    from app.product import ROOT, VERSION
    from app.providers import registry
    from app.storage import open_storage

    app = APIFlask(
        "app",
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="static",
        title="Darkroom",
        version=VERSION,
        spec_path=None,
        docs_path=None,
        json_errors=False,
    )
    _lay_ground(app, settings)
    app.extensions["storage"] = open_storage(settings.storage_url)
    background.doorbell.install(background.make_celery(settings), connect_redis(app, settings))
    registry.configure(app, settings)
    language_models.configure(app, settings)

    lower = (web, accounts, workspaces, billing, offers, wildcards, library, live)
    for feature in (*lower, generation, chat, studio, playground, api, admin):
        feature.register(app, settings)
    return app


def create_bare_app(settings: Settings) -> Flask:
    """Settings, logs and database without any feature.

    For the short commands a start waits for: loading the features takes several times as long as all their work.
    """
    from flask import Flask

    app = Flask("app")
    _lay_ground(app, settings)
    return app


def _lay_ground(app: Flask, settings: Settings) -> None:
    from app.db import db, engine_options
    from app.extensions import migrate
    from app.product import ROOT
    from app.web import logs

    app.config.from_mapping(
        SECRET_KEY=settings.secret(),
        SECRET_KEY_FALLBACKS=[key.strip() for key in settings.secret_key_fallbacks.split(",") if key.strip()],
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
    )
    app.extensions["settings"] = settings
    settings.home.mkdir(parents=True, exist_ok=True)

    logs.configure(settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
