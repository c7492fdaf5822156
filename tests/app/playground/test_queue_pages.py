"""The queue's fragment, as the page and the panel over other pages use it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import User
from app.db import db, utc_now
from app.generation.models import Job
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.visitor import Visitor

ON_A_CANVAS = {"HX-Request": "true", "HX-Current-URL": "http://localhost/w/1"}
ON_ITS_PAGE = {"HX-Request": "true", "HX-Current-URL": "http://localhost/queue"}


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


@pytest.fixture
def visitor(app: APIFlask, owner: User, workspace: Workspace) -> Visitor:
    visitor = Visitor(app, owner.email)
    visitor.get("/queue")
    return visitor


def rows(text: str) -> list[str]:
    return re.findall(r'data-queue-job="([^"]+)"', text)


def test_the_panel_gets_the_list_without_the_page_and_the_page_the_same_list(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    engine.submit(workspace, batch_size=3)
    page = visitor.get("/queue").get_data(as_text=True)
    in_panel = visitor.get("/queue", headers=ON_A_CANVAS).get_data(as_text=True)
    refreshed = visitor.get("/queue", headers=ON_ITS_PAGE).get_data(as_text=True)
    assert rows(page) == rows(in_panel) == rows(refreshed)
    assert len(rows(page)) == 3
    assert "<html" not in in_panel
    assert ("data-queue-close" in in_panel, "data-queue-close" in refreshed) == (True, False)
    assert ("<h1" in in_panel, "<h1" in refreshed) == (False, True)


def test_an_act_in_the_panel_answers_with_the_fresh_list(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    first, second, third = engine.jobs(engine.submit(workspace, batch_size=3))

    def act(path: str, **form: object) -> list[str]:
        return rows(visitor.post(path, form, headers=ON_A_CANVAS).get_data(as_text=True))

    assert act("/queue/order", job=third.id, before=first.id) == [str(third.id), str(first.id), str(second.id)]
    assert act("/queue/order", job=third.id, before="") == [str(first.id), str(second.id), str(third.id)]
    assert act(f"/jobs/{second.id}/moves", to="up") == [str(second.id), str(first.id), str(third.id)]
    assert act(f"/jobs/{second.id}/cancellation") == [str(first.id), str(third.id)]
    assert visitor.post("/queue/order", {"job": "nonsense"}, headers=ON_A_CANVAS).status_code == 422


def test_cancelling_the_rest_lets_what_runs_go_on(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    batch = engine.submit(workspace, batch_size=4)
    engine.place()
    visitor.post("/queue/cancellation", {"which": "rest"})
    engine.turn()
    assert sorted(engine.states(batch)) == ["cancelled", "cancelled", "succeeded", "succeeded"]


def test_the_frame_tells_how_far_everything_is(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    assert "queue is empty" in visitor.get("/queue/status").get_data(as_text=True)
    engine.submit(workspace, batch_size=3)
    engine.place()
    engine.run_placed()
    assert re.search(r"2 of 3 done · about \d+ s left", visitor.get("/queue/status").get_data(as_text=True))
    visitor.post("/queue/pause")
    assert "2 of 3 done · paused by you" in visitor.get("/queue/status").get_data(as_text=True)


def test_the_queue_tells_what_ended_since_the_person_last_looked(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    ended, failed, earlier = engine.jobs(engine.submit(workspace, batch_size=3))
    engine.turn()
    now = utc_now()
    for job, state, ago in ((ended, "succeeded", 5), (failed, "failed", 5), (earlier, "succeeded", 90)):
        values = {"state": state, "finished_at": now - timedelta(minutes=ago)}
        db.session.execute(sa.update(Job).where(Job.id == job.id).values(**values))
    db.session.commit()

    def away(since: str) -> str:
        text = visitor.get("/queue", query_string={"since": since}).get_data(as_text=True)
        found = re.search(r'aria-labelledby="queue-away">(.*?)</section>', text, re.DOTALL)
        return " ".join(re.sub("<[^>]+>", " ", found.group(1)).split()) if found else ""

    words = away((now - timedelta(hours=1)).isoformat())
    assert words == f"While you were away {workspace.name} 1 finished, 1 failed"
    assert "2 finished, 1 failed" in away((now - timedelta(hours=2)).isoformat())
    assert away(now.isoformat()) == ""
    assert away("yesterday or so") == ""


def test_a_page_is_told_how_to_take_a_cancellation_back(visitor: Visitor, engine: Engine, workspace: Workspace) -> None:
    batch = engine.submit(workspace, batch_size=3)
    engine.place()
    answer = visitor.post("/queue/cancellation", headers=ON_A_CANVAS)
    told = json.loads(answer.headers["HX-Trigger"])["darkroom:stopped"]
    assert (told["waiting"], told["started"]) == (1, 2)
    again = visitor.post_json("/api/queue/uncancel", {"at": told["at"]})
    assert again.json == {"waiting": 1}
    assert sorted(engine.states(batch)) == ["cancelling", "cancelling", "waiting"]


def test_a_failed_job_is_dismissed_from_the_queue_and_from_the_tray(
    visitor: Visitor, engine: Engine, workspace: Workspace
) -> None:
    batch = engine.submit(workspace, batch_size=4)
    db.session.execute(sa.update(Job).where(Job.batch_id == batch.id).values(state="failed", finished_at=utc_now()))
    batch.finished_at = utc_now()
    db.session.commit()
    first, second, *_ = engine.jobs(batch)
    listed = visitor.post(f"/jobs/{first.id}/dismissal", headers=ON_A_CANVAS)
    assert len(rows(listed.get_data(as_text=True))) == 3
    tray = visitor.post(f"/jobs/{second.id}/dismissal", headers={**ON_A_CANVAS, "HX-Target": "tray"})
    assert tray.get_data(as_text=True).count("data-job=") == 2
    told = json.loads(tray.headers["HX-Trigger"])["darkroom:dismissed"]
    assert visitor.post_json("/api/queue/undismiss", {"at": told["at"]}).json == {"shown": 1}
    emptied = visitor.post("/queue/dismissal", headers=ON_A_CANVAS)
    assert json.loads(emptied.headers["HX-Trigger"])["darkroom:dismissed"]["count"] == 3
    assert rows(emptied.get_data(as_text=True)) == []
    assert visitor.get(f"/api/batches/{batch.id}").json["counts"]["failed"] == 4
