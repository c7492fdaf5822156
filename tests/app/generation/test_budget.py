"""A person's own bound on what a day costs: asked before anything is accepted, and true whatever becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import User
from app.billing import budgets
from app.billing import service as billing
from app.billing.errors import BudgetReached
from app.billing.models import UsageEntry
from app.db import db, new_id
from app.generation import endings, invariants, lanes, retrying, stopping, submission
from app.generation.models import Batch, Job
from app.generation.specs import GenerationSpec
from app.generation.views import price_words
from app.generation.workloads import workload_of
from app.providers.contract import ErrorKind, Outputs, ProviderError
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.scripted import PRICE, Scripted, picture

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SetBudget = Callable[[str], None]


@pytest.fixture
def budget_is(owner: User) -> SetBudget:
    def set_to(amount: str) -> None:
        budgets.set_budget(owner, Decimal(amount))
        db.session.commit()

    return set_to


def spent(owner: User) -> Decimal:
    db.session.rollback()
    return billing.usage_today(owner.id).spent


def test_fifty_at_once_never_spend_more_than_the_budget(
    app: APIFlask, paid: Scripted, workspace: Workspace, owner: User, budget_is: SetBudget
) -> None:
    budget_is("0.80")  # twenty pictures at PRICE
    workspace_id, owner_id = workspace.id, owner.id
    db.session.rollback()
    outcomes: list[str] = []
    start = threading.Barrier(50)

    def post() -> None:
        with app.app_context():
            mine = db.session.get_one(Workspace, workspace_id)
            db.session.rollback()
            start.wait()
            try:
                submission.submit(mine, GenerationSpec(prompt="a fox"), key=str(new_id()))
                outcomes.append("granted")
            except BudgetReached:
                db.session.rollback()
                outcomes.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=post) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["granted"] * 20 + ["refused"] * 30
    assert billing.usage_today(owner_id).spent == Decimal("0.80")
    assert invariants.check(files=False) == []


@on_sqlite
def test_the_refusal_says_the_budget_the_spent_the_price_and_where_to_change_it(
    engine: Engine, paid: Scripted, workspace: Workspace, budget_is: SetBudget
) -> None:
    budget_is("0.10")
    engine.submit(workspace, batch_size=2)
    with pytest.raises(BudgetReached) as refusal:
        engine.submit(workspace)
    for part in ("$0.04", "$0.10 a day", "$0.08", "Settings, Spending", "00:00 UTC"):
        assert part in refusal.value.message
    assert int(refusal.value.headers["Retry-After"]) > 0


@on_sqlite
def test_a_refused_request_leaves_nothing_and_can_be_made_once_there_is_room(
    engine: Engine, paid: Scripted, workspace: Workspace, owner: User, budget_is: SetBudget
) -> None:
    budget_is("0.03")
    with pytest.raises(BudgetReached):
        submission.submit(workspace, GenerationSpec(prompt="a fox"), key="mine")
    db.session.rollback()
    assert db.session.scalars(sa.select(Batch)).all() == []
    budget_is("1")
    assert submission.submit(workspace, GenerationSpec(prompt="a fox"), key="mine").created
    assert spent(owner) == PRICE


@on_sqlite
def test_what_is_free_goes_on_when_the_budget_is_used_up(
    engine: Engine, free: Scripted, workspace: Workspace, owner: User, budget_is: SetBudget
) -> None:
    budget_is("0")
    engine.submit(workspace, batch_size=3)
    assert spent(owner) == 0


def test_a_job_counts_what_it_did_cost_once_that_is_known(
    engine: Engine, paid: Scripted, workspace: Workspace, owner: User
) -> None:
    outputs = picture()
    paid.submitting = lambda _: Outputs(outputs.items, cost=Decimal("0.0512"))
    batch = engine.submit(workspace, batch_size=2)
    assert spent(owner) == 2 * PRICE
    engine.turn()
    assert [job.price_actual for job in engine.jobs(batch)] == [Decimal("0.0512")] * 2
    assert spent(owner) == Decimal("0.1024")
    engine.check()


def test_a_failure_gives_its_dollars_back_unless_it_may_have_cost(
    engine: Engine, paid: Scripted, workspace: Workspace, owner: User
) -> None:
    errors = [
        ProviderError(ErrorKind.MODERATION, "Refused."),
        ProviderError(ErrorKind.PROVIDER, "Lost.", may_have_cost=True),
    ]

    def refuse(_: object) -> Outputs:
        raise errors.pop(0)

    paid.submitting = refuse
    batch = engine.submit(workspace, batch_size=2)
    engine.turn()
    assert sorted(engine.states(batch)) == ["failed", "failed"]
    assert spent(owner) == PRICE
    engine.check()


def test_a_cancelled_job_gives_its_dollars_back_and_taking_that_back_needs_room_again(
    engine: Engine, paid: Scripted, workspace: Workspace, owner: User, budget_is: SetBudget
) -> None:
    batch = engine.submit(workspace, batch_size=3)
    stopped = stopping.cancel_batch(batch)
    assert spent(owner) == 0
    budget_is("0.08")
    with pytest.raises(BudgetReached):
        retrying.uncancel(owner.id, stopped.at)
    db.session.rollback()
    assert engine.states(batch) == ["cancelled"] * 3
    budget_is("0.12")
    assert retrying.uncancel(owner.id, stopped.at) == 3
    assert spent(owner) == Decimal("0.12")
    engine.turn()
    engine.check()


def test_a_try_on_our_own_account_reserves_nothing_twice(
    engine: Engine, paid: Scripted, workspace: Workspace, owner: User, budget_is: SetBudget
) -> None:
    budget_is("0.04")
    batch = engine.submit(workspace)
    engine.place()
    job = engine.jobs(batch)[0]
    endings.fail_or_retry(job, ProviderError(ErrorKind.CAPACITY, "Busy.", retryable=True))
    assert (engine.states(batch), spent(owner)) == (["waiting"], PRICE)
    engine.check(settled=False)


def test_the_ledger_knows_what_the_money_went_to_and_on_whose_key(
    engine: Engine, paid: Scripted, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = engine.submit(workspace, batch_size=2)
    own = engine.jobs(batch)[0].id
    at_work = workload_of

    def on_own_key(job: Job) -> billing.Workload:
        job.lane = lanes.own_lane("sketch", job.owner_id).id if job.id == own else job.lane
        return at_work(job)

    monkeypatch.setattr(endings, "workload_of", on_own_key)
    engine.turn()
    entries = db.session.scalars(sa.select(UsageEntry).where(UsageEntry.kind == "settle")).all()
    assert {(each.provider, each.model, each.amount) for each in entries} == {("sketch", "sketch", PRICE)}
    assert {each.job_id: each.own_key for each in entries} == {job.id: job.id == own for job in engine.jobs(batch)}


@on_sqlite
def test_a_price_in_words_says_whose_key_it_went_to(engine: Engine, free: Scripted, workspace: Workspace) -> None:
    job = engine.jobs(engine.submit(workspace))[0]
    assert price_words(job) == "free"
    job.price_estimate = PRICE
    assert price_words(job) == "$0.04"
    job.price_actual, job.lane = Decimal("0.0551"), lanes.own_lane("sketch", job.owner_id).id
    assert price_words(job) == "$0.06 on your key"
