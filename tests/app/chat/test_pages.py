"""The conversation as a browser without a script uses it, and what stands in its pages."""

from __future__ import annotations

import io
import re

import pytest
from apiflask import APIFlask
from PIL import Image

from app.accounts.models import User
from app.chat import queries, routes
from app.db import db
from app.generation.models import Batch
from app.workspaces.models import Workspace
from tests.app.chat.conftest import Chat
from tests.support.engine import Engine
from tests.support.talking import ScriptedTalker
from tests.support.visitor import Visitor


@pytest.fixture
def visitor(app: APIFlask, owner: User, workspace: Workspace) -> Visitor:
    visitor = Visitor(app, owner.email)
    visitor.get(f"/w/{workspace.id}/chat")
    return visitor


@pytest.fixture
def address(workspace: Workspace) -> str:
    return f"/w/{workspace.id}/chat"


def answer_all(chat: Chat) -> None:
    answer = queries.open_answer(chat.workspace.id)
    assert answer is not None
    chat.answered(answer)


def test_somebody_talks_edits_stops_deletes_and_takes_it_back_without_a_script(
    visitor: Visitor, chat: Chat, talker: ScriptedTalker, address: str
) -> None:
    assert visitor.post(f"{address}/messages", {"text": "a fox"}).headers["Location"].startswith(address)
    assert "An answer is being written" in visitor.get(address).text
    answer_all(chat)
    page = visitor.get(address).text
    for words in ("a red fox", "Generate · free", "Make variations", "Scripted Talker · &lt;$0.01", "so far"):
        assert words in page
    first = queries.stretch(chat.workspace.id).messages[0]
    visitor.post(f"{address}/messages/{first.id}/edits", {"text": "an owl"})
    answer = queries.open_answer(chat.workspace.id)
    assert answer is not None
    visitor.post(f"{address}/messages/{answer.id}/stops")
    assert "Stopped. What came so far stays." in visitor.get(address).text
    visitor.post(f"{address}/messages/{answer.id}/resends")
    answer_all(chat)
    gone = visitor.post(f"{address}/deletion").headers["Location"]
    assert chat.texts() == []
    found = re.search(r'name="deletion_id" value="([^"]+)"', visitor.get(gone.partition("#")[0]).text)
    assert found
    visitor.post(f"{address}/restorations", {"deletion_id": found.group(1)})
    assert chat.texts()[0] == "an owl"


def test_a_proposed_prompt_goes_through_the_forms_own_door_and_once(
    visitor: Visitor, chat: Chat, talker: ScriptedTalker, address: str, engine: Engine
) -> None:
    talker.pieces = ["```prompt\na {red|green|blue} fox\nnegative: text\n```"]
    chat.say("foxes")
    page = visitor.get(address).text
    assert "Generate 3 · free" in page
    form = re.search(r"<form[^>]*data-card-generate>.*?</form>", page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form.group()))
    del fields["csrf_token"]
    for _ in range(2):
        assert visitor.post(f"/w/{chat.workspace.id}/batches", fields).status_code == 302
    (batch,) = db.session.query(Batch).all()
    assert (batch.job_count, batch.template) == (3, "a {red|green|blue} fox")


def test_a_proposal_that_cannot_be_read_says_why(
    visitor: Visitor, chat: Chat, talker: ScriptedTalker, address: str
) -> None:
    talker.pieces = ["```prompt\na {red|green fox\n```"]
    chat.say("foxes")
    page = visitor.get(address).text
    assert "column" in page
    assert "data-card-generate" not in page


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "Write a message."), ("  \n ", "Write a message."), ("x" * 16_001, "16,000 characters")]
)
def test_what_cannot_be_sent_is_told_at_the_field_and_nothing_typed_is_lost(
    visitor: Visitor, chat: Chat, address: str, text: str, sentence: str
) -> None:
    answer = visitor.post(f"{address}/messages", {"text": text})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert text in answer.text
    assert chat.texts() == []


def test_a_message_of_the_longest_length_is_taken(visitor: Visitor, chat: Chat, address: str) -> None:
    assert visitor.post(f"{address}/messages", {"text": "x" * 16_000}).status_code == 302


def test_files_come_along_as_uploads(
    visitor: Visitor, chat: Chat, talker: ScriptedTalker, address: str, engine: Engine
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    visitor.post(f"{address}/messages", {"text": "what is it?", "file": (io.BytesIO(file.getvalue()), "red.png")})
    answer_all(chat)
    assert len(talker.asked[-1].messages[-1].pictures) == 1
    assert f"/api/images/{engine.assets()[0].id}/thumb" in visitor.get(address).text


def test_hostile_words_are_words(visitor: Visitor, chat: Chat, talker: ScriptedTalker, address: str) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} "onfocus="x'
    talker.pieces = [
        f'# {evil}\n- {evil}\n1. **{evil}**\n\n[{evil}](https://evil.example/"><script>)\n\n',
        f"```prompt\n{evil}\n```\n```html\n{evil}\n```\n[x](javascript:alert(1)) ![x](https://evil.example/x.png)",
    ]
    chat.say(evil)
    page = visitor.get(address).text
    body = page[page.index('id="chat-log"') :]
    assert "<script>alert" not in body
    assert "<img src=x" not in body
    assert 'href="javascript' not in body
    assert "evil.example" not in "".join(re.findall(r'(?:href|src)="([^"]*)"', body))
    assert body.count("{{ 7*7 }}") >= 5


def test_searching_shows_what_was_found_and_the_way_there(
    visitor: Visitor, chat: Chat, talker: ScriptedTalker, address: str
) -> None:
    talker.pieces = ["Yes."]
    chat.say("a red fox")
    chat.say("an owl")
    found = visitor.get(f"{address}?q=FOX").text
    assert "1 message with “FOX”" in found
    assert "an owl" not in found
    assert "until=" in found


def test_somebody_elses_conversation_looks_like_a_missing_one(
    app: APIFlask, chat: Chat, talker: ScriptedTalker, address: str, stranger: User
) -> None:
    answer = chat.say("a fox")
    other = Visitor(app, stranger.email, "another long pass phrase")
    other.get("/workspaces")
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/log").status_code == 404
    message = f"{address}/messages/{answer.id}"
    for path in (f"{message}/edits", f"{message}/resends", f"{message}/stops", f"{message}/deletion"):
        assert other.post(path, {"text": "x"}).status_code == 404
    for path in (f"{address}/messages", f"{address}/deletion", f"{address}/restorations"):
        assert other.post(path, {"text": "x"}).status_code == 404
    assert len(chat.texts()) == 2


def test_strangers_are_sent_to_sign_in(app: APIFlask, address: str) -> None:
    assert "/auth/login" in Visitor(app).get(address).headers["Location"]


@pytest.mark.parametrize("settings_more", [{"DARKROOM_RATE_LIMITS": "true"}], indirect=True)
def test_nobody_sends_faster_than_anybody_reads(
    visitor: Visitor, chat: Chat, address: str, settings_more: dict[str, str]
) -> None:
    most = int(routes.SENDING.split()[0])
    codes = [visitor.post(f"{address}/messages", {"text": ""}).status_code for _ in range(most + 1)]
    assert codes == [422] * most + [429]
