from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from apiflask import APIFlask

from tests.app.api.conftest import Caller
from tests.app.api.test_access import TABLE

REFS = "#/components/schemas/"


@pytest.fixture
def description(app: APIFlask) -> Any:
    return json.loads(Caller(app, None)("GET", "/api/openapi.json").data)


def calls_of(description: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            yield f"{method.upper()} {path}", call


def references_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references_in(inner)


def test_every_call_is_described(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    described = {name for name, _ in calls_of(description)}
    pages = {"GET /api/docs", "GET /api/openapi.json"}
    assert described == {name.replace("<", "{").replace(">", "}") for name in TABLE} - pages


def test_every_call_says_what_it_is_for_and_shows_an_example(description: Any) -> None:
    ids = set()
    for name, call in calls_of(description):
        assert call["summary"], name
        assert len(call["tags"]) == 1, name
        ids.add(call["operationId"])
        answers = [answer for status, answer in call["responses"].items() if status.startswith("2") and status != "204"]
        for answer in answers:
            for kind, content in answer["content"].items():
                assert kind != "application/json" or "example" in content, name
        body = call.get("requestBody", {}).get("content", {})
        for kind, content in body.items():
            assert kind != "application/json" or "example" in content, name
    assert len(ids) == len(list(calls_of(description)))


def test_every_example_is_one(description: Any) -> None:
    checked = 0
    for _, call in calls_of(description):
        holders = [call.get("requestBody", {}), *call["responses"].values()]
        for content in (content for holder in holders for content in holder.get("content", {}).values()):
            if "example" in content:
                schema = {**content["schema"], "components": description["components"]}
                jsonschema.validate(content["example"], schema, format_checker=jsonschema.FormatChecker())
                checked += 1
    assert checked > 50


def test_every_refusal_has_the_one_shape(description: Any) -> None:
    for name, call in calls_of(description):
        refusals = {status: answer for status, answer in call["responses"].items() if status >= "400"}
        assert {"400", "401", "429", "503"} <= set(refusals), name
        for status, answer in refusals.items():
            if (name, status) != ("GET /api/health", "503"):
                assert answer["content"]["application/json"]["schema"] == {"$ref": f"{REFS}Error"}, name
            assert answer["description"], name


def test_every_name_that_is_used_is_there(description: Any) -> None:
    known = {REFS + name for name in description["components"]["schemas"]}
    used = set(references_in(description))
    assert used <= known
    assert not any("." in name.removeprefix(REFS) for name in known)


def test_a_call_says_which_scope_its_key_needs(description: Any) -> None:
    calls = dict(calls_of(description))
    assert calls["POST /api/generate"]["security"] == [{"key": ["generate"]}, {"session": []}]
    assert calls["GET /api/jobs"]["security"] == [{"key": ["read"]}, {"session": []}]
    assert set(description["components"]["securitySchemes"]) == {"key", "session"}


def test_calls_that_create_take_a_key(description: Any) -> None:
    takers = {
        name
        for name, call in calls_of(description)
        if any(parameter["name"] == "Idempotency-Key" for parameter in call["parameters"])
    }
    created = {name for name, call in calls_of(description) if {"201", "202"} & set(call["responses"])}
    assert takers == created


def test_a_body_is_needed_where_it_says_so(description: Any) -> None:
    calls = dict(calls_of(description))
    assert calls["POST /api/generate"]["requestBody"]["required"] is True
    assert calls["POST /api/batches/{batch_id}/cancel"]["requestBody"]["required"] is False


def test_the_description_is_kept_by_browsers_until_it_changes(app: APIFlask) -> None:
    visitor = Caller(app, None)
    first = visitor("GET", "/api/openapi.json")
    assert (first.status_code, first.mimetype) == (200, "application/json")
    assert "max-age" in first.headers["Cache-Control"]
    again = visitor("GET", "/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
