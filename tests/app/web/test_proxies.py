from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import jsonify, request
from flask.testing import FlaskClient

from .conftest import make_app

FORWARDED = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}


def seen_behind(tmp_path: Path, hops: str, headers: dict[str, str]) -> Any:
    app = make_app(tmp_path, proxy_hops=hops)
    app.add_url_rule("/seen", "seen", lambda: jsonify([request.remote_addr, request.scheme, request.host]))
    return app.test_client().get("/seen", headers=headers).get_json()


def test_without_a_proxy_forwarded_addresses_are_lies(tmp_path: Path) -> None:
    assert seen_behind(tmp_path, "0", FORWARDED) == ["127.0.0.1", "http", "localhost"]


def test_each_proxy_is_believed_once(tmp_path: Path) -> None:
    assert seen_behind(tmp_path, "1", FORWARDED) == ["203.0.113.9", "https", "localhost"]
    assert seen_behind(tmp_path, "2", FORWARDED)[0] == "198.51.100.1"


def test_the_host_is_never_taken_from_a_forwarding_header(tmp_path: Path) -> None:
    assert seen_behind(tmp_path, "1", {"X-Forwarded-Host": "evil.example"})[2] == "localhost"


def test_names_the_operator_added_are_answered_to(tmp_path: Path) -> None:
    client = make_app(tmp_path, extra_hosts="studio.example, lab.example").test_client()
    assert client.get("/robots.txt", headers={"Host": "studio.example"}).status_code == 200
    assert client.get("/robots.txt", headers={"Host": "lab.example:8000"}).status_code == 200
    assert client.get("/robots.txt", headers={"Host": "other.example"}).status_code == 400


ODD = ["", " ", ",", ";", "a" * 2_000, "\x7f", "é", "%00", "*/*;q=x", "bytes=9-1", "=", '"', "-1", "W/", "1e999", "\t"]
NAMES = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Cookie",
    "HX-Request",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "X-Forwarded-For",
    "X-Request-Id",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_headers_break_nothing(client: FlaskClient, name: str) -> None:
    found = {
        (value, method, path): status
        for value in ODD
        for method, path in [
            ("GET", "/"),
            ("GET", "/static/css/base.css"),
            ("POST", "/probe/form"),
            ("GET", "/api/health"),
        ]
        if (
            status := client.open(
                path, method=method, data=b"x" if method == "POST" else None, headers={name: value}
            ).status_code
        )
        >= 500
    }
    assert found == {}


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=é",
        "multipart/form-data; boundary=" + "b" * 300,
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "application/x-www-form-urlencoded; charset=\x00",
        "application/vnd.api+json",
        "text/html; charset=\xff",
        "/",
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"--", b"--x\r\n\r\n", b"\x00\xff", b'{"prompt": "x"}', b"--b\r\nContent-Disposition: x\r\n\r\n"]
)
def test_odd_formats_break_nothing(client: FlaskClient, kind: str, body: bytes) -> None:
    for path in ("/probe/form", "/api/probe/wish"):
        assert client.post(path, data=body, content_type=kind).status_code < 500
