"""Failed jobs that their person has seen enough of."""

from __future__ import annotations

import pytest

from app.db import db
from app.generation import dismissing, queries, retrying
from app.generation.errors import NotDismissable
from app.generation.models import Batch
from app.generation.views import batch_view
from app.providers.contract import ErrorKind, Handle, ProviderError, Request
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.scripted import Scripted


def _declined(_: Request) -> Handle:
    raise ProviderError(ErrorKind.MODERATION, "Reword it.")


@pytest.fixture
def failed(engine: Engine, workspace: Workspace, paid: Scripted) -> Batch:
    taken, paid.submitting = paid.submitting, _declined
    batch = engine.submit(workspace, batch_size=3)
    engine.turn()
    paid.submitting = taken
    return batch


def _to_mend(workspace: Workspace) -> int:
    return len(queries.failed_of(workspace.owner_id))


def test_a_dismissed_failure_leaves_the_queue_and_stays_on_record(
    engine: Engine, workspace: Workspace, failed: Batch
) -> None:
    job = engine.jobs(failed)[1]
    assert dismissing.dismiss_job(job).count == 1
    assert dismissing.dismiss_job(job).count == 0
    assert _to_mend(workspace) == 2
    view = batch_view(failed)
    assert (view.failed, view.to_mend, [each.dismissed for each in view.jobs]) == (3, 2, [False, True, False])
    assert engine.states(failed) == ["failed"] * 3
    engine.check()


def test_the_tray_lets_go_of_a_batch_whose_failures_are_all_dismissed(
    engine: Engine, workspace: Workspace, failed: Batch
) -> None:
    assert queries.tray_batches(workspace.id) == [failed]
    dismissed = dismissing.dismiss_batch(failed)
    assert dismissed.count == 3
    assert queries.tray_batches(workspace.id) == []
    assert queries.batches_with_failures(workspace.owner_id) == []
    assert dismissing.bring_back(workspace.owner_id, dismissed.at) == 3
    assert dismissing.bring_back(workspace.owner_id, dismissed.at) == 0
    assert queries.tray_batches(workspace.id) == [failed]


def test_undoing_brings_back_what_that_act_dismissed_and_no_other(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, failed: Batch
) -> None:
    dismissing.dismiss_job(engine.jobs(failed)[0])
    rest = dismissing.dismiss_all(workspace.owner_id)
    assert (rest.count, _to_mend(workspace)) == (2, 0)
    assert dismissing.bring_back(their_workspace.owner_id, rest.at) == 0
    assert dismissing.bring_back(workspace.owner_id, rest.at) == 2
    assert _to_mend(workspace) == 2


def test_retrying_a_batch_leaves_dismissed_failures_alone_and_a_retried_one_is_seen_again(
    engine: Engine, workspace: Workspace, paid: Scripted, failed: Batch
) -> None:
    job = engine.jobs(failed)[0]
    dismissing.dismiss_job(job)
    assert retrying.retry_failed(failed) == 2
    engine.turn()
    assert engine.states(failed) == ["failed", "succeeded", "succeeded"]
    paid.submitting = _declined
    retrying.retry_job(job)
    engine.turn()
    assert _to_mend(workspace) == 1
    engine.check()


def test_only_failed_jobs_can_be_dismissed(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    batch = engine.submit(workspace)
    with pytest.raises(NotDismissable, match="waiting"):
        dismissing.dismiss_job(engine.jobs(batch)[0])
    db.session.rollback()
    assert dismissing.dismiss_batch(batch).count == 0
