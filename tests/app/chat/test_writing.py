"""An answer on its way: streamed, stopped, failed, killed, summarised, paid for."""

from __future__ import annotations

from collections.abc import Mapping
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
from app.billing.models import UsageEntry
from app.chat import domain, queries, service, sweeping, writing
from app.chat.domain import Role, State
from app.chat.markdown import proposals_of
from app.chat.models import ChatMessage
from app.db import database_now, db
from app.generation import leases, running
from app.live.stream import current_cursor, missed
from app.llm import registry
from app.llm.contract import LanguageError
from app.workspaces import service as workspaces
from app.workspaces.forms import ThemeBody, WorkspaceBody
from tests.app.chat.conftest import Chat
from tests.support.scripted import Killed
from tests.support.talking import COST, ESTIMATE, ScriptedTalker, stand_in

ANSWER = "Try this:\n```prompt\na red fox\n```"


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "TELL_S", 0.0)


def break_down(number: int) -> None:
    raise ZeroDivisionError


def told_since(owner: User, cursor: str) -> list[dict[str, Any]]:
    events, _ = missed(owner.id, cursor)
    return [event.data for event in events if event.type == "chat"]


def test_an_answer_is_stored_with_what_it_took(chat: Chat, talker: ScriptedTalker) -> None:
    answer = chat.say("a fox")
    assert (answer.state, answer.content, answer.model) == (State.DONE, ANSWER, "Scripted Talker")
    assert (answer.input_tokens, answer.output_tokens, answer.cost) == (30, 9, COST)
    assert (answer.lease_owner, answer.lease_until) == (None, None)
    conversation = queries.conversation_of(chat.workspace.id)
    assert conversation is not None
    assert conversation.spent == COST


def test_words_are_told_as_they_come_and_stand_in_the_row_by_then(
    chat: Chat, talker: ScriptedTalker, owner: User, no_pause: None
) -> None:
    exchange = service.send(chat.workspace, "a fox")
    stored: list[str] = []
    talker.between = lambda number: stored.append(chat.now(exchange.answer.id).content)
    cursor = current_cursor(owner.id)
    chat.answered(exchange.answer)
    told = told_since(owner, cursor)
    assert "".join(each.get("delta", "") for each in told) == ANSWER
    assert [each["at"] for each in told[:-1]] == [0, 4, 10]
    assert told[-1] == {
        "workspace_id": str(chat.workspace.id),
        "message_id": str(exchange.answer.id),
        "done": True,
    }
    assert stored == ["", "Try ", "Try this:\n"]


def test_pages_are_told_a_few_times_a_second_at_most(chat: Chat, talker: ScriptedTalker, owner: User) -> None:
    talker.pieces = ["word "] * 500
    cursor = current_cursor(owner.id)
    chat.say("a fox")
    assert len([each for each in told_since(owner, cursor) if each.get("delta")]) < 20


def test_the_model_is_told_of_the_workspace_and_what_was_said(chat: Chat, talker: ScriptedTalker, owner: User) -> None:
    theme = workspaces.create_theme(owner.id, ThemeBody(name="Winter", base_prompt="fresh snow"))
    workspaces.change_workspace(chat.workspace, WorkspaceBody(name="Foxes", theme_id=theme.id))
    chat.engine.submit(chat.workspace, "an owl at dusk")
    chat.engine.turn()
    chat.say("a fox")
    chat.say("darker")
    ask = talker.asked[-1]
    assert [(each.role, each.text) for each in ask.messages] == [
        ("user", "a fox"),
        ("assistant", ANSWER),
        ("user", "darker"),
    ]
    for words in ("Workspace: Foxes", "Theme: Winter: fresh snow", "“an owl at dusk”", "Styles:"):
        assert words in ask.system


def test_pictures_are_shown_to_a_model_that_sees(chat: Chat, talker: ScriptedTalker) -> None:
    chat.engine.submit(chat.workspace, "a red fox")
    chat.engine.turn()
    answer = chat.say("what is this?", *chat.engine.assets())
    (picture,) = talker.asked[-1].messages[-1].pictures
    assert picture.data[:4] in (b"RIFF", b"\x89PNG")
    assert answer.note == ""


def test_a_model_that_cannot_see_says_so_and_hears_what_is_known(chat: Chat, app: APIFlask) -> None:
    talker = stand_in(app, sees=False)
    chat.engine.submit(chat.workspace, "a red fox")
    chat.engine.turn()
    answer = chat.say("what is this?", *chat.engine.assets())
    message = talker.asked[-1].messages[-1]
    assert message.pictures == ()
    assert "“a red fox”" in message.text
    assert "cannot see pictures" in answer.note
    assert chat.say("thanks").note == ""


def test_without_any_key_the_rules_answer_and_say_what_they_are(chat: Chat) -> None:
    answer = chat.say("a lighthouse in a storm")
    assert answer.state == State.DONE
    assert "built-in rules" in answer.content
    assert proposals_of(answer.content)
    varied = chat.say(domain.variations_of("a lighthouse in a storm, low key light"))
    more = [each.prompt for each in proposals_of(varied.content)]
    assert len(more) == 3
    assert all(prompt.startswith("a lighthouse in a storm, low key light") for prompt in more)
    assert answer.cost == 0
    assert billing.usage_today(chat.workspace.owner_id).spent == 0


def test_stopping_keeps_what_came_so_far(chat: Chat, talker: ScriptedTalker, no_pause: None) -> None:
    exchange = service.send(chat.workspace, "a fox")
    answer_id = exchange.answer.id

    def stop_before_the_third(number: int) -> None:
        if number == 2:
            assert service.stop(chat.now(answer_id))

    talker.between = stop_before_the_third
    answer = chat.answered(exchange.answer)
    assert (answer.state, answer.content) == (State.STOPPED, "Try this:\n")
    assert talker.closed
    # Nobody knows what it took: it counts as what was set aside.
    assert answer.cost == ESTIMATE
    assert billing.usage_today(chat.workspace.owner_id).spent == ESTIMATE
    assert not service.stop(answer)


def test_an_answer_stopped_before_it_began_is_never_asked_for(chat: Chat, talker: ScriptedTalker) -> None:
    exchange = service.send(chat.workspace, "a fox")
    service.stop(exchange.answer)
    answer = chat.answered(exchange.answer)
    assert (answer.state, talker.asked) == (State.STOPPED, [])


def test_a_failure_is_told_in_a_sentence_and_costs_nothing(chat: Chat, talker: ScriptedTalker, no_pause: None) -> None:
    def fail(number: int) -> None:
        if number == 1:
            raise LanguageError("The provider is busy. Ask again in a minute.", retryable=True, detail="529")

    talker.between = fail
    answer = chat.say("a fox")
    assert (answer.state, answer.content) == (State.FAILED, "Try ")
    assert answer.error == "The provider is busy. Ask again in a minute."
    assert billing.usage_today(chat.workspace.owner_id).spent == 0
    talker.between = lambda number: None
    assert chat.answered(service.resend(answer).answer).state == State.DONE


def test_a_fault_of_ours_ends_the_answer_too(chat: Chat, talker: ScriptedTalker) -> None:
    talker.between = break_down
    answer = chat.say("a fox")
    assert (answer.state, answer.error[:21]) == (State.FAILED, "Something went wrong ")


def test_who_dies_leaves_the_words_and_the_sweep_says_interrupted(
    chat: Chat, talker: ScriptedTalker, no_pause: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = service.send(chat.workspace, "a fox")
    answer_id = exchange.answer.id

    def die(number: int) -> None:
        if number == 2:
            raise Killed

    talker.between = die
    with pytest.raises(Killed):
        writing.write(answer_id)
    db.session.rollback()
    assert sweeping.sweep() == 0
    assert chat.now(answer_id).state == State.WRITING
    monkeypatch.setattr(leases, "owner_is_gone", lambda owner: True)
    assert sweeping.sweep() == 1
    answer = chat.now(answer_id)
    assert (answer.state, answer.content) == (State.INTERRUPTED, "Try this:\n")
    talker.between = lambda number: None
    assert chat.answered(service.resend(answer).answer).content == ANSWER


def test_a_lost_ring_is_rung_again_and_a_second_one_changes_nothing(chat: Chat, talker: ScriptedTalker) -> None:
    exchange = service.send(chat.workspace, "a fox")
    answer_id = exchange.answer.id
    chat.engine.rung.clear()
    assert sweeping.sweep() == 0
    db.session.execute(
        sa.update(ChatMessage)
        .where(ChatMessage.id == answer_id)
        .values(created_at=database_now() - timedelta(seconds=10))
    )
    db.session.commit()
    assert sweeping.sweep() == 1
    assert (str(TaskName.ANSWER_CHAT), (str(answer_id),)) in chat.engine.rung
    for _ in range(3):
        writing.write(answer_id)
    assert len(talker.asked) == 1


def test_a_worker_that_is_asked_to_stop_hands_the_answer_on(chat: Chat, talker: ScriptedTalker) -> None:
    exchange = service.send(chat.workspace, "a fox")
    answer_id = exchange.answer.id
    running.draining.set()
    try:
        writing.write(answer_id)
    finally:
        running.draining.clear()
    assert chat.now(answer_id).state == State.WAITING
    assert billing.usage_today(chat.workspace.owner_id).spent == 0
    assert chat.answered(exchange.answer).state == State.DONE
    assert billing.usage_today(chat.workspace.owner_id).spent == COST


def test_a_daily_budget_holds_for_answers_too(chat: Chat, talker: ScriptedTalker, owner: User) -> None:
    budgets.set_budget(owner, Decimal("0.005"))
    db.session.commit()
    answer = chat.say("a fox")
    assert answer.state == State.FAILED
    assert "budget" in answer.error
    assert talker.asked == []


def test_what_the_books_say_holds_after_answers_of_every_end(chat: Chat, talker: ScriptedTalker) -> None:
    chat.say("a fox")
    service.stop(service.send(chat.workspace, "an owl").answer)
    talker.between = break_down
    chat.say("a hare")
    chat.engine.check()


def test_a_long_history_is_summarised_not_cut(
    chat: Chat, talker: ScriptedTalker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "SENT_CHARS", 390)
    monkeypatch.setattr(domain, "KEPT_CHARS", 150)
    talker.pieces = ["Yes."]
    chat.say("I like foxes. " + "x" * 300)
    chat.say("And snow. " + "y" * 50)
    chat.say("Now darker.")
    summary_ask, ask = talker.asked[-2:]
    assert "I like foxes." in summary_ask.messages[0].text
    assert "They like foxes." in ask.system
    assert all("I like foxes" not in each.text for each in ask.messages)
    assert ask.messages[-1].text == "Now darker."
    conversation = queries.conversation_of(chat.workspace.id)
    assert conversation is not None
    assert conversation.summary == "They like foxes."
    # One call for each answer, and one for the summary.
    assert conversation.spent == 4 * COST
    chat.say("More.")
    assert "They like foxes." in talker.asked[-1].system
    assert len(talker.asked) == 5


def test_a_summary_forgets_what_is_deleted(chat: Chat, talker: ScriptedTalker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "SENT_CHARS", 100)
    monkeypatch.setattr(domain, "KEPT_CHARS", 50)
    talker.pieces = ["Yes."]
    chat.say("My secret is " + "x" * 300)
    chat.say("a fox")
    service.delete(queries.stretch(chat.workspace.id).messages[0])
    conversation = queries.conversation_of(chat.workspace.id)
    assert conversation is not None
    assert (conversation.summary, conversation.summary_until) == ("", None)


def test_what_is_deleted_while_it_is_summarised_is_not_remembered(
    chat: Chat, talker: ScriptedTalker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "SENT_CHARS", 100)
    monkeypatch.setattr(domain, "KEPT_CHARS", 50)
    talker.pieces = ["Yes."]
    chat.say("My secret is " + "x" * 300)
    secret = queries.stretch(chat.workspace.id).messages[0]
    answer_of = talker.answer

    def delete_meanwhile(ask: Any) -> Any:
        service.delete(secret)
        return answer_of(ask)

    monkeypatch.setattr(talker, "answer", delete_meanwhile)
    chat.say("a fox")
    conversation = queries.conversation_of(chat.workspace.id)
    assert conversation is not None
    assert (conversation.summary, conversation.summary_until) == ("", None)


def test_the_rules_make_an_honest_extract(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "SENT_CHARS", 300)
    monkeypatch.setattr(domain, "KEPT_CHARS", 50)
    assert registry.language_model().id == "builtin"
    chat.say("a lighthouse in a storm")
    chat.say("warmer")
    conversation = queries.conversation_of(chat.workspace.id)
    assert conversation is not None
    assert conversation.summary.startswith("(An extract, not a summary.)")
    assert "- asked: a lighthouse in a storm" in conversation.summary


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_rules_build_on_the_last_picture_and_on_one_that_is_shown(chat: Chat) -> None:
    for prompt in ("an owl", "a red fox"):
        chat.engine.submit(chat.workspace, prompt)
        chat.engine.turn()
    said = chat.say("something calmer than the last picture").content
    assert [each.prompt for each in proposals_of(said)] == ["a red fox, calm, soft even light, muted colours"]
    owl = next(each for each in chat.engine.assets() if each.recipe["template"] == "an owl")
    said = chat.say("at night", owl).content
    assert [each.prompt.partition(",")[0] for each in proposals_of(said)] == ["an owl"]


def test_a_question_deleted_before_its_answer_is_told(chat: Chat, talker: ScriptedTalker) -> None:
    exchange = service.send(chat.workspace, "a fox")
    service.delete(exchange.message)
    answer = chat.answered(exchange.answer)
    assert (answer.state, answer.role) == (State.FAILED, Role.ASSISTANT)
    assert "nothing left to answer" in answer.error


def test_an_answer_on_ones_own_key_is_counted_as_such(
    chat: Chat, talker: ScriptedTalker, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider_keys.save(owner, "mistral", "a key of one's own")
    asked = []

    def opened(own: Mapping[str, str]) -> ScriptedTalker:
        asked.append(dict(own))
        return talker

    monkeypatch.setattr(registry, "language_model", opened)
    chat.say("a fox")
    monkeypatch.setattr(provider_keys, "keys_for_words", lambda _: {"scripted": "a key of one's own"})
    chat.say("an owl")
    assert asked == [{"mistral": "a key of one's own"}, {"scripted": "a key of one's own"}]
    settled = db.session.scalars(sa.select(UsageEntry).where(UsageEntry.kind == "settle").order_by(UsageEntry.id)).all()
    assert [each.own_key for each in settled] == [False, True]
    assert {(each.provider, each.model) for each in settled} == {("scripted", "Scripted Talker")}
