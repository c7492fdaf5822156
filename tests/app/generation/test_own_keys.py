"""What was accepted to run on somebody's own key runs on it or not at all: never on the operator's money."""

from __future__ import annotations

from typing import NoReturn

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts import provider_keys
from app.accounts.models import User
from app.background import TaskName, doorbell
from app.billing.models import UsageEntry
from app.db import db
from app.generation import retrying
from app.generation.models import Batch, Job
from app.generation.views import price_words
from app.providers.contract import ErrorKind, ProviderError, Request
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.scripted import Scripted

MODEL = "gpt-image-2.6-flare"
MINE, HOUSE = "sk-mine-0123456789abcdef", "sk-house-0123456789abcdef"
on_the_house_too = pytest.mark.parametrize("settings_more", [{"OPENAI_API_KEY": HOUSE}], indirect=True, ids=["both"])
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def stand_in(app: APIFlask, key: str) -> Scripted:
    """What answers to a key at OpenAI."""
    scripted = app.extensions["providers"]["openai", key] = Scripted()
    return scripted


@pytest.fixture
def mine(app: APIFlask) -> Scripted:
    return stand_in(app, MINE)


@pytest.fixture
def house(app: APIFlask) -> Scripted:
    return stand_in(app, HOUSE)


def bring_key(owner: User) -> None:
    provider_keys.save(owner, "openai", MINE)
    db.session.commit()


def take_key_away(owner: User) -> None:
    provider_keys.delete(owner, "openai")
    db.session.commit()


def asked(engine: Engine, workspace: Workspace) -> Batch:
    return engine.submit(workspace, model=MODEL, width=1024, height=1024)


def only_job(engine: Engine, batch: Batch) -> Job:
    (job,) = engine.jobs(batch)
    return job


@on_the_house_too
def test_a_key_taken_away_ends_what_waited_for_it_and_nobody_else_pays(
    engine: Engine, workspace: Workspace, owner: User, mine: Scripted, house: Scripted
) -> None:
    bring_key(owner)
    batch = asked(engine, workspace)
    assert price_words(only_job(engine, batch)) == "$0.01 on your key"
    engine.rung.clear()
    doorbell.begin(TaskName.PLACE)
    take_key_away(owner)
    assert engine.rung == [(TaskName.PLACE, ())]
    engine.turn()
    job = only_job(engine, batch)
    assert (job.state, job.maybe_charged, job.price_actual) == ("failed", False, None)
    assert job.error_sentence == (
        "Your key at OpenAI was taken away; add it again and retry, or retry on Darkroom's key."
    )
    assert (price_words(job), job.error_kind) == ("$0.01", "provider")
    assert mine.submitted == house.submitted == []
    engine.check()

    retrying.retry_job(job)
    engine.turn()
    job = only_job(engine, batch)
    assert (job.state, job.lane, len(house.submitted)) == ("succeeded", "openai", 1)
    settled = db.session.scalars(sa.select(UsageEntry).where(UsageEntry.kind == "settle")).one()
    assert not settled.own_key
    engine.check()


@on_sqlite
@on_the_house_too
def test_with_the_key_back_a_retry_runs_on_it(
    engine: Engine, workspace: Workspace, owner: User, mine: Scripted, house: Scripted
) -> None:
    bring_key(owner)
    batch = asked(engine, workspace)
    take_key_away(owner)
    engine.turn()
    bring_key(owner)
    retrying.retry_failed(batch)
    engine.turn()
    assert (engine.states(batch), len(mine.submitted), house.submitted) == (["succeeded"], 1, [])


@on_sqlite
@on_the_house_too
def test_work_that_goes_back_to_wait_does_not_change_keys(
    engine: Engine, workspace: Workspace, owner: User, mine: Scripted, house: Scripted
) -> None:
    def broken(_: Request) -> NoReturn:
        raise ProviderError(ErrorKind.PROVIDER, "Broken.", retryable=True)

    mine.submitting = broken
    bring_key(owner)
    batch = asked(engine, workspace)
    engine.place()
    engine.run_placed()
    take_key_away(owner)
    assert engine.states(batch) == ["waiting"]
    db.session.execute(sa.update(Job).values(not_before=None))
    db.session.commit()
    engine.turn()
    assert (engine.states(batch), len(mine.submitted), house.submitted) == (["failed"], 1, [])


@on_sqlite
@on_the_house_too
def test_what_was_accepted_on_the_houses_key_outlives_one_that_came_and_went(
    engine: Engine, workspace: Workspace, owner: User, mine: Scripted, house: Scripted
) -> None:
    batch = asked(engine, workspace)
    bring_key(owner)
    take_key_away(owner)
    engine.turn()
    assert (engine.states(batch), mine.submitted, len(house.submitted)) == (["succeeded"], [], 1)


@on_sqlite
def test_where_nobody_else_has_a_key_only_ones_own_is_asked_for(
    engine: Engine, workspace: Workspace, owner: User, mine: Scripted
) -> None:
    bring_key(owner)
    batch = asked(engine, workspace)
    take_key_away(owner)
    for _ in range(2):
        engine.turn()
        job = only_job(engine, batch)
        assert (job.state, job.error_sentence) == (
            "failed", "Your key at OpenAI was taken away; add it again and retry.",
        )  # fmt: skip
        retrying.retry_job(job)
