"""The safety net under answers: ring for those whose message was lost, end those whose writer died."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
import structlog

from app.background import TaskName, ring
from app.chat import endings
from app.chat.domain import State
from app.chat.models import ChatMessage
from app.db import database_now, db
from app.generation.leases import is_abandoned

log = structlog.get_logger(__name__)

# An answer that nobody began this long after it was asked for has lost its message.
UNCLAIMED = timedelta(seconds=3)


def sweep() -> int:
    """Returns how many answers were stuck."""
    now = database_now()
    waiting = db.session.scalars(
        sa.select(ChatMessage.id).where(
            ChatMessage.state == State.WAITING,
            ChatMessage.deleted_at.is_(None),
            ChatMessage.created_at < now - UNCLAIMED,
        )
    ).all()
    writing = db.session.scalars(sa.select(ChatMessage).where(ChatMessage.state == State.WRITING)).all()
    dead = [message for message in writing if is_abandoned(message.lease_owner, message.lease_until, now)]
    for message in dead:
        endings.end(message, State.INTERRUPTED)
    db.session.commit()
    for message_id in waiting:
        ring(TaskName.ANSWER_CHAT, message_id)
    if dead:
        log.warning("answers_interrupted", count=len(dead))
    return len(waiting) + len(dead)
