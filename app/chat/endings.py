"""How an answer ends: once, whoever is first, with its cost counted in the same transaction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.billing import service as billing
from app.chat import events
from app.chat.domain import OPEN, State
from app.chat.models import ChatMessage, Conversation
from app.db import db, rows_changed
from app.money import ZERO


def end(
    message: ChatMessage, state: State, *, cost: Decimal | None = None, own_key: bool = False, **values: Any
) -> bool:
    """Move an open answer to its last state, in the caller's transaction. Returns whether it was still open.

    cost: what it came to; None where nobody knows, and then it counts as what was set aside for it, so that a bound is
    never passed unseen. own_key: whether it was on the person's own key at the provider.
    """
    was = db.session.execute(
        sa.select(ChatMessage.cost, ChatMessage.state).where(
            ChatMessage.id == message.id, ChatMessage.attempt == message.attempt
        )
    ).one_or_none()
    if was is None:
        return False
    came_to = was.cost if cost is None else cost
    open_still = sa.update(ChatMessage).where(
        ChatMessage.id == message.id, ChatMessage.attempt == message.attempt, ChatMessage.state.in_(OPEN)
    )
    values |= {"state": state, "cost": came_to, "lease_owner": None, "lease_until": None}
    if not rows_changed(open_still.values(**values)):
        return False
    paid_to = f"{values.get('provider', '')}:{values.get('model', '')}"
    work = billing.words(message.id, message.attempt, paid_to)
    close = billing.release if state is State.FAILED else billing.settle
    close(message.owner_id, work, cost=came_to, own_key=own_key)
    if came_to != ZERO:
        spent(message, came_to)
    events.ended(message)
    return True


def spent(message: ChatMessage, cost: Decimal) -> None:
    """Add to what the conversation has cost so far."""
    rows_changed(
        sa.update(Conversation)
        .where(Conversation.workspace_id == message.workspace_id)
        .values(spent=Conversation.spent + cost)
    )
