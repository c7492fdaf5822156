from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from .conftest import LogLines, make_app

EVERY_KIND = [
    ("GET", "/probe/page"),
    ("GET", "/api/probe/plain"),
    ("GET", "/api/health"),
    ("GET", "/robots.txt"),
    ("GET", "/static/css/base.css"),
    ("HEAD", "/static/css/base.css"),
    ("GET", "/nowhere"),
    ("GET", "/api/nowhere"),
    ("GET", "/probe/fail/bug"),
    ("GET", "/api/probe/fail/database"),
    ("POST", "/probe/page"),
    ("OPTIONS", "/api/probe/plain"),
    ("POST", "/csp-report"),
]


@pytest.mark.parametrize(("method", "path"), EVERY_KIND)
def test_every_answer_carries_the_protective_headers(client: FlaskClient, method: str, path: str) -> None:
    headers = client.open(path, method=method).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert policy.endswith("report-uri /csp-report")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "X-Request-Id" in headers
    assert "Cache-Control" in headers
    assert "Server" not in headers
    assert "Strict-Transport-Security" not in headers


def test_https_is_remembered_where_it_is_used(tmp_path: Path) -> None:
    client = make_app(tmp_path, public_url="https://darkroom.example").test_client()
    headers = client.get("/robots.txt", headers={"Host": "darkroom.example"}).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_view_may_be_stricter_and_cache_by_itself(client: FlaskClient) -> None:
    headers = client.get("/probe/own-cache").headers
    assert headers["Content-Security-Policy"] == "sandbox"
    assert headers["Cache-Control"] == "private, max-age=60"


def test_what_belongs_to_one_person_is_not_stored(client: FlaskClient) -> None:
    assert client.get("/probe/page").headers["Cache-Control"] == "no-cache"
    assert client.get("/probe/session").headers["Cache-Control"] == "no-store"
    assert client.get("/auth/login").headers["Cache-Control"] == "private, no-store"
    assert client.get("/probe/page").headers["Cache-Control"] == "no-store"
    answer = client.get("/api/probe/plain", headers={"Authorization": "Bearer x"})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "application/csp-report",
            {
                "csp-report": {
                    "effective-directive": "script-src",
                    "blocked-uri": "https://evil.example/x?token=12345678",
                }
            },
        ),
        (
            "application/reports+json",
            [
                {
                    "type": "csp-violation",
                    "body": {"effectiveDirective": "script-src", "blockedURL": "https://evil.example/x"},
                }
            ],
        ),
    ],
)
def test_a_browser_can_report_what_it_refused(
    client: FlaskClient, log_lines: LogLines, kind: str, body: object
) -> None:
    assert client.post("/csp-report", json=body, content_type=kind).status_code == 204
    line = next(line for line in log_lines() if line["event"] == "csp_report")
    assert (line["directive"], line["blocked"]) == ("script-src", "https://evil.example/x")


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 3_000, b"\xff", b"null", b"[1, {}]", b'{"csp-report": 1}'])
def test_reports_that_are_none_do_no_harm(client: FlaskClient, body: bytes) -> None:
    assert client.post("/csp-report", data=body, content_type="application/csp-report").status_code in {204, 400}


def test_a_report_is_small(client: FlaskClient) -> None:
    assert client.post("/csp-report", data=b"x" * 16_385, content_type="application/csp-report").status_code == 413


def test_reports_are_limited_in_number(tmp_path: Path) -> None:
    client = make_app(tmp_path, rate_limits="true").test_client()
    codes = [
        client.post("/csp-report", data=b"{}", content_type="application/csp-report").status_code for _ in range(31)
    ]
    assert (codes[29], codes[30]) == (204, 429)
