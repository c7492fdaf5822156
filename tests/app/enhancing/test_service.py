from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts import provider_keys
from app.accounts.models import User
from app.billing import budgets
from app.billing import service as billing
from app.billing.errors import BudgetReached
from app.billing.models import UsageEntry
from app.db import db
from app.enhancing import memory, service
from app.enhancing.domain import Wish
from app.enhancing.errors import NobodyWrote, NothingToEnhance, TooManyParts
from app.enhancing.models import Enhancement
from app.enhancing.service import Writer
from app.llm.contract import Answer, Ask, LanguageError
from app.llm.registry import Named
from app.prompts.errors import MacroError
from tests.support.language_wires import KEY, ChatWire

COST = Decimal("0.0003")


class Scripted:
    """Writes what it is told, else as many variations as asked for; every answer costs the same."""

    id, name, sees = "scripted:writer", "Scripted Writer", False

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.script: list[list[str] | LanguageError] = []

    def estimate(self, ask: Ask) -> Decimal:
        return Decimal("0.001")

    def answer(self, ask: Ask) -> Answer:
        self.asked.append(ask)
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


def test_variations_are_written_paid_and_remembered(owner: User, writer: Scripted) -> None:
    first = service.enhance(owner.id, [Wish("a red fox", count=3)])
    again = service.enhance(owner.id, [Wish("A red fox.", count=2)])

    assert first.outcomes[0].prompts == ["a red fox number 0", "a red fox number 1", "a red fox number 2"]
    assert (first.cost, first.outcomes[0].cached) == (COST, False)
    assert first.writers == again.writers == [Writer("scripted:writer", "Scripted Writer")]
    assert again.outcomes[0].prompts == first.outcomes[0].prompts[:2]
    assert (again.cost, again.outcomes[0].cached) == (Decimal(0), True)
    assert len(writer.asked) == 1
    assert billing.usage_today(owner.id).spent == COST


def test_more_than_was_written_is_written_anew_and_so_is_what_shall_be_fresh(owner: User, writer: Scripted) -> None:
    service.enhance(owner.id, [Wish("a fox", count=2)])
    service.enhance(owner.id, [Wish("a fox", count=3)])
    service.enhance(owner.id, [Wish("a fox", count=3)], fresh=True)

    assert len(writer.asked) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Enhancement)) == 1


def test_nobody_learns_what_others_wished(owner: User, stranger: User, writer: Scripted) -> None:
    service.enhance(owner.id, [Wish("a fox")])

    assert not service.enhance(stranger.id, [Wish("a fox")]).outcomes[0].cached


def test_many_prompts_are_written_at_once_and_each_has_its_own_fate(owner: User, writer: Scripted) -> None:
    wishes = [Wish(f"fox {n}", count=1) for n in range(6)]
    writer.script = [LanguageError("It is busy.", cost=Decimal("0.0001"))]
    found = service.enhance(owner.id, wishes)

    assert sorted(outcome.error for outcome in found.outcomes) == [""] * 5 + ["It is busy."]
    assert found.cost == 5 * COST + Decimal("0.0001")
    assert [outcome.prompt for outcome in found.outcomes] == [wish.prompt for wish in wishes]


def test_a_model_that_loses_macros_is_asked_once_more(owner: User, writer: Scripted) -> None:
    writer.script = [["a red fox"], ["a {red|white} fox in snow"]]
    found = service.enhance(owner.id, [Wish("a {red|white} fox", count=1)])

    assert found.outcomes[0].prompts == ["a {red|white} fox in snow"]
    assert found.cost == 2 * COST
    assert "exactly the macros" in writer.asked[1].messages[-1].text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_model_that_writes_too_few_is_asked_for_the_rest_and_what_came_is_kept(owner: User, writer: Scripted) -> None:
    writer.script = [["a fox in snow", "a fox in snow"], ["a fox at sea", "a fox at home", "a fox too many"]]
    found = service.enhance(owner.id, [Wish("a fox", count=3)])

    assert found.outcomes[0].prompts == ["a fox in snow", "a fox at sea", "a fox at home"]
    assert "Write 2 more" in writer.asked[1].messages[-1].text

    writer.script = [["an owl at night"], LanguageError("It is busy.", cost=COST)]
    found = service.enhance(owner.id, [Wish("an owl", count=3)])

    assert (found.outcomes[0].prompts, found.outcomes[0].error, found.cost) == (["an owl at night"], "", 2 * COST)


def test_when_nobody_writes_it_says_why_and_what_was_spent_stays_counted(owner: User, writer: Scripted) -> None:
    writer.script = [LanguageError("It is busy.", cost=COST)]
    with pytest.raises(NobodyWrote, match="It is busy"):
        service.enhance(owner.id, [Wish("a fox")])

    assert billing.usage_today(owner.id).spent == COST
    assert db.session.scalar(sa.select(Enhancement.id)) is None


def test_the_days_budget_holds(owner: User, writer: Scripted) -> None:
    budgets.set_budget(owner, Decimal("0.0005"))
    with pytest.raises(BudgetReached):
        service.enhance(owner.id, [Wish("a fox")])

    assert writer.asked == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_somebodys_own_key_is_used_and_marked_in_the_ledger(app: APIFlask, owner: User) -> None:
    provider_keys.save(owner, "openai", KEY)
    with ChatWire(json.dumps({"prompts": ["a red fox in snow"]})) as wire:
        app.extensions["settings"] = app.extensions["settings"].model_copy(update={"openai_base_url": f"{wire.url}/v1"})
        found = service.enhance(owner.id, [Wish("a fox", count=1)])
        offered = service.offer(owner.id)

    assert found.writers == [Writer("openai:gpt-6-luna", "GPT-6 Luna")]
    assert offered.writer == found.writers[0]
    assert found.cost == Decimal("0.0002")
    entries = db.session.execute(sa.select(UsageEntry.kind, UsageEntry.amount, UsageEntry.own_key))
    assert ("settle", Decimal("0.0002"), True) in [tuple(entry) for entry in entries]


def test_the_estimate_counts_what_is_not_remembered(owner: User, writer: Scripted) -> None:
    service.enhance(owner.id, [Wish("a fox")])
    told = service.estimate(owner.id, [Wish("a fox"), Wish("an owl\n---\na hare")])

    assert (told.price, told.cached) == (Decimal("0.002"), 1)
    assert len(writer.asked) == 1


def test_memory_is_bounded(owner: User, writer: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 2)
    for name in ("fox", "owl", "hare"):
        service.enhance(owner.id, [Wish(name)])

    assert not service.enhance(owner.id, [Wish("fox")]).outcomes[0].cached
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Enhancement)) == 2


def test_what_cannot_be_enhanced_is_refused_before_anything(owner: User, writer: Scripted) -> None:
    for prompt, refusal in (("  ", NothingToEnhance), ("# note", NothingToEnhance), ("a {red|fox", MacroError)):
        with pytest.raises(refusal):
            service.enhance(owner.id, [Wish(prompt)])
    with pytest.raises(TooManyParts):
        service.enhance(owner.id, [Wish("\n---\n".join(["a fox"] * 21))])
    assert writer.asked == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_question_tells_target_family_focus_and_styles(owner: User, writer: Scripted) -> None:
    service.enhance(owner.id, [Wish("a fox", "image", "sdxl", "lighting", ("photorealistic",), 2)])
    service.enhance(owner.id, [Wish("a fox", "video")])
    image, video = (ask.system for ask in writer.asked)

    assert all(words in image for words in ("pictures", "commas between", "differ in the light", "photorealistic"))
    assert "makes a video" in video
    assert "macros" not in image
