"""The pages that belong to no feature: the start, the look, the API's manual, and what browsers and robots ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Unauthorized

from app.config import Settings
from app.errors import Invalid, NotFound
from app.extensions import settings
from app.web import api_manual
from app.web.context import THEME_COOKIE, THEMES
from app.web.local_paths import local_path
from app.web.static_files import static_file
from app.web.visitor import by_htmx, signed_in

bp = Blueprint("pages", __name__)

A_YEAR_S = 365 * 24 * 3600
ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /auth/\nAllow: /\n"


def register(app: Flask, chosen: Settings) -> None:
    app.register_blueprint(bp)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Strangers see what this is; people see where to go on."""
    if signed_in():
        return render_template("home.html")
    return render_template("landing.html", canonical=settings().public_url + "/", open_to_all=settings().registration)


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    return Response(ROBOTS, mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Pages name their icon; this is for what asks without reading them."""
    response = static_file("img/favicon.svg")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@bp.post("/theme")
def theme_switch() -> ResponseReturnValue:
    """Choose dark or light, remembered in a cookie of this browser."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        raise Invalid("Choose the dark or the light theme.", fields={"theme": "Choose dark or light."})
    came_from = (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    in_place = by_htmx()
    response = make_response("", 204) if in_place else make_response(redirect(local_path(came_from), 303))
    response.set_cookie(
        THEME_COOKIE, chosen, max_age=A_YEAR_S, secure=settings().https, httponly=True, samesite="Lax", path="/"
    )
    return response


@bp.get("/api/docs")
def api_docs() -> ResponseReturnValue:
    """The API's manual, written from its own description."""
    if settings().env == "production" and not signed_in():
        raise Unauthorized
    return render_template("api_docs.html", manual=api_manual.manual_of(_description()))


@bp.get("/styleguide")
def styleguide() -> ResponseReturnValue:
    """Every part in every state, for those who build pages."""
    if settings().env == "production":
        raise NotFound
    return render_template("styleguide.html")


def _description() -> Mapping[str, Any]:
    found = cast("APIFlask", current_app).spec
    return json.loads(found) if isinstance(found, str) else found
