from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from redis.exceptions import ConnectionError as RedisAway

from app.web import context


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    monkeypatch.setattr(context, "_providers", dict(context._providers))

    def workspace() -> str:
        made.append("workspace")
        return "Field notes"

    def away() -> str:
        raise RedisAway("no")

    context.provide("probe_workspace", workspace)
    context.provide("probe_count", away)
    return made


def test_a_fact_is_looked_up_when_it_is_named_and_once(app: Flask, calls: list[str]) -> None:
    with app.test_request_context("/"):
        assert render_template_string("nothing") == "nothing"
        assert calls == []
        twice = "{{ probe_workspace }} {% if probe_workspace is not none %}{{ probe_workspace|upper }}{% endif %}"
        assert render_template_string(twice) == "Field notes FIELD NOTES"
        render_template_string("{{ probe_workspace }}")
        assert calls == ["workspace"]
    with app.test_request_context("/"):
        render_template_string("{{ probe_workspace }}")
    assert calls == ["workspace", "workspace"]


def test_included_and_extending_templates_know_the_facts(app: Flask, calls: list[str]) -> None:
    source = "{% macro show() %}{{ probe_workspace }}{% endmacro %}{% block a %}{{ show() }}{% endblock %}"
    with app.test_request_context("/"):
        assert render_template_string(source) == "Field notes"


def test_what_lives_in_redis_is_undefined_while_redis_is_away(app: Flask, calls: list[str]) -> None:
    with app.test_request_context("/"):
        assert render_template_string("{{ probe_count|default(0) }}") == "0"


def test_a_value_given_by_the_view_wins(app: Flask, calls: list[str]) -> None:
    with app.test_request_context("/"):
        assert render_template_string("{{ probe_workspace }}", probe_workspace="mine") == "mine"
    assert calls == []


def test_outside_a_request_facts_are_undefined(app: Flask, calls: list[str]) -> None:
    with app.app_context():
        assert render_template_string("{{ probe_workspace|default('nobody') }}") == "nobody"


@pytest.mark.parametrize(
    ("cookie", "theme"), [("light", "light"), ("dark", "dark"), ("<script>", "dark"), ("", "dark")]
)
def test_the_theme_is_one_of_two(app: Flask, cookie: str, theme: str) -> None:
    with app.test_request_context("/", headers={"Cookie": f"theme={cookie}"}):
        assert render_template_string("{{ theme }}") == theme
