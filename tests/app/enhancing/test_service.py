from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts import provider_keys
from app.accounts.models import User
from app.background import TaskName
from app.billing import budgets
from app.billing import service as billing
from app.billing.errors import BudgetReached
from app.billing.models import UsageEntry
from app.db import database_now, db, rows_changed
from app.enhancing import memory, service, writing
from app.enhancing.domain import State, Wish
from app.enhancing.errors import NobodyWrote, NothingToEnhance, TooManyAtOnce, TooManyParts
from app.enhancing.models import Enhancement, EnhanceRequest
from app.enhancing.service import Enhanced, Writer
from app.errors import NotFound
from app.generation import leases
from app.live.stream import current_cursor, missed
from app.llm.contract import Answer, Ask, LanguageError
from app.llm.registry import Named
from app.prompts.errors import MacroError
from tests.support.engine import Engine
from tests.support.language_wires import KEY, ChatWire
from tests.support.scripted import Killed, die

COST = Decimal("0.0003")


class Scripted:
    """Writes what it is told, else as many variations as asked for; every answer costs the same."""

    id, name, sees = "scripted:writer", "Scripted Writer", False

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.script: list[list[str] | LanguageError] = []
        self.before: Callable[[], None] = lambda: None

    def estimate(self, ask: Ask) -> Decimal:
        return Decimal("0.001")

    def answer(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        self.before()
        told = self.script.pop(0) if self.script else None
        if isinstance(told, LanguageError):
            raise told
        assert ask.facts
        prompts = told or [f"{ask.facts['prompt']} number {n}" for n in range(ask.facts["count"])]
        return Answer(json.dumps(prompts), model="writer", provider="scripted", data={"prompts": prompts}, cost=COST)

    def stream(self, ask: Ask) -> Iterator[Any]:
        raise AssertionError("nobody listens")


@pytest.fixture
def writer(app: APIFlask) -> Scripted:
    writer = Scripted()
    app.extensions["language_models"] = (Named(writer.id, writer),)
    return writer


class Enhancing:
    """What a worker would do, done when the test says so."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, owner_id: uuid.UUID, wishes: Sequence[Wish], **how: bool) -> Enhanced:
        """Ask, have it written, and look what came of it."""
        found = service.enhance(owner_id, wishes, **how)
        return self.written(owner_id, found) if found.request_id is not None else found

    def written(self, owner_id: uuid.UUID, found: Enhanced) -> Enhanced:
        assert found.is_open
        assert found.request_id
        assert (str(TaskName.ENHANCE), (str(found.request_id),)) in self.engine.rung
        writing.write(found.request_id)
        return self.now(owner_id, found)

    def now(self, owner_id: uuid.UUID, found: Enhanced) -> Enhanced:
        db.session.rollback()
        assert found.request_id
        return service.answer_to(owner_id, found.request_id)


@pytest.fixture
def enhance(engine: Engine) -> Enhancing:
    return Enhancing(engine)


def test_variations_are_written_paid_and_remembered(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    first = enhance(owner.id, [Wish("a red fox", count=3)])
    again = service.enhance(owner.id, [Wish("A red fox.", count=2)])

    assert first.outcomes[0].prompts == ["a red fox number 0", "a red fox number 1", "a red fox number 2"]
    assert (first.cost, first.outcomes[0].cached) == (COST, False)
    assert first.writers == again.writers == [Writer("scripted:writer", "Scripted Writer")]
    assert again.outcomes[0].prompts == first.outcomes[0].prompts[:2]
    assert (again.cost, again.outcomes[0].cached) == (Decimal(0), True)
    assert (first.request_id is None, again.request_id is None) == (False, True)
    assert len(writer.asked) == 1
    assert billing.usage_today(owner.id).spent == COST


def test_more_than_was_written_is_written_anew_and_so_is_what_shall_be_fresh(
    owner: User, writer: Scripted, enhance: Enhancing
) -> None:
    enhance(owner.id, [Wish("a fox", count=2)])
    enhance(owner.id, [Wish("a fox", count=3)])
    enhance(owner.id, [Wish("a fox", count=3)], fresh=True)

    assert len(writer.asked) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Enhancement)) == 1


def test_nobody_learns_what_others_wished(owner: User, stranger: User, writer: Scripted, enhance: Enhancing) -> None:
    enhance(owner.id, [Wish("a fox")])

    assert not enhance(stranger.id, [Wish("a fox")]).outcomes[0].cached


def test_many_prompts_are_written_at_once_and_each_has_its_own_fate(
    owner: User, writer: Scripted, enhance: Enhancing
) -> None:
    wishes = [Wish(f"fox {n}", count=1) for n in range(6)]
    writer.script = [LanguageError("It is busy.", cost=Decimal("0.0001"))]
    found = enhance(owner.id, wishes)

    assert sorted(outcome.error for outcome in found.outcomes) == [""] * 5 + ["It is busy."]
    assert found.cost == 5 * COST + Decimal("0.0001")
    assert [outcome.prompt for outcome in found.outcomes] == [wish.prompt for wish in wishes]


def test_a_model_that_loses_macros_is_asked_once_more(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    writer.script = [["a red fox"], ["a {red|white} fox in snow"]]
    found = enhance(owner.id, [Wish("a {red|white} fox", count=1)])

    assert found.outcomes[0].prompts == ["a {red|white} fox in snow"]
    assert found.cost == 2 * COST
    assert "exactly the macros" in writer.asked[1].messages[-1].text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_model_that_writes_too_few_is_asked_for_the_rest_and_what_came_is_kept(
    owner: User, writer: Scripted, enhance: Enhancing
) -> None:
    writer.script = [["a fox in snow", "a fox in snow"], ["a fox at sea", "a fox at home", "a fox too many"]]
    found = enhance(owner.id, [Wish("a fox", count=3)])

    assert found.outcomes[0].prompts == ["a fox in snow", "a fox at sea", "a fox at home"]
    assert "Write 2 more" in writer.asked[1].messages[-1].text

    writer.script = [["an owl at night"], LanguageError("It is busy.", cost=COST)]
    found = enhance(owner.id, [Wish("an owl", count=3)])

    assert (found.outcomes[0].prompts, found.outcomes[0].error, found.cost) == (["an owl at night"], "", 2 * COST)


def test_when_nobody_writes_it_says_why_and_what_was_spent_stays_counted(
    owner: User, writer: Scripted, enhance: Enhancing
) -> None:
    writer.script = [LanguageError("It is busy.", cost=COST)]
    found = enhance(owner.id, [Wish("a fox")])

    with pytest.raises(NobodyWrote, match="It is busy"):
        service.check_written(found)
    assert billing.usage_today(owner.id).spent == COST
    assert db.session.scalar(sa.select(Enhancement.id)) is None


def test_the_days_budget_holds(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    budgets.set_budget(owner, Decimal("0.0005"))
    with pytest.raises(BudgetReached):
        enhance(owner.id, [Wish("a fox")])

    assert writer.asked == []
    assert db.session.scalar(sa.select(EnhanceRequest.id)) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_somebodys_own_key_is_used_and_marked_in_the_ledger(app: APIFlask, owner: User, enhance: Enhancing) -> None:
    provider_keys.save(owner, "openai", KEY)
    with ChatWire(json.dumps({"prompts": ["a red fox in snow"]})) as wire:
        there = {"base_urls": {"openai": f"{wire.url}/v1"}}
        app.extensions["settings"] = app.extensions["settings"].model_copy(update=there)
        found = enhance(owner.id, [Wish("a fox", count=1)])
        offered = service.offer(owner.id)

    assert found.writers == [Writer("openai:gpt-6-luna", "GPT-6 Luna")]
    assert offered.writer == found.writers[0]
    assert found.cost == Decimal("0.0002")
    entries = db.session.execute(sa.select(UsageEntry.kind, UsageEntry.amount, UsageEntry.own_key))
    assert ("settle", Decimal("0.0002"), True) in [tuple(entry) for entry in entries]


def test_the_estimate_counts_what_is_not_remembered(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    enhance(owner.id, [Wish("a fox")])
    told = service.estimate(owner.id, [Wish("a fox"), Wish("an owl\n---\na hare")])

    assert (told.price, told.cached) == (Decimal("0.002"), 1)
    assert len(writer.asked) == 1


def test_memory_is_bounded(owner: User, writer: Scripted, enhance: Enhancing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 2)
    for name in ("fox", "owl", "hare"):
        enhance(owner.id, [Wish(name)])

    assert not enhance(owner.id, [Wish("fox")]).outcomes[0].cached
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Enhancement)) == 2


def test_what_cannot_be_enhanced_is_refused_before_anything(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    for prompt, refusal in (("  ", NothingToEnhance), ("# note", NothingToEnhance), ("a {red|fox", MacroError)):
        with pytest.raises(refusal):
            enhance(owner.id, [Wish(prompt)])
    with pytest.raises(TooManyParts):
        enhance(owner.id, [Wish("\n---\n".join(["a fox"] * 21))])
    assert writer.asked == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_question_tells_target_family_focus_and_styles(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    enhance(owner.id, [Wish("a fox", "image", "sdxl", "lighting", ("photorealistic",), 2)])
    enhance(owner.id, [Wish("a fox", "video")])
    image, video = (ask.system for ask in writer.asked)

    assert all(words in image for words in ("pictures", "commas between", "differ in the light", "photorealistic"))
    assert "makes a video" in video
    assert "macros" not in image


def test_while_it_is_written_it_can_be_looked_at_and_the_same_wish_is_the_same_request(
    owner: User, stranger: User, writer: Scripted, enhance: Enhancing
) -> None:
    asked = service.enhance(owner.id, [Wish("a fox")])
    assert (asked.state, asked.outcomes, asked.cost) == (State.WAITING, [], Decimal(0))
    assert billing.usage_today(owner.id).spent == Decimal("0.001")

    assert service.enhance(owner.id, [Wish("a fox")]).request_id == asked.request_id
    assert billing.usage_today(owner.id).spent == Decimal("0.001")
    assert service.enhance(stranger.id, [Wish("a fox")]).request_id != asked.request_id
    with pytest.raises(NotFound):
        enhance.now(stranger.id, asked)

    for _ in range(2):
        assert asked.request_id
        writing.write(asked.request_id)
    assert enhance.now(owner.id, asked).state is State.DONE
    assert len(writer.asked) == 1


def test_whoever_waits_has_the_words_when_they_come_and_is_told_of_them(
    owner: User, writer: Scripted, enhance: Enhancing
) -> None:
    asked = service.enhance(owner.id, [Wish("a fox", count=1)])
    assert asked.request_id
    assert service.answer_to(owner.id, asked.request_id, wait_s=0.01).is_open

    cursor = current_cursor(owner.id)
    enhance.written(owner.id, asked)
    events, _ = missed(owner.id, cursor)
    assert [(each.type, each.data) for each in events] == [("enhanced", {"id": str(asked.request_id)})]
    assert service.answer_to(owner.id, asked.request_id, wait_s=5).outcomes[0].prompts == ["a fox number 0"]


def test_a_worker_that_dies_leaves_no_money_counted_and_the_person_is_told(
    owner: User, writer: Scripted, enhance: Enhancing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = service.enhance(owner.id, [Wish("a fox")])
    assert asked.request_id
    writer.before = die
    with pytest.raises(Killed):
        writing.write(asked.request_id)
    assert enhance.now(owner.id, asked).state is State.WRITING
    assert writing.sweep() == 0

    monkeypatch.setattr(leases, "owner_is_gone", lambda owner: True)
    assert writing.sweep() == 1
    told = enhance.now(owner.id, asked)
    assert (told.state, told.cost) == (State.FAILED, Decimal(0))
    assert "was stopped" in told.error
    assert billing.usage_today(owner.id).spent == 0
    enhance.engine.check()
    assert writing.sweep() == 0

    writer.before = lambda: None
    assert enhance(owner.id, [Wish("a fox")]).state is State.DONE
    assert billing.usage_today(owner.id).spent == COST


def test_a_worker_that_overslept_changes_nothing(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    asked = service.enhance(owner.id, [Wish("a fox")])
    assert asked.request_id

    def oversleep() -> None:
        long_ago = database_now() - timedelta(hours=1)
        rows_changed(sa.update(EnhanceRequest).values(lease_until=long_ago))
        db.session.commit()
        assert writing.sweep() == 1

    writer.before = oversleep
    writing.write(asked.request_id)

    assert enhance.now(owner.id, asked).state is State.FAILED
    assert billing.usage_today(owner.id).spent == 0
    enhance.engine.check()


def test_a_lost_ring_is_rung_again_and_in_the_end_given_up(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    asked = service.enhance(owner.id, [Wish("a fox")])
    ring = (str(TaskName.ENHANCE), (str(asked.request_id),))
    for age, rings, state in ((0, 0, State.WAITING), (10, 1, State.WAITING), (600, 0, State.FAILED)):
        enhance.engine.rung.clear()
        rows_changed(sa.update(EnhanceRequest).values(created_at=database_now() - timedelta(seconds=age)))
        db.session.commit()
        writing.sweep()
        assert (enhance.engine.rung.count(ring), enhance.now(owner.id, asked).state) == (rings, state)
    assert billing.usage_today(owner.id).spent == 0
    assert writer.asked == []

    rows_changed(sa.update(EnhanceRequest).values(created_at=database_now() - timedelta(hours=2)))
    db.session.commit()
    writing.sweep()
    with pytest.raises(NotFound):
        enhance.now(owner.id, asked)


def test_a_fault_of_ours_ends_it_at_what_it_cost(
    owner: User, writer: Scripted, enhance: Enhancing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(writing, "came_of", break_down)
    found = enhance(owner.id, [Wish("a fox")])

    assert (found.state, found.cost) == (State.FAILED, COST)
    assert "on our side" in found.error
    assert billing.usage_today(owner.id).spent == COST
    enhance.engine.check()


def test_so_many_are_written_at_once_and_no_more(owner: User, writer: Scripted, enhance: Enhancing) -> None:
    for number in range(service.MOST_AT_ONCE):
        service.enhance(owner.id, [Wish(f"fox {number}")])
    with pytest.raises(TooManyAtOnce):
        service.enhance(owner.id, [Wish("one fox more")])
