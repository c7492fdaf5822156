from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", ["/probe/page", "/nowhere"])
def test_pages_are_packed_for_those_who_take_it(client: FlaskClient, path: str) -> None:
    plain, packed = client.get(path), client.get(path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert b"<title>" in gzip.decompress(packed.data)
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize("accept", ["gzip;q=0", "br", "identity", ""])
def test_nobody_gets_what_they_cannot_read(client: FlaskClient, accept: str) -> None:
    assert "Content-Encoding" not in client.get("/probe/page", headers={"Accept-Encoding": accept}).headers


def test_small_answers_and_other_kinds_stay_as_they_are(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/api/probe/plain", headers=GZIP).headers
    assert "Content-Encoding" not in client.get("/static/img/favicon.svg", headers=GZIP).headers
