"""A person's own queue: paused, resumed and put in another order, and nobody else's."""

from __future__ import annotations

import random
import threading

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.db import db
from app.generation import queries, queueing
from app.generation.errors import NotWaiting
from app.generation.models import Job
from app.generation.queueing import Move
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.scripted import Scripted

ONE_SLOT = pytest.mark.parametrize("settings_more", [{"DARKROOM_SKETCH_SLOTS": "1"}], indirect=True)


def test_a_paused_queue_starts_nothing_and_finishes_what_runs(
    engine: Engine, workspace: Workspace, free: Scripted
) -> None:
    started = engine.submit(workspace)
    engine.place()
    queueing.pause(workspace.owner_id)
    assert queueing.is_paused(workspace.owner_id)
    waiting = engine.submit(workspace, batch_size=2)
    engine.turn()
    assert engine.states(started) == ["succeeded"]
    assert engine.states(waiting) == ["waiting"] * 2


def test_resuming_rings_for_placement(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    queueing.pause(workspace.owner_id)
    queueing.pause(workspace.owner_id)
    batch = engine.submit(workspace)
    engine.turn()
    from app.background import TaskName, doorbell

    doorbell.begin(TaskName.PLACE)
    engine.rung.clear()
    queueing.resume(workspace.owner_id)
    assert engine.rung == [("generation.place", ())]
    assert not queueing.is_paused(workspace.owner_id)
    engine.turn()
    assert engine.states(batch) == ["succeeded"]
    engine.check()


def test_nobody_elses_queue_is_paused(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, free: Scripted
) -> None:
    queueing.pause(workspace.owner_id)
    mine, theirs = engine.submit(workspace), engine.submit(their_workspace)
    engine.turn()
    assert engine.states(mine) == ["waiting"]
    assert engine.states(theirs) == ["succeeded"]


def test_pausing_in_two_tabs_at_once_works(app: APIFlask, workspace: Workspace) -> None:
    owner_id = workspace.owner_id
    db.session.rollback()
    together = threading.Barrier(6)
    problems: list[Exception] = []

    def pause() -> None:
        with app.app_context():
            together.wait()
            try:
                queueing.pause(owner_id)
            except Exception as problem:
                problems.append(problem)
                raise

    threads = [threading.Thread(target=pause) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert queueing.is_paused(owner_id)


@ONE_SLOT
def test_the_job_moved_to_the_front_is_the_next_to_start(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    batch = engine.submit(workspace, batch_size=4)
    engine.place()
    last = engine.jobs(batch)[3]
    queueing.move(last, Move.NEXT)
    engine.run_placed()
    engine.place()
    assert engine.jobs(batch)[3].state == "placed"


def test_jobs_move_up_down_first_and_last(engine: Engine, workspace: Workspace) -> None:
    a, b, c, d = engine.jobs(engine.submit(workspace, batch_size=4))
    names = {a.id: "a", b.id: "b", c.id: "c", d.id: "d"}

    def after(job: Job, where: Move) -> str:
        queueing.move(job, where)
        return "".join(names[each.id] for each in queries.queue_of(workspace.owner_id)[1])

    assert after(c, Move.UP) == "acbd"
    assert after(c, Move.UP) == "cabd"
    assert after(c, Move.UP) == "cabd"
    assert after(a, Move.DOWN) == "cbad"
    assert after(d, Move.DOWN) == "cbad"
    assert after(d, Move.NEXT) == "dcba"
    assert after(c, Move.LAST) == "dbac"
    assert after(c, Move.LAST) == "dbac"
    assert after(d, Move.NEXT) == "dbac"


def test_a_thousand_moves_never_run_out_of_places(engine: Engine, workspace: Workspace) -> None:
    """A model of the queue is a list; both must agree after every move."""
    rng = random.Random(7)
    jobs = {job.id: job for job in engine.jobs(engine.submit(workspace, batch_size=6))}
    model = list(jobs)
    for _ in range(150):
        job_id, where = rng.choice(model), rng.choice([Move.UP, Move.DOWN, Move.UP, Move.DOWN, Move.NEXT, Move.LAST])
        queueing.move(jobs[job_id], where)
        index = model.index(job_id)
        model.remove(job_id)
        to = {Move.UP: max(index - 1, 0), Move.DOWN: index + 1, Move.NEXT: 0, Move.LAST: len(model)}[where]
        model.insert(to, job_id)
        assert [job.id for job in queries.queue_of(workspace.owner_id)[1]] == model


def test_a_job_is_put_right_before_any_other(engine: Engine, workspace: Workspace) -> None:
    """A model of the queue is a list; both must agree after every move, also where places coincide."""
    rng = random.Random(11)
    jobs = {job.id: job for job in engine.jobs(engine.submit(workspace, batch_size=7))}
    model = list(jobs)
    for _ in range(60):
        job_id, before = rng.sample(model, 2)
        queueing.move_before(jobs[job_id], before)
        model.remove(job_id)
        model.insert(model.index(before), job_id)
        assert [job.id for job in queries.queue_of(workspace.owner_id)[1]] == model
    db.session.execute(sa.update(Job).values(position=5.0))
    db.session.commit()
    queueing.move_before(jobs[model[4]], model[1])
    order = [job.id for job in queries.queue_of(workspace.owner_id)[1]]
    assert order.index(model[4]) == order.index(model[1]) - 1


def test_a_job_is_not_put_before_one_that_started_or_is_somebody_elses(
    engine: Engine, workspace: Workspace, their_workspace: Workspace
) -> None:
    mine, theirs = engine.jobs(engine.submit(workspace))[0], engine.jobs(engine.submit(their_workspace))[0]
    with pytest.raises(NotWaiting):
        queueing.move_before(mine, theirs.id)


def test_jobs_in_the_very_same_place_can_still_be_moved_past_each_other(engine: Engine, workspace: Workspace) -> None:
    first, second = engine.jobs(engine.submit(workspace, batch_size=2))
    db.session.execute(sa.update(Job).values(position=5.0))
    db.session.commit()
    queueing.move(second, Move.UP)
    assert [job.id for job in queries.queue_of(workspace.owner_id)[1]] == [second.id, first.id]
    queueing.move(second, Move.DOWN)
    assert [job.id for job in queries.queue_of(workspace.owner_id)[1]] == [first.id, second.id]


def test_only_a_waiting_job_can_be_moved(engine: Engine, workspace: Workspace, free: Scripted) -> None:
    job = engine.jobs(engine.submit(workspace))[0]
    engine.place()
    with pytest.raises(NotWaiting):
        queueing.move(job, Move.NEXT)
    engine.run_placed()
    assert engine.job(job.id).state == "succeeded"


def test_moving_to_the_front_overtakes_nobody_else(
    engine: Engine, workspace: Workspace, their_workspace: Workspace
) -> None:
    theirs = engine.jobs(engine.submit(their_workspace, batch_size=2))
    places = [job.position for job in theirs]
    mine = engine.jobs(engine.submit(workspace, batch_size=2))
    queueing.move(mine[1], Move.NEXT)
    queueing.move(mine[1], Move.LAST)
    assert [engine.job(job.id).position for job in theirs] == places
