"""Named reads of conversations. What was deleted is in none of them unless it says so."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.chat.domain import OPEN
from app.chat.models import ChatMessage, ChatPicture, Conversation
from app.db import db
from app.history.words import folded
from app.library.models import Asset


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some messages in order. earlier: the id of the one before them; later: whether there are some after them."""

    messages: Sequence[ChatMessage]
    earlier: uuid.UUID | None = None
    later: bool = False


def conversation_of(workspace_id: uuid.UUID) -> Conversation | None:
    return db.session.get(Conversation, workspace_id)


def stretch(workspace_id: uuid.UUID, *, until: uuid.UUID | None = None, most: int = 50) -> Stretch:
    """The newest messages; with `until`, those up to that one."""
    wanted = _of(workspace_id)
    if until is not None:
        wanted = wanted.where(ChatMessage.id <= until)
    found = db.session.scalars(wanted.order_by(ChatMessage.id.desc()).limit(most + 1)).all()
    shown = list(reversed(found[:most]))
    later = (
        until is not None and db.session.scalar(_of(workspace_id).where(ChatMessage.id > until).limit(1)) is not None
    )
    return Stretch(shown, found[most].id if len(found) > most else None, later)


def holding(workspace_id: uuid.UUID, words: str, *, most: int = 50) -> Stretch:
    """The newest messages that hold all of these words, in any order."""
    wanted = messages_of(workspace_id, words)
    found = db.session.scalars(wanted.order_by(ChatMessage.id.desc()).limit(most)).all()
    return Stretch(list(reversed(found)))


def messages_of(workspace_id: uuid.UUID, words: str = "") -> sa.Select[ChatMessage]:
    """All of a conversation that holds these words, in any order; for lists by cursor."""
    wanted = _of(workspace_id)
    for word in folded(words).split():
        wanted = wanted.where(ChatMessage.folded.contains(word, autoescape=True))
    return wanted


def before(message: ChatMessage, *, since: uuid.UUID | None = None) -> Sequence[ChatMessage]:
    """What was said before a message, in order; with `since`, only after that one."""
    wanted = _of(message.workspace_id).where(ChatMessage.id < message.id)
    if since is not None:
        wanted = wanted.where(ChatMessage.id > since)
    return db.session.scalars(wanted.order_by(ChatMessage.id)).all()


def from_on(message: ChatMessage) -> Sequence[ChatMessage]:
    """A message and all that came after it, in order."""
    return db.session.scalars(
        _of(message.workspace_id).where(ChatMessage.id >= message.id).order_by(ChatMessage.id)
    ).all()


def taken_away_by(workspace_id: uuid.UUID, deletion_id: uuid.UUID) -> Sequence[ChatMessage]:
    """What one deletion took away and can still give back."""
    return db.session.scalars(
        sa.select(ChatMessage)
        .where(
            ChatMessage.workspace_id == workspace_id,
            ChatMessage.deletion_id == deletion_id,
            ChatMessage.deleted_at.is_not(None),
        )
        .order_by(ChatMessage.id)
    ).all()


def replacement_for(workspace_id: uuid.UUID, deletion_id: uuid.UUID) -> ChatMessage | None:
    """The message that came in place of what a deletion took away."""
    return db.session.scalar(_of(workspace_id).where(ChatMessage.replaces == deletion_id).limit(1))


def open_answer(workspace_id: uuid.UUID) -> ChatMessage | None:
    """The answer that is waited for or being written."""
    return db.session.scalar(_of(workspace_id).where(ChatMessage.state.in_(OPEN)).limit(1))


def newest_id(workspace_id: uuid.UUID) -> uuid.UUID | None:
    """The highest id there is, of a deleted message too."""
    here = ChatMessage.workspace_id == workspace_id
    return db.session.scalar(sa.select(ChatMessage.id).where(here).order_by(ChatMessage.id.desc()).limit(1))


def count(workspace_id: uuid.UUID) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(_of(workspace_id).subquery())) or 0


def pictures_of(message_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Asset]]:
    """The pictures of each message in their order; not those in the trash."""
    pictures: dict[uuid.UUID, list[Asset]] = {message_id: [] for message_id in message_ids}
    if pictures:
        rows = db.session.execute(
            sa.select(ChatPicture.message_id, Asset)
            .join(Asset, Asset.id == ChatPicture.asset_id)
            .where(ChatPicture.message_id.in_(pictures), Asset.deleted_at.is_(None))
            .order_by(ChatPicture.ordinal)
        )
        for message_id, asset in rows:
            pictures[message_id].append(asset)
    return pictures


def _of(workspace_id: uuid.UUID) -> sa.Select[ChatMessage]:
    return sa.select(ChatMessage).where(ChatMessage.workspace_id == workspace_id, ChatMessage.deleted_at.is_(None))
