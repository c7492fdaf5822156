from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from .conftest import LogLines


@pytest.mark.parametrize("sent", ["abcd1234", "0193a5b2-7c4d-7e8f-9a0b-1c2d3e4f5a6b", "A.b_c-9" * 5])
def test_a_plain_id_is_kept(client: FlaskClient, sent: str) -> None:
    assert client.get("/probe/page", headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent


@pytest.mark.parametrize(
    "sent", ["", "short", "x" * 65, "<script>alert(1)</script>", "with space", "ümlaut-1234", "a/../b/c/d"]
)
def test_any_other_id_is_replaced(client: FlaskClient, sent: str) -> None:
    got = client.get("/probe/page", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", got)


def test_each_request_has_its_own_id_even_within_one_context(app, client: FlaskClient) -> None:  # type: ignore[no-untyped-def]
    with app.app_context():
        ids = {client.get("/probe/page").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_the_log_line_of_a_request_names_its_route_and_its_id(client: FlaskClient, log_lines: LogLines) -> None:
    answer = client.get("/probe/text/secret-name?q=secret-query")
    line = next(line for line in log_lines() if line["event"] == "request")
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/probe/text/<name>", 200)
    assert line["ms"] >= 0
