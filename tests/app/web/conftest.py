"""A whole app with a few extra routes that behave in every way a route can."""

from __future__ import annotations

import errno
import io
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, abort, flash, jsonify, request
from flask.testing import FlaskClient
from pydantic import BaseModel, ConfigDict, Field, field_validator
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from app import create_app
from app.config import Settings
from app.errors import Conflict, Invalid, NotFound
from app.extensions import csrf
from app.texts import clean_name
from app.web import logs
from app.web.rates import generation_rate, unlimited

LogLines = Callable[[], list[dict[str, Any]]]


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")
    prompt: str = Field(max_length=20)
    count: int = Field(1, ge=1, le=4)

    @field_validator("prompt")
    @classmethod
    def _clean(cls, value: str) -> str:
        return clean_name(value, 10)


ERRORS: dict[str, Exception] = {
    "bug": RuntimeError("the launch code is 12345"),
    "conflict": Conflict("This job is running already."),
    "invalid": Invalid("Correct the seed.", fields={"seed": "Use a number."}),
    "missing": NotFound("picture"),
    "database": OperationalError("SELECT secret", {"prompt": "swordfish"}, Exception("server closed the connection")),
    "database-full": OperationalError("INSERT", {}, Exception("database or disk is full")),
    "data": DataError("INSERT", {}, Exception("value too long")),
    "twice": IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed")),
    "redis": RedisAway("no"),
    "disk": OSError(errno.ENOSPC, "No space left on device"),
}


def probes() -> list[Blueprint]:
    """Fresh blueprints each time: one belongs to one app."""
    pages = Blueprint("probe", __name__, url_prefix="/probe")
    api = APIBlueprint("api_probe", __name__, url_prefix="/api/probe", enable_openapi=True)
    for blueprint in (pages, api):
        csrf.exempt(blueprint)

    @pages.get("/page")
    def page() -> str:
        return "<!doctype html><title>Probe</title>" + "words " * 400

    @pages.get("/own-cache")
    def own_cache() -> Any:
        return "x", 200, {"Cache-Control": "private, max-age=60", "Content-Security-Policy": "sandbox"}

    @pages.get("/session")
    def use_session() -> str:
        flash("remember me")
        return "x"

    @pages.get("/fail/<kind>")
    def fail(kind: str) -> str:
        raise ERRORS[kind]

    @pages.get("/abort/<int:status>")
    def stop(status: int) -> str:
        abort(status)

    @pages.get("/text/<name>")
    def text(name: str) -> str:
        return name

    @pages.post("/form")
    def form() -> Any:
        return jsonify(sorted(request.form.items(multi=True)))

    @pages.post("/ignores-the-body")
    def ignores() -> str:
        return "done"

    @api.get("/fail/<kind>")
    def api_fail(kind: str) -> str:
        raise ERRORS[kind]

    @api.post("/echo")
    def echo() -> Any:
        return jsonify(request.get_json(force=True))

    @api.post("/wish")
    @api.input(Wish, location="json")
    def wish(json_data: Wish) -> Any:
        return {"prompt": json_data.prompt}

    @api.get("/plain")
    def plain() -> Any:
        return {"ok": True}

    @api.get("/picture")
    @unlimited
    def picture() -> Any:
        return {"ok": True}

    @api.post("/generate")
    @generation_rate
    def generate() -> Any:
        return {"ok": True}

    @api.post("/generate-more")
    @generation_rate
    def generate_more() -> Any:
        return {"ok": True}

    return [pages, api]


def make_app(home: Path, **settings: str) -> APIFlask:
    environ = {"DARKROOM_ENV": "test", "DARKROOM_HOME": str(home), "DARKROOM_RATE_LIMITS": "false"}
    environ |= {f"DARKROOM_{name.upper()}": value for name, value in settings.items()}
    app = create_app(Settings.from_environ(environ))
    for blueprint in probes():
        app.register_blueprint(blueprint)
    return app


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return make_app(tmp_path_factory.mktemp("home"))


@pytest.fixture
def client(app: APIFlask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


@pytest.fixture
def log_lines(app: APIFlask) -> Iterator[LogLines]:
    """What the app wrote from here on, read back from its own lines."""
    stream = io.StringIO()
    logs.configure(app.extensions["settings"], stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.configure(app.extensions["settings"])


@pytest.fixture
def hanging_redis() -> Iterator[str]:
    """The address of something that takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"
