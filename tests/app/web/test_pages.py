from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import service
from app.db import db

from .conftest import make_app

PASSWORD = "seven quiet herons wade"
CONTENT_OF_META = r'<meta (?:name|property)="{}" content="([^"]*)"'


@pytest.fixture(scope="module")
def open_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_app(tmp_path_factory.mktemp("pages"))
    with app.app_context():
        db.create_all()
        service.create_account("mary@example.org", PASSWORD, is_admin=False, confirmed=True)
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def stranger(open_app: Flask) -> FlaskClient:
    return open_app.test_client()


def form_token(client: FlaskClient) -> str:
    found = re.search(CONTENT_OF_META.format("csrf-token"), client.get("/").text)
    assert found
    return unescape(found.group(1))


@pytest.fixture
def mary(open_app: Flask) -> FlaskClient:
    client = open_app.test_client()
    sent = {"email": "mary@example.org", "password": PASSWORD, "csrf_token": form_token(client)}
    assert client.post("/auth/login", data=sent).status_code == 302
    return client


def meta(page: str, name: str) -> str:
    found = re.search(CONTENT_OF_META.format(re.escape(name)), page)
    return unescape(found.group(1)) if found else ""


def test_strangers_and_search_engines_learn_what_this_is(stranger: FlaskClient) -> None:
    page = stranger.get("/").text
    assert page.count("<h1") == 1
    assert "Darkroom" in meta(page, "og:title") + meta(page, "og:site_name")
    assert len(meta(page, "description")) > 50
    assert meta(page, "robots") == "index, follow"
    assert '<link rel="canonical" href="http://127.0.0.1:8000/">' in page
    assert 'href="/auth/login"' in page
    assert 'href="/auth/register"' in page


def test_a_closed_house_offers_no_registration(tmp_path: Path) -> None:
    page = make_app(tmp_path, registration="false").test_client().get("/").text
    assert 'href="/auth/login"' in page
    assert "/auth/register" not in page


def test_people_are_asked_what_they_want_to_create(mary: FlaskClient) -> None:
    answer = mary.get("/")
    assert "What do you want to create?" in answer.text
    assert re.search(r'href="/w/[0-9a-f-]{36}"', answer.text)
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_link_of_the_start_leads_somewhere(mary: FlaskClient) -> None:
    links = set(re.findall(r'<a [^>]*href="(/[^"#]*)"', mary.get("/").text))
    assert len(links) > 5
    assert {link: mary.get(link).status_code for link in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/docs", "/styleguide"])
def test_pages_hold_nothing_the_policy_forbids(mary: FlaskClient, stranger: FlaskClient, path: str) -> None:
    for client in (mary, stranger):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page)
        assert not re.search(r"<[a-z][^>]*\s(style|on[a-z]+)=", page)
        assert not re.search(r'(src|href)="(https?:)?//(?!127\.0\.0\.1)', page)


def test_the_first_page_is_light(stranger: FlaskClient) -> None:
    """Everything a browser fetches for the start, fonts of other alphabets aside."""
    packed: dict[str, Any] = {"headers": {"Accept-Encoding": "gzip"}}
    page = stranger.get("/", **packed)
    text = stranger.get("/").text
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)"', text))
    assert len(files) > 5
    total = len(page.data) + sum(len(stranger.get(path, **packed).data) for path in files)
    assert total < 200_000


def test_the_theme_is_remembered_and_leads_back(mary: FlaskClient) -> None:
    sent = {"theme": "light", "csrf_token": form_token(mary)}
    answer = mary.post("/theme", data=sent, headers={"Referer": "http://localhost/workspaces?a=b"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/workspaces?a=b")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("theme=light;")
    assert "SameSite=Lax" in cookie
    assert 'data-bs-theme="light"' in mary.get("/").text


@pytest.mark.parametrize("referrer", ["https://evil.example/x", "http://localhost//evil.example", "", "javascript:x"])
def test_the_theme_never_leads_to_another_host(mary: FlaskClient, referrer: str) -> None:
    sent = {"theme": "dark", "csrf_token": form_token(mary)}
    assert mary.post("/theme", data=sent, headers={"Referer": referrer}).headers.get("Location", "/") == "/"


def test_a_theme_of_ones_own_is_refused_and_a_foreign_form_too(mary: FlaskClient) -> None:
    assert mary.post("/theme", data={"theme": "<b>", "csrf_token": form_token(mary)}).status_code == 422
    assert mary.post("/theme", data={"theme": "dark"}).status_code == 400


def test_robots_and_icons(stranger: FlaskClient) -> None:
    robots = stranger.get("/robots.txt")
    assert "Disallow: /api/" in robots.text
    assert "max-age" in robots.headers["Cache-Control"]
    assert stranger.get("/favicon.ico").mimetype == "image/svg+xml"


PRODUCTION = {
    "env": "production",
    "secret_key": "x" * 40,
    "key_ring": "x" * 43 + "=",
    "redis_url": "redis://127.0.0.1:1",
    "public_url": "https://darkroom.example",
}


def test_in_production_the_manual_is_for_those_who_signed_in_and_the_parts_for_nobody(tmp_path: Path) -> None:
    client = make_app(tmp_path, **PRODUCTION).test_client()
    there = {"base_url": "https://darkroom.example"}
    assert client.get("/styleguide", **there).status_code == 404
    assert client.get("/api/docs", **there).status_code == 401


def test_the_manual_names_every_documented_call(mary: FlaskClient, open_app: Flask) -> None:
    page = unescape(mary.get("/api/docs").text)
    assert page.count("<h1") == 1
    calls = [
        f"{method.upper()} {path}"
        for path, methods in open_app.spec["paths"].items()  # type: ignore[attr-defined]
        for method in methods
    ]
    assert "POST /api/probe/wish" in calls
    assert [call for call in calls if call not in page] == []
