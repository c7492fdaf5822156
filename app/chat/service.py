"""What a person can do in a workspace's conversation: say something, change it, stop the answer, take words away and
bring them back.

Of two changes at once the second finds what the first made: each begins by writing the conversation's row.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app.background import TaskName, ring
from app.chat import endings, events, queries
from app.chat.domain import OPEN, Role, State
from app.chat.errors import CannotBeAnswered, ConversationFull, OnlyYourOwnWords, PicturesRefused, StillWriting
from app.chat.models import ChatMessage, ChatPicture, Conversation
from app.db import after_commit, db, insert_once, new_id, rows_changed, utc_now
from app.errors import NotFound
from app.history.words import folded
from app.library import service as library
from app.library.models import Asset
from app.limits import CHAT_MESSAGES, CHAT_PICTURES
from app.money import ZERO
from app.workspaces import service as workspaces
from app.workspaces.models import Workspace

# What was deleted can come back for this long, and is removed with the next deletion after it.
_TAKEN_BACK_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message and the answer it will get. deletion_id: of what it came in place of, if anything."""

    message: ChatMessage
    answer: ChatMessage
    deletion_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was taken away, by the name that brings it back."""

    deletion_id: uuid.UUID
    count: int


def message_for(owner_id: uuid.UUID, workspace_id: uuid.UUID, message_id: uuid.UUID) -> ChatMessage:
    """The guarded door: a message of this workspace of the person's own, or NotFound."""
    workspaces.workspace_for(owner_id, workspace_id)
    message = db.session.get(ChatMessage, message_id)
    if message is None or message.workspace_id != workspace_id or message.deleted_at is not None:
        raise NotFound("message")
    return message


def check_pictures(count: int) -> None:
    """Whether so many may come with one message. Raises PicturesRefused."""
    if count > CHAT_PICTURES:
        raise PicturesRefused(f"Show at most {CHAT_PICTURES} pictures at a time; these are {count}.")


def send(workspace: Workspace, text: str, picture_ids: Sequence[uuid.UUID] = ()) -> Exchange:
    """Say something and ask for its answer. Raises StillWriting, ConversationFull, PicturesRefused or NotFound."""
    pictures = _pictures(workspace.owner_id, picture_ids)
    _hold(workspace.id)
    _check_quiet(workspace.id)
    if queries.count(workspace.id) + 2 > CHAT_MESSAGES:
        db.session.rollback()
        raise ConversationFull(CHAT_MESSAGES)
    exchange = _exchange(workspace.id, workspace.owner_id, text, [asset.id for asset in pictures])
    db.session.commit()
    return exchange


def edit(message: ChatMessage, text: str) -> Exchange:
    """Say one of one's messages in other words: what came after it goes, and a new answer is asked for.

    Its pictures stay. `restore` with the exchange's deletion_id undoes it.
    """
    if message.role != Role.USER:
        raise OnlyYourOwnWords
    _hold(message.workspace_id)
    dropped = _drop(queries.from_on(message))
    pictures = db.session.scalars(
        sa.select(ChatPicture.asset_id).where(ChatPicture.message_id == message.id).order_by(ChatPicture.ordinal)
    ).all()
    exchange = _exchange(message.workspace_id, message.owner_id, text, pictures, replaces=dropped.deletion_id)
    db.session.commit()
    return exchange


def resend(message: ChatMessage) -> Exchange:
    """Ask again: for another answer in place of this one and all after it, or for one to a message that has none.

    `restore` undoes it. Raises CannotBeAnswered.
    """
    _hold(message.workspace_id)
    following = queries.from_on(message)
    asked: ChatMessage | None = message
    if message.role == Role.ASSISTANT:
        asked = next((each for each in reversed(queries.before(message)) if each.role == Role.USER), None)
    else:
        following = following[1:]
    if asked is None:
        db.session.rollback()
        raise CannotBeAnswered
    dropped = _drop(following)
    answer = _answer(message.workspace_id, message.owner_id)
    answer.replaces = dropped.deletion_id
    _tell(answer)
    db.session.commit()
    return Exchange(asked, answer, dropped.deletion_id)


def stop(message: ChatMessage) -> bool:
    """End an answer here; what was written so far stays. Returns whether it was still open."""
    stopped = endings.end(message, State.STOPPED, cost=ZERO if message.state == State.WAITING else None)
    events.changed(message.owner_id, message.workspace_id)
    db.session.commit()
    return stopped


def delete(message: ChatMessage) -> Dropped:
    """Take one message away; `restore` brings it back for a day."""
    _hold(message.workspace_id)
    dropped = _drop([message])
    db.session.commit()
    return dropped


def clear(workspace: Workspace) -> Dropped:
    """Take the whole conversation away; `restore` brings it back for a day."""
    _hold(workspace.id)
    dropped = _drop(db.session.scalars(queries.messages_of(workspace.id)).all())
    events.changed(workspace.owner_id, workspace.id)
    db.session.commit()
    return dropped


def restore(workspace: Workspace, deletion_id: uuid.UUID) -> int:
    """Bring back what one act took away, in place of what came instead. Returns how many messages came back."""
    _hold(workspace.id)
    lost = queries.taken_away_by(workspace.id, deletion_id)
    if lost and (instead := queries.replacement_for(workspace.id, deletion_id)) is not None:
        _drop(queries.from_on(instead))
    for message in lost:
        message.deleted_at = message.deletion_id = None
    _forget_summary(workspace.id, [message.id for message in lost])
    events.changed(workspace.owner_id, workspace.id)
    db.session.commit()
    return len(lost)


def _hold(workspace_id: uuid.UUID) -> None:
    """Begin the transaction by writing the conversation's row, so that changes to it take turns."""
    mine = Conversation.workspace_id == workspace_id
    rising = sa.update(Conversation).where(mine).values(turns=Conversation.turns + 1)
    if not rows_changed(rising):
        table = sa.inspect(Conversation).local_table
        insert_once(table, workspace_id=workspace_id, summary="", spent=ZERO, turns=0)
        rows_changed(rising)
    # What was read before one's turn may have changed since.
    db.session.expire_all()


def _check_quiet(workspace_id: uuid.UUID) -> None:
    if queries.open_answer(workspace_id) is not None:
        db.session.rollback()
        raise StillWriting


def _exchange(
    workspace_id: uuid.UUID,
    owner_id: uuid.UUID,
    text: str,
    picture_ids: Sequence[uuid.UUID],
    *,
    replaces: uuid.UUID | None = None,
) -> Exchange:
    first = _next_id(workspace_id)
    message = ChatMessage(
        id=first,
        workspace_id=workspace_id,
        owner_id=owner_id,
        role=Role.USER,
        state=State.DONE,
        content=text,
        folded=folded(text),
        replaces=replaces,
    )
    db.session.add(message)
    db.session.flush()
    answer = _answer(workspace_id, owner_id)
    db.session.add_all(
        ChatPicture(message_id=first, asset_id=asset_id, ordinal=ordinal)
        for ordinal, asset_id in enumerate(picture_ids)
    )
    _tell(answer)
    return Exchange(message, answer, replaces)


def _answer(workspace_id: uuid.UUID, owner_id: uuid.UUID) -> ChatMessage:
    answer = ChatMessage(
        id=_next_id(workspace_id),
        workspace_id=workspace_id,
        owner_id=owner_id,
        role=Role.ASSISTANT,
        state=State.WAITING,
    )
    db.session.add(answer)
    return answer


def _next_id(workspace_id: uuid.UUID) -> uuid.UUID:
    """An id after all others of the conversation, even within their millisecond or after a clock was put back."""
    newest = queries.newest_id(workspace_id)
    made = new_id()
    return made if newest is None or made > newest else uuid.UUID(int=newest.int + 1)


def _tell(answer: ChatMessage) -> None:
    answer_id = answer.id
    events.changed(answer.owner_id, answer.workspace_id)
    after_commit(lambda: _ring(answer_id))


def _ring(answer_id: uuid.UUID) -> None:
    ring(TaskName.ANSWER_CHAT, answer_id)


def _drop(messages: Sequence[ChatMessage]) -> Dropped:
    """Take messages away under one name; an answer among them that is still written ends here."""
    dropped = Dropped(new_id(), len(messages))
    if not messages:
        return dropped
    workspace_id, now = messages[0].workspace_id, utc_now()
    for message in messages:
        if message.state in OPEN:
            endings.end(message, State.STOPPED, cost=ZERO if message.state == State.WAITING else None)
    ids = [message.id for message in messages]
    rows_changed(
        sa.update(ChatMessage)
        .where(ChatMessage.workspace_id == workspace_id, ChatMessage.id.in_(ids))
        .values(deleted_at=now, deletion_id=dropped.deletion_id)
    )
    rows_changed(
        sa.delete(ChatMessage).where(
            ChatMessage.workspace_id == workspace_id, ChatMessage.deleted_at < now - _TAKEN_BACK_WITHIN
        )
    )
    _forget_summary(workspace_id, ids)
    events.changed(messages[0].owner_id, workspace_id)
    db.session.expire_all()
    return dropped


def _forget_summary(workspace_id: uuid.UUID, message_ids: Sequence[uuid.UUID]) -> None:
    """A summary must hold neither what was deleted nor miss what came back: the next answer makes it anew."""
    if message_ids:
        rows_changed(
            sa.update(Conversation)
            .where(Conversation.workspace_id == workspace_id, Conversation.summary_until >= min(message_ids))
            .values(summary="", summary_until=None)
        )


def _pictures(owner_id: uuid.UUID, picture_ids: Sequence[uuid.UUID]) -> list[Asset]:
    wanted = list(dict.fromkeys(picture_ids))
    check_pictures(len(wanted))
    return [library.image_for(owner_id, picture_id) for picture_id in wanted]
