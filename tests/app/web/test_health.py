from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.web import health, heartbeats, storage_space
from app.web.heartbeats import Kind, record_heartbeat
from tests.support.valkey import TemporaryServer, temporary_valkey

from .conftest import make_app

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture(scope="module")
def valkey() -> Iterator[TemporaryServer]:
    with temporary_valkey() as server:
        yield server


@pytest.fixture
def whole(tmp_path: Path, valkey: TemporaryServer) -> Flask:
    valkey.flush()
    return make_app(tmp_path, redis_url=valkey.url)


def checks(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/health").get_json()["checks"]
    return found


def test_all_is_well_when_workers_and_beat_gave_a_sign_of_life(whole: Flask, valkey: TemporaryServer) -> None:
    record_heartbeat(valkey.client(), Kind.WORKER, "worker@1")
    record_heartbeat(valkey.client(), "beat", "beat@1")
    answer = whole.test_client().get("/api/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")
    assert set(answer.get_json()["checks"]) == {"database", "broker", "storage", "workers", "beat"}
    assert answer.get_json()["checks"]["beat"]["age_s"] < 5


def test_an_old_sign_of_life_is_none(whole: Flask, valkey: TemporaryServer) -> None:
    assert checks(whole)["workers"] == {"ok": False, "problem": "no sign of life"}
    record_heartbeat(valkey.client(), Kind.WORKER, "worker@1")
    left_ms = heartbeats.KEPT_MS - int(heartbeats.STALE_S * 1000) - 1_000
    for key in valkey.client().keys("*worker*"):
        valkey.client().pexpire(key, left_ms)
    found = checks(whole)["workers"]
    assert found["ok"] is False
    assert "no sign of life for 91 s" in found["problem"]


def test_an_unknown_kind_of_heart_does_not_beat(valkey: TemporaryServer) -> None:
    with pytest.raises(ValueError, match="web"):
        record_heartbeat(valkey.client(), "web", "x")


def test_strangers_learn_the_status_and_nothing_else(whole: Flask) -> None:
    answer = whole.test_client().get("/api/health", environ_base=ELSEWHERE)
    assert answer.get_json() == {"status": "degraded"}
    behind_a_proxy = make_app(Path(whole.extensions["settings"].home), proxy_hops="1").test_client()
    assert behind_a_proxy.get("/api/health").get_json() == {"status": "degraded"}


def test_admins_see_everything_from_anywhere(whole: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "is_admin", lambda: True)
    assert "checks" in whole.test_client().get("/api/health", environ_base=ELSEWHERE).get_json()


def test_without_redis_pages_still_work(client: FlaskClient) -> None:
    answer = client.get("/api/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    assert answer.get_json()["checks"]["broker"]["ok"] is False
    assert answer.get_json()["checks"]["database"]["ok"] is True


def test_without_a_database_nothing_does(whole: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = sa.create_engine("sqlite:////nonexistent/folder/x.db")
    monkeypatch.setitem(whole.extensions["health_checks"], "database", health.Check(lambda: health._database(broken)))
    answer = whole.test_client().get("/api/health", environ_base=ELSEWHERE)
    assert (answer.status_code, answer.get_json()) == (503, {"status": "degraded"})


def test_it_answers_within_a_second_when_redis_hangs_and_asks_no_second_time_meanwhile(
    tmp_path: Path, hanging_redis: str
) -> None:
    client = make_app(tmp_path, redis_url=hanging_redis).test_client()
    for _ in range(3):
        started = time.monotonic()
        answer = client.get("/api/health")
        assert time.monotonic() - started < 1
        assert answer.get_json()["checks"]["broker"]["ok"] is False
        assert answer.get_json()["checks"]["database"]["ok"] is True


def test_a_check_that_hangs_is_started_once(whole: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[float] = []

    def hang() -> dict[str, object]:
        started.append(time.monotonic())
        time.sleep(2)
        return {}

    monkeypatch.setitem(whole.extensions["health_checks"], "storage", health.Check(hang))
    monkeypatch.setattr(health, "PATIENCE_S", 0.1)
    with whole.app_context():
        assert health.examine()["storage"] == {"ok": False, "problem": "no answer in time"}
        assert health.examine()["storage"] == {"ok": False, "problem": "no answer in time"}
    assert len(started) == 1


def test_a_folder_is_judged_by_its_nearest_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage_space.shortage(tmp_path / "not" / "yet") is None
    (tmp_path / "file").write_text("x")
    assert storage_space.shortage(tmp_path / "file") == "the folder is not writable"
    monkeypatch.setattr(storage_space, "LEAST_FREE_BYTES", 10**18)
    assert storage_space.shortage(tmp_path) == "the disk is nearly full"
