from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings
from app.web import logs
from app.web.secrets_filter import HIDDEN, make_filter

from .conftest import LogLines

API_KEY = "darkroom_live_" + "aB3" * 14 + "x" + "q7W2z9"
RESET_TOKEN = "Zk3vQ9_x7Lm2Pw8RtY5uIo1AsDf4GhJk6NbVcXz0"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

# What must not be read in a log, as it would come with a request: (where, name, value).
SECRETS = [
    ("header", "Authorization", f"Bearer {API_KEY}"),
    ("header", "Authorization", "Basic bWFyeTpodW50ZXIy"),
    ("header", "Proxy-Authorization", "Bearer proxypassword99"),
    ("header", "Cookie", "session=eyJfdXNlcl9pZCI6IjEifQ.Zx.sig-of-session"),
    ("header", "Cookie", "__Host-session=hostsessionvalue; remember_token=rememberme42"),
    ("header", "X-Api-Key", "plain-header-key-77"),
    ("header", "X-CSRFToken", "csrfvalue123456"),
    ("header", "X-Request-Id", "sk-proj-abcdefghijklmnop1234567890"),
    ("query", "token", "querytoken55"),
    ("query", "signature", "deadbeefcafe"),
    ("query", "api_key", "querykey66"),
    ("query", "code", "492817"),
    ("query", "key", "AIzaSyD-1234567890abcdefghijklmnopqrstu"),  # made up
    ("path", "", RESET_TOKEN),
    ("path", "", JWT),
    ("path", "", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),  # made up
    ("form", "password", "correct horse battery"),
    ("form", "prompt", "a very private picture of swordfish"),
    ("json", "prompt", "another private picture of marlin"),
    ("form", "email", "mary@example.org"),
]


def parts_of(secret: str) -> list[str]:
    """The secret itself and each piece long enough to matter."""
    return [piece for piece in (secret, *secret.replace(";", " ").replace("=", " ").split()) if len(piece) > 5]


@pytest.mark.parametrize(("where", "name", "value"), SECRETS)
def test_a_secret_of_a_request_stands_in_no_log_line(
    client: FlaskClient, log_lines: LogLines, where: str, name: str, value: str
) -> None:
    for path in ("/probe/text/x", "/api/probe/fail/bug", "/api/probe/fail/database", "/nowhere"):
        if where == "header":
            client.get(path, headers={name: value})
        elif where == "query":
            client.get(path, query_string={name: value})
        elif where == "path":
            client.get(f"/probe/text/{value}")
            client.get(f"/nowhere/{value}")
        elif where == "form":
            client.post("/probe/form", data={name: value})
        else:
            client.post("/api/probe/wish", json={name: value})
    written = json.dumps(log_lines())
    assert written != "[]"
    for piece in parts_of(value):
        if piece not in {"Bearer", "session", "__Host-session", "remember_token", "private", "picture", "another"}:
            assert piece not in written


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Log something at a level; returns the line as read back."""
    stream = io.StringIO()
    logs.configure(Settings.from_environ({"DARKROOM_ENV": "test", "DARKROOM_HOME": str(tmp_path)}), stream)

    def line(log: Callable[[], object]) -> dict[str, Any]:
        log()
        found: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
        return found

    return line


Write = Callable[[Callable[[], object]], dict[str, Any]]


def test_a_line_is_json_with_time_level_and_name(write: Write) -> None:
    line = write(lambda: structlog.get_logger("app.engine").info("job_done", job="1", ms=12.5))
    assert line["event"] == "job_done"
    assert (line["level"], line["logger"], line["ms"]) == ("info", "app.engine", 12.5)
    assert line["timestamp"].endswith("Z")


def test_line_breaks_cannot_forge_a_second_line(write: Write) -> None:
    line = write(lambda: structlog.get_logger().warning("x", name='a\n{"event": "forged"}\x1b[2J'))
    assert line["name"] == 'a\n{"event": "forged"}\x1b[2J'


@pytest.mark.parametrize("name", ["gunicorn.error", "celery.task", "sqlalchemy.engine.Engine", "some.library"])
def test_libraries_write_the_same_lines(write: Write, name: str) -> None:
    line = write(lambda: logging.getLogger(name).warning("lost %s", "postgresql://app:hunter2@db/darkroom"))
    assert line["event"] == f"lost postgresql://{HIDDEN}@db/darkroom"
    assert line["logger"] == name


def test_values_of_a_failed_statement_are_hidden(write: Write) -> None:
    def fail() -> None:
        try:
            raise ValueError(
                "(sqlite3.Error)\n[SQL: INSERT INTO t VALUES (?)]\n[parameters: ('my [odd] prompt', 'b')]\n(more)"
            )
        except ValueError:
            structlog.get_logger().exception("x")

    line = write(fail)
    assert "my [odd] prompt" not in line["exception"]
    assert "INSERT INTO t" in line["exception"]
    assert "(more)" in line["exception"]


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "Authorization", "cookie", "api_key", "X-Api-Key", "secret_key", "token", "otp"],
)
def test_values_with_a_telling_name_are_hidden_at_any_depth(write: Write, name: str) -> None:
    line = write(lambda: structlog.get_logger().info("x", **{name: "v4lue"}, inner={"list": [{name: "v4lue"}]}))
    assert "v4lue" not in json.dumps(line)


def test_prompts_and_bodies_are_counted_not_shown_from_info_up(write: Write, tmp_path: Path) -> None:
    line = write(lambda: structlog.get_logger().info("x", prompt="a fox", body={"a": 1}, request={"prompt": "a fox"}))
    assert (line["prompt"], line["body"], line["request"]["prompt"]) == ("[5 long]", "[1 long]", "[5 long]")
    stream = io.StringIO()
    settings = Settings.from_environ(
        {"DARKROOM_ENV": "test", "DARKROOM_HOME": str(tmp_path), "DARKROOM_LOG_LEVEL": "DEBUG"}
    )
    logs.configure(settings, stream)
    structlog.get_logger().debug("x", prompt="a fox")
    assert json.loads(stream.getvalue())["prompt"] == "a fox"


def test_one_person_keeps_one_name_without_the_address(write: Write) -> None:
    first = write(lambda: structlog.get_logger().info("x", who="Mary@Example.org"))
    again = write(lambda: structlog.get_logger().info("mail to mary@example.org failed"))
    other = write(lambda: structlog.get_logger().info("x", who="john@example.org"))
    assert first["who"].startswith("email:")
    assert first["who"] in again["event"]
    assert first["who"] != other["who"]


def test_what_logs_need_is_left_alone(write: Write) -> None:
    kept = {
        "job": "0193a5b2-7c4d-7e8f-9a0b-1c2d3e4f5a6b",
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "endpoint": "generation.submit",
        "prompt_tokens": 12,
        "tokens": 4000,
        "constraint": "fk_jobs_batch_id_generation_batches",
        "reason": "lane sketch: 2 of 2 slots in use, next free in 3 s",
        "address": "http://127.0.0.1:8000/api/jobs",
        "done": True,
        "nothing": None,
    }
    line = write(lambda: structlog.get_logger().info("kept", **kept))
    assert {name: line[name] for name in kept} == kept


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5))
def test_any_text_can_be_filtered_and_written(values: dict[str, str]) -> None:
    filtered = make_filter("pepper")(None, "info", {"level": "info", "event": "x", **values})
    json.dumps(filtered, ensure_ascii=False).encode()


def test_a_very_long_text_is_cut_and_takes_no_time(write: Write) -> None:
    for text in ("a" * 500_000, "eyJ" * 100_000, "[parameters: " * 30_000, "://a:" * 50_000, "x@" * 100_000):
        line = write(lambda text=text: structlog.get_logger().info("x", note=text))  # type: ignore[misc]
        assert len(line["note"]) < 5_000
