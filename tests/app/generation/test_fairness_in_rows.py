"""Fairness between people, through the rows: what placement is told about them is true."""

from __future__ import annotations

import pytest

from app.generation.models import Batch
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.scripted import Scripted

TWO_SLOTS = pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "2"}], indirect=True)


def _started(engine: Engine, batch: Batch) -> int:
    return sum(state != "waiting" for state in engine.states(batch))


@TWO_SLOTS
def test_one_job_against_a_hundred_starts_at_the_next_free_slot(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, free: Scripted
) -> None:
    hundred = engine.submit(workspace, batch_size=100)
    engine.place()
    assert _started(engine, hundred) == 2
    one = engine.submit(their_workspace)
    assert engine.place() == 0
    engine.run_placed()
    engine.place()
    assert engine.states(one) == ["placed"]
    assert _started(engine, hundred) == 3


@TWO_SLOTS
def test_one_job_starts_at_the_next_free_slot_however_much_the_other_has_had(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, free: Scripted
) -> None:
    hundred = engine.submit(workspace, batch_size=100)
    for _ in range(10):
        engine.place()
        engine.run_placed()
    engine.place()
    before = _started(engine, hundred)
    one = engine.submit(their_workspace)
    engine.run_placed()
    engine.place()
    assert engine.states(one) == ["placed"]
    assert _started(engine, hundred) == before + 1


@TWO_SLOTS
def test_two_people_with_much_to_do_take_turns(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, free: Scripted
) -> None:
    mine = engine.submit(workspace, batch_size=30)
    theirs = engine.submit(their_workspace, batch_size=30)
    for _ in range(10):
        engine.place()
        engine.run_placed()
        assert abs(_started(engine, mine) - _started(engine, theirs)) <= 2
    assert _started(engine, mine) + _started(engine, theirs) == 20


@TWO_SLOTS
def test_who_has_just_used_the_lanes_lets_a_newcomer_go_first(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, free: Scripted
) -> None:
    for _ in range(3):
        engine.submit(workspace, batch_size=4)
        engine.turn()
    greedy = engine.submit(workspace, batch_size=4)
    newcomer = engine.submit(their_workspace, batch_size=2)
    engine.place()
    assert engine.states(newcomer) == ["placed"] * 2
    assert _started(engine, greedy) == 0


@pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "6", "DARKROOM_OWNER_SLOTS": "4"}], indirect=True)
def test_nobody_runs_more_at_once_than_a_person_may(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    batch = engine.submit(workspace, batch_size=10)
    assert engine.place() == 4
    assert engine.place() == 0
    assert _started(engine, batch) == 4


@TWO_SLOTS
def test_every_start_says_why(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    batch = engine.submit(workspace, batch_size=2)
    engine.place()
    for job in engine.jobs(batch):
        assert job.lane == "sketch"
        assert len(job.reason) > 10
