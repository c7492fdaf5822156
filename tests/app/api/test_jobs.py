from __future__ import annotations

from typing import Any

import pytest

from app.db import db
from app.generation import events
from app.generation.models import Job
from app.providers.contract import ErrorKind, ProviderError
from app.providers.sketch import Sketch
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller
from tests.support.engine import Engine
from tests.support.statements import counted_queries

FOXES = "a {red|green|blue} fox"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sketch refuses every request as one that it may not paint."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ProviderError(ErrorKind.MODERATION, "This may not be painted. Change the words.")

    monkeypatch.setattr(Sketch, "submit", refuse)


def test_jobs_are_listed_from_the_newest_on_and_by_pages(call: Caller, engine: Engine, workspace: Workspace) -> None:
    ids = [str(job.id) for _ in range(5) for job in engine.jobs(engine.submit(workspace))]
    seen, cursor = [], ""
    while cursor is not None:
        page = call.get(f"/api/jobs?limit=2{cursor and f'&cursor={cursor}'}")
        assert len(page["items"]) <= 2
        seen += [job["id"] for job in page["items"]]
        cursor = page["next"]
    assert seen == ids[::-1]


def test_a_page_has_an_end_however_much_is_asked_for(call: Caller, engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, batch_size=101)
    page = call.get("/api/jobs?limit=100000")
    assert len(page["items"]) == 100
    assert len(call.get(f"/api/jobs?limit=100000&cursor={page['next']}")["items"]) == 1


def test_wrong_questions_are_refused(call: Caller) -> None:
    for query, status in (
        ("limit=0", 422),
        ("limit=many", 422),
        ("cursor=first", 422),
        ("status=sleeping", 422),
        ("status=waiting%27%20OR%201=1", 422),
        ("batch_id=7", 422),
        ("colour=red", 422),
        ("limit=1&limit=2", 400),
    ):
        assert call.refused("GET", f"/api/jobs?{query}")[0] == status, query


def test_jobs_are_filtered_by_state_and_batch(call: Caller, engine: Engine, workspace: Workspace) -> None:
    done = engine.submit(workspace, FOXES)
    engine.turn()
    waiting = engine.submit(workspace)
    assert {job["batch_id"] for job in call.get("/api/jobs?status=succeeded")["items"]} == {str(done.id)}
    assert {job["batch_id"] for job in call.get("/api/jobs?status=waiting")["items"]} == {str(waiting.id)}
    assert [job["ordinal"] for job in call.get(f"/api/jobs?batch_id={done.id}")["items"]] == [2, 1, 0]
    assert call.get("/api/jobs?status=failed") == {"items": [], "next": None}


def test_a_longer_list_takes_no_more_questions(call: Caller, engine: Engine, workspace: Workspace) -> None:
    for _ in range(3):
        engine.submit(workspace, FOXES)
    engine.turn()
    for _ in range(4):
        engine.submit(workspace)
    call.get("/api/jobs")
    for path in ("jobs", "batches", "images"):
        counts = set()
        for limit in (2, 7):
            with counted_queries() as statements:
                assert len(call.get(f"/api/{path}?limit={limit}")["items"]) == limit
            counts.add(len(statements))
        assert len(counts) == 1, path


def test_a_waiting_job_is_cancelled_and_tried_again(call: Caller, engine: Engine, workspace: Workspace) -> None:
    job = engine.jobs(engine.submit(workspace, seed=5))[0]
    assert call.post(f"/api/jobs/{job.id}/cancel")["status"] == "cancelled"
    assert call.refused("POST", f"/api/jobs/{job.id}/cancel") == (409, "already_ended")
    again = call.post(f"/api/jobs/{job.id}/retry")
    assert (again["status"], again["seed"]) == ("waiting", 5)
    assert call.refused("POST", f"/api/jobs/{job.id}/retry") == (409, "not_retryable")
    engine.turn()
    assert call.get(f"/api/jobs/{job.id}")["status"] == "succeeded"


@pytest.mark.usefixtures("broken")
def test_a_failed_job_says_why_and_whether_trying_again_helps(
    call: Caller, engine: Engine, workspace: Workspace
) -> None:
    batch = engine.submit(workspace)
    engine.turn()
    job = call.get(f"/api/jobs/{engine.jobs(batch)[0].id}")
    assert job["status"] == "failed"
    assert job["error"] == {
        "code": "moderation", "message": "This may not be painted. Change the words.", "retryable": False,
    }  # fmt: skip
    assert call.post(f"/api/batches/{batch.id}/retry")["retried"] == 1


def test_waiting_jobs_change_places(call: Caller, engine: Engine, workspace: Workspace) -> None:
    first, second, third = (str(job.id) for job in engine.jobs(engine.submit(workspace, FOXES)))

    def order() -> list[str]:
        return [job["id"] for job in call.get("/api/queue")["waiting"]]

    assert order() == [first, second, third]
    call.post(f"/api/jobs/{third}/move", {"to": "next"})
    assert order() == [third, first, second]
    call.post(f"/api/jobs/{third}/move", {"to": "down"})
    assert order() == [first, third, second]
    assert call.refused("POST", f"/api/jobs/{third}/move", {"to": "away"})[0] == 422
    engine.turn()
    assert call.refused("POST", f"/api/jobs/{third}/move", {"to": "last"}) == (409, "not_waiting")


def test_a_running_picture_can_be_looked_at(call: Caller, engine: Engine, workspace: Workspace) -> None:
    job = engine.jobs(engine.submit(workspace))[0]
    assert call.refused("GET", f"/api/jobs/{job.id}/preview") == (404, "not_found")
    for look, mime in ((b"RIFF....WEBPVP8 ", "image/webp"), (b"\xff\xd8\xff\xe0", "image/jpeg")):
        events.job_progress(job, 0.4, preview=look)
        answer = call("GET", f"/api/jobs/{job.id}/preview")
        assert (answer.data, answer.mimetype, answer.headers["Cache-Control"]) == (look, mime, "no-store")


def test_the_queue_pauses_goes_on_and_stops(call: Caller, engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, FOXES)
    paused = call.post("/api/queue/pause")
    assert (paused["paused"], paused["counts"]["waiting"], paused["running"]) == (True, 3, [])
    assert engine.place() == 0
    assert call.post("/api/queue/resume")["paused"] is False
    assert engine.place() > 0
    queue = call.get("/api/queue")
    assert queue["running"]
    assert all(job["gpu_id"] == "sketch" and job["reason"] for job in queue["running"])
    stopped = call.post("/api/queue/cancel")
    assert stopped["cancelled"] == 3
    assert call.get("/api/queue")["counts"]["waiting"] == 0
    again = call.post("/api/queue/uncancel", {"at": stopped["at"]})
    assert again == {"waiting": call.get("/api/queue")["counts"]["waiting"]}


def test_a_change_without_a_body_takes_none(call: Caller, engine: Engine, workspace: Workspace) -> None:
    job = engine.jobs(engine.submit(workspace))[0]
    assert call("POST", f"/api/jobs/{job.id}/cancel", data=b"x", content_type="text/plain").status_code == 415
    assert db.session.get_one(Job, job.id).state == "waiting"
