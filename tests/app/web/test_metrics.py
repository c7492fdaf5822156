from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.web import metrics

from .conftest import make_app


@pytest.fixture
def scraped(tmp_path: Path) -> FlaskClient:
    return make_app(tmp_path, metrics="true").test_client()


def test_there_are_none_until_switched_on(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404


def test_requests_are_counted_by_endpoint_method_and_status(scraped: FlaskClient) -> None:
    for _ in range(3):
        scraped.get("/probe/text/metrics")
    scraped.open("/probe/text/metrics", method="BREW")
    scraped.get("/no/such/page")
    text = scraped.get("/metrics").get_data(as_text=True)
    assert 'darkroom_requests_total{endpoint="probe.text",method="GET",status="200"} 3.0' in text
    assert 'darkroom_request_seconds_count{endpoint="probe.text"}' in text
    assert 'endpoint="none",method="GET",status="404"' in text
    assert "BREW" not in text
    assert "/no/such/page" not in text


def test_gauges_are_read_when_scraped(scraped: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_gauges", {})
    waiting = {"waiting": 4}
    metrics.register_gauge("jobs", "Jobs by state", "state", lambda: waiting)
    assert 'darkroom_jobs{state="waiting"} 4.0' in scraped.get("/metrics").get_data(as_text=True)
    waiting["waiting"] = 5
    assert 'darkroom_jobs{state="waiting"} 5.0' in scraped.get("/metrics").get_data(as_text=True)


def test_several_processes_add_up_when_they_share_a_folder(tmp_path: Path) -> None:
    (tmp_path / "counts").mkdir()
    script = (
        "from flask import Flask; from app.config import Settings; from app.web import metrics\n"
        "app = Flask('small')\n"
        "metrics.register(app, Settings(metrics=True))\n"
        "app.add_url_rule('/', 'start', lambda: 'x')\n"
        "app.test_client().get('/')\n"
        "print(app.test_client().get('/metrics').get_data(as_text=True))\n"
    )
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counts")}
    for expected in ("1.0", "2.0"):
        done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
        assert f'{{endpoint="start",method="GET",status="200"}} {expected}' in done.stdout
