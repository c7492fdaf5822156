from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import DictLoader
from werkzeug.test import TestResponse

from app.web.error_pages import wants_json

from .conftest import ERRORS, LogLines

HERE = str(Path(__file__).parents[3])
LEAKS = ("12345", "swordfish", "SELECT", "Traceback", "RuntimeError", "psycopg", "sqlite", HERE)


def assert_tells_nothing(answer: TestResponse) -> None:
    text = answer.get_data(as_text=True) + str(answer.headers)
    assert [leak for leak in LEAKS if leak in text] == []


@pytest.mark.parametrize("kind", ERRORS)
def test_programs_get_json_with_the_request_id(client: FlaskClient, kind: str) -> None:
    answer = client.get(f"/api/probe/fail/{kind}", headers={"X-Request-Id": "my-request-1"})
    error = answer.get_json()["error"]
    assert error["request_id"] == answer.headers["X-Request-Id"] == "my-request-1"
    assert set(error) - {"fields"} == {"code", "message", "request_id"}
    assert_tells_nothing(answer)


@pytest.mark.parametrize("kind", ERRORS)
def test_people_get_a_page_with_one_heading_and_the_request_id(
    client: FlaskClient, log_lines: LogLines, kind: str
) -> None:
    answer = client.get(f"/probe/fail/{kind}")
    assert "error_page_failed" not in [line["event"] for line in log_lines()]
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert text.count("<h1") == 1
    assert answer.headers["X-Request-Id"] in text
    assert_tells_nothing(answer)


def test_fields_are_carried_to_programs_and_to_htmx(client: FlaskClient) -> None:
    assert client.get("/api/probe/fail/invalid").get_json()["error"]["fields"] == {"seed": "Use a number."}
    partial = client.get("/probe/fail/invalid", headers={"HX-Request": "true"})
    text = partial.get_data(as_text=True)
    assert partial.status_code == 422
    assert "<html" not in text
    assert 'data-field="seed"' in text


def test_a_boosted_request_gets_the_whole_page(client: FlaskClient) -> None:
    boosted = client.get("/probe/fail/conflict", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert "<html" in boosted.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "accept", "json_wanted"),
    [
        ("/api/x", "text/html", True),
        ("/api", "", True),
        ("/apis", "text/html", False),
        ("/x", "application/json", True),
        ("/x", "text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("/x", "*/*", False),
        ("/x", "", False),
    ],
)
def test_who_gets_json(app: Flask, path: str, accept: str, json_wanted: bool) -> None:
    with app.test_request_context(path, headers={"Accept": accept}):
        assert wants_json() is json_wanted


def test_an_unexpected_error_is_logged_with_its_traceback(client: FlaskClient, log_lines: LogLines) -> None:
    answer = client.get("/api/probe/fail/bug")
    line = next(line for line in log_lines() if line["event"] == "unexpected_error")
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["level"] == "error"
    assert "RuntimeError: the launch code is 12345" in line["exception"]


def test_a_refusal_is_no_error_in_the_log(client: FlaskClient, log_lines: LogLines) -> None:
    client.get("/api/probe/fail/invalid")
    assert [(line["event"], line["level"], line["refused"]) for line in log_lines()] == [("request", "info", "invalid")]
    client.get("/probe/page")
    assert "refused" not in log_lines()[-1]


def test_a_page_about_an_error_survives_a_broken_frame(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = app.jinja_env.overlay(
        loader=DictLoader({"errors/page.html": "{{ 1 / 0 }}", "errors/bare.html": "bare {{ message }}"}), cache_size=0
    )
    monkeypatch.setattr(app, "jinja_env", broken)
    answer = app.test_client().get("/probe/fail/conflict")
    assert (answer.status_code, answer.get_data(as_text=True)) == (409, "bare This job is running already.")


def test_a_page_in_the_frame_shows_what_each_field_needs(client: FlaskClient) -> None:
    page = client.get("/probe/fail/invalid").text
    assert 'class="topbar"' in page
    assert "Use a number." in page


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503])
def test_every_status_is_a_page_of_its_own(client: FlaskClient, status: int) -> None:
    answer = client.get(f"/probe/abort/{status}")
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)


def test_the_way_on_never_leads_to_another_host(client: FlaskClient) -> None:
    for referrer in ("https://evil.example/", "http://localhost//evil.example/", "javascript:alert(1)"):
        page = client.get("/probe/fail/conflict", headers={"Referer": referrer}).get_data(as_text=True)
        assert 'href="//' not in page
        assert "evil.example" not in page
        assert "javascript:" not in page


def test_words_in_a_page_are_escaped(client: FlaskClient) -> None:
    page = client.get("/<script>alert(1)</script>?x=<img src=x>").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_json_answer_is_valid_json_of_the_documented_shape(client: FlaskClient) -> None:
    assert json.loads(client.get("/api/nothing").data)["error"]["code"] == "not_found"
