from __future__ import annotations

import uuid

import pytest

from app.api.idempotency import REPLAYED
from app.db import db
from app.workspaces import service
from app.workspaces.forms import WorkspaceBody
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller
from tests.support.engine import Engine

FOXES = "a {red|green|blue} fox"


def test_a_batch_tells_how_far_it_is(call: Caller, engine: Engine, workspace: Workspace) -> None:
    batch_id = engine.submit(workspace, FOXES).id
    batch = call.get(f"/api/batches/{batch_id}")
    assert (batch["status"], batch["count"], batch["counts"]["waiting"]) == ("running", 3, 3)
    assert (batch["prompt"], batch["request"]["prompt"], batch["finished_at"]) == (FOXES, FOXES, None)
    assert [job["status"] for job in batch["jobs"]] == ["waiting"] * 3
    engine.turn()
    batch = call.get(f"/api/batches/{batch_id}")
    assert (batch["status"], batch["counts"]["succeeded"], batch["price"]) == ("finished", 3, "0.00")
    assert batch["finished_at"].endswith("Z")


def test_batches_are_listed_by_workspace(call: Caller, engine: Engine, workspace: Workspace) -> None:
    other = service.create_workspace(workspace.owner_id, WorkspaceBody(name="Other"))
    here, there = str(engine.submit(workspace).id), str(engine.submit(other).id)
    assert [batch["id"] for batch in call.get("/api/batches")["items"]] == [there, here]
    assert [batch["id"] for batch in call.get(f"/api/batches?workspace_id={workspace.id}")["items"]] == [here]
    assert call.refused("GET", f"/api/batches?workspace_id={uuid.uuid4()}") == (404, "not_found")


@pytest.mark.parametrize(("body", "stopped"), [(None, 3), ({}, 3), ({"which": "all"}, 3), ({"which": "rest"}, 1)])
def test_a_batch_is_cancelled_whole_or_what_has_not_started(
    call: Caller, engine: Engine, workspace: Workspace, body: dict[str, str] | None, stopped: int
) -> None:
    batch_id = engine.submit(workspace, FOXES).id
    assert engine.place() == 2
    answer = call.post(f"/api/batches/{batch_id}/cancel", body)
    assert (answer["cancelled"], answer["batch"]["counts"]["cancelled"]) == (stopped, 1)
    assert answer["batch"]["counts"]["cancelling"] == stopped - 1
    assert call.refused("POST", f"/api/batches/{batch_id}/cancel", {"which": "some"})[0] == 422


def test_a_batch_is_made_once_more_once_for_each_key(call: Caller, engine: Engine, workspace: Workspace) -> None:
    batch_id = str(engine.submit(workspace, FOXES).id)
    headers = {"Idempotency-Key": "again"}
    answers = [call("POST", f"/api/batches/{batch_id}/rerun", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json == answers[1].json
    assert answers[1].headers[REPLAYED] == "true"
    assert answers[0].json["batch_id"] != batch_id
    assert answers[0].json["count"] == 3
    assert call.post(f"/api/batches/{batch_id}/rerun")["batch_id"] not in {batch_id, answers[0].json["batch_id"]}


def test_nothing_failed_means_nothing_to_retry(call: Caller, engine: Engine, workspace: Workspace) -> None:
    batch_id = engine.submit(workspace).id
    engine.turn()
    assert call.post(f"/api/batches/{batch_id}/retry")["retried"] == 0
    db.session.rollback()
    engine.check()
