"""A workspace whose conversation is answered by hand."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import User
from app.background import TaskName
from app.chat import queries, service, writing
from app.chat.models import ChatMessage
from app.db import db
from app.library.models import Asset
from app.workspaces import queries as workspaces
from app.workspaces.models import Workspace
from tests.support.engine import Engine
from tests.support.talking import ScriptedTalker, stand_in


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return workspaces.workspaces_of(owner.id)[0]


@pytest.fixture
def talker(app: APIFlask) -> ScriptedTalker:
    return stand_in(app)


class Chat:
    """What a worker would do, done when the test says so."""

    def __init__(self, engine: Engine, workspace: Workspace) -> None:
        self.engine = engine
        self.workspace = workspace

    def say(self, text: str, *pictures: Asset) -> ChatMessage:
        """Say something and have it answered; returns the answer."""
        exchange = service.send(self.workspace, text, [each.id for each in pictures])
        return self.answered(exchange.answer)

    def answered(self, answer: ChatMessage) -> ChatMessage:
        answer_id = answer.id
        assert (str(TaskName.ANSWER_CHAT), (str(answer_id),)) in self.engine.rung
        writing.write(answer_id)
        return self.now(answer_id)

    def now(self, message_id: object) -> ChatMessage:
        """The row as it is now."""
        db.session.rollback()
        db.session.expire_all()
        return db.session.scalars(sa.select(ChatMessage).where(ChatMessage.id == message_id)).one()

    def texts(self) -> list[str]:
        db.session.expire_all()
        return [message.content for message in queries.stretch(self.workspace.id).messages]

    def states(self) -> list[str]:
        db.session.expire_all()
        return [message.state for message in queries.stretch(self.workspace.id).messages]


@pytest.fixture
def chat(engine: Engine, workspace: Workspace) -> Chat:
    return Chat(engine, workspace)
