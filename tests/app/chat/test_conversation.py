"""What a person can do in a conversation, and what it is afterwards."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from apiflask import APIFlask

from app.accounts.models import User
from app.chat import queries, service
from app.chat.errors import CannotBeAnswered, ConversationFull, OnlyYourOwnWords, PicturesRefused, StillWriting
from app.db import db, utc_now
from app.errors import NotFound
from app.library.models import Asset
from app.workspaces import queries as workspaces
from app.workspaces import service as workspace_service
from app.workspaces.models import Workspace
from tests.app.chat.conftest import Chat
from tests.support.engine import Engine
from tests.support.talking import ScriptedTalker


def test_what_is_said_is_kept_in_order(chat: Chat, talker: ScriptedTalker) -> None:
    for number in range(3):
        talker.pieces = [f"answer {number}"]
        chat.say(f"question {number}")
    assert chat.texts() == ["question 0", "answer 0", "question 1", "answer 1", "question 2", "answer 2"]


def test_one_answer_is_written_at_a_time(chat: Chat, talker: ScriptedTalker) -> None:
    service.send(chat.workspace, "a fox")
    with pytest.raises(StillWriting):
        service.send(chat.workspace, "an owl")
    assert chat.texts() == ["a fox", ""]


def test_an_edit_drops_what_came_after_and_undo_brings_it_back(chat: Chat, talker: ScriptedTalker) -> None:
    chat.say("a fox")
    chat.say("darker")
    before = chat.texts()
    first = queries.stretch(chat.workspace.id).messages[0]
    exchange = service.edit(first, "an owl")
    chat.answered(exchange.answer)
    assert chat.texts()[0] == "an owl"
    assert len(chat.texts()) == 2
    assert exchange.deletion_id is not None
    assert service.restore(chat.workspace, exchange.deletion_id) == 4
    assert chat.texts() == before
    assert service.restore(chat.workspace, exchange.deletion_id) == 0


def test_an_edited_message_keeps_its_pictures(chat: Chat, talker: ScriptedTalker) -> None:
    asset = picture_of(chat)
    chat.say("what is this?", asset)
    exchange = service.edit(queries.stretch(chat.workspace.id).messages[0], "which animal is this?")
    assert [each.id for each in queries.pictures_of([exchange.message.id])[exchange.message.id]] == [asset.id]


def test_only_ones_own_words_can_be_edited(chat: Chat, talker: ScriptedTalker) -> None:
    with pytest.raises(OnlyYourOwnWords):
        service.edit(chat.say("a fox"), "an owl")


def test_asking_again_replaces_the_answer(chat: Chat, talker: ScriptedTalker) -> None:
    answer = chat.say("a fox")
    talker.pieces = ["another"]
    exchange = service.resend(answer)
    chat.answered(exchange.answer)
    assert chat.texts() == ["a fox", "another"]
    assert exchange.deletion_id is not None
    service.restore(chat.workspace, exchange.deletion_id)
    assert chat.texts()[1].startswith("Try this")


def test_an_answer_without_its_question_cannot_be_asked_for_again(chat: Chat, talker: ScriptedTalker) -> None:
    answer = chat.say("a fox")
    service.delete(queries.stretch(chat.workspace.id).messages[0])
    with pytest.raises(CannotBeAnswered):
        service.resend(answer)


def test_one_message_or_all_can_be_deleted_and_brought_back(chat: Chat, talker: ScriptedTalker) -> None:
    answer = chat.say("a fox")
    chat.say("an owl")
    before = chat.texts()
    one = service.delete(answer)
    assert (one.count, len(chat.texts())) == (1, 3)
    rest = service.clear(chat.workspace)
    assert (rest.count, chat.texts()) == (3, [])
    service.restore(chat.workspace, rest.deletion_id)
    service.restore(chat.workspace, one.deletion_id)
    assert chat.texts() == before


def test_what_was_deleted_goes_for_good_after_a_day(chat: Chat, talker: ScriptedTalker) -> None:
    gone = service.delete(chat.say("a fox"))
    (row,) = queries.taken_away_by(chat.workspace.id, gone.deletion_id)
    row.deleted_at = utc_now() - timedelta(days=2)
    db.session.commit()
    service.clear(chat.workspace)
    assert service.restore(chat.workspace, gone.deletion_id) == 0


def test_deleting_an_answer_that_is_awaited_ends_it(chat: Chat, talker: ScriptedTalker) -> None:
    exchange = service.send(chat.workspace, "a fox")
    service.delete(exchange.answer)
    chat.answered(exchange.answer)
    assert (chat.texts(), talker.asked) == (["a fox"], [])


def test_words_are_found_whatever_their_case_and_order(chat: Chat, talker: ScriptedTalker) -> None:
    talker.pieces = ["Yes."]
    chat.say("A Red FOX in snow")
    chat.say("an owl")
    found = queries.holding(chat.workspace.id, "snow fox")
    assert [message.content for message in found.messages] == ["A Red FOX in snow"]
    assert queries.holding(chat.workspace.id, "100%").messages == []


def test_a_long_conversation_is_shown_by_stretches(chat: Chat, talker: ScriptedTalker) -> None:
    talker.pieces = ["."]
    for number in range(3):
        chat.say(str(number))
    newest = queries.stretch(chat.workspace.id, most=4)
    assert [message.content for message in newest.messages] == ["1", ".", "2", "."]
    older = queries.stretch(chat.workspace.id, until=newest.earlier, most=4)
    assert [message.content for message in older.messages] == ["0", "."]
    assert (older.earlier, older.later, newest.later) == (None, True, False)


def test_a_message_of_another_workspace_or_person_is_missing(
    chat: Chat, talker: ScriptedTalker, owner: User, stranger: User
) -> None:
    answer = chat.say("a fox")
    other = workspaces.workspaces_of(stranger.id)[0]
    for person, workspace_id in ((stranger.id, chat.workspace.id), (stranger.id, other.id), (owner.id, other.id)):
        with pytest.raises(NotFound):
            service.message_for(person, workspace_id, answer.id)
    service.delete(answer)
    with pytest.raises(NotFound):
        service.message_for(owner.id, chat.workspace.id, answer.id)


def test_somebody_elses_picture_cannot_be_shown(chat: Chat, talker: ScriptedTalker, stranger: User) -> None:
    asset = picture_of(chat)
    with pytest.raises(NotFound):
        service.send(workspaces.workspaces_of(stranger.id)[0], "what is this?", [asset.id])


def test_pictures_are_few(chat: Chat, talker: ScriptedTalker) -> None:
    with pytest.raises(PicturesRefused):
        service.send(chat.workspace, "look", [uuid.uuid4() for _ in range(5)])
    assert chat.texts() == []


def test_a_conversation_has_an_end(
    chat: Chat, talker: ScriptedTalker, monkeypatch: pytest.MonkeyPatch, app: APIFlask
) -> None:
    monkeypatch.setattr(service, "CHAT_MESSAGES", 3)
    chat.say("a fox")
    with pytest.raises(ConversationFull):
        service.send(chat.workspace, "an owl")


def test_it_goes_with_its_workspace(chat: Chat, talker: ScriptedTalker, owner: User) -> None:
    answer = chat.say("a fox")
    second = workspace_service.welcome(owner.id)
    db.session.commit()
    workspace_service.delete_workspace(chat.workspace, typed_name=chat.workspace.name)
    with pytest.raises(NotFound):
        service.message_for(owner.id, answer.workspace_id, answer.id)
    assert queries.stretch(second.id).messages == []


def picture_of(chat: Chat) -> Asset:
    engine: Engine = chat.engine
    workspace: Workspace = chat.workspace
    engine.submit(workspace, "a red fox")
    engine.turn()
    return engine.assets()[0]
