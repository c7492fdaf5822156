"""Tables of conversations."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.chat.domain import State
from app.db import Model, new_id, utc_now
from app.money import ZERO, Money


class Conversation(Model):
    """A workspace's one conversation, as far as it is more than its messages.

    summary: of everything up to the message `summary_until`, that one included. spent: what all its answers cost, those
    that were deleted too. turns: rises with every change, so that two changes at once take turns.
    """

    __tablename__ = "chat_conversations"

    workspace_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    summary_until: Mapped[uuid.UUID | None]
    spent: Mapped[Decimal] = mapped_column(Money, default=ZERO)
    turns: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class ChatMessage(Model):
    """One message. Ids are in the order of the conversation.

    folded: the text without upper case, for search. note: what to know of an answer before reading it. error: why there
    is none, in a sentence. deletion_id: shared by all that one act took away, so that it can be taken back as one;
    replaces: of an edited message, the deletion that its edit was. attempt: the fence against a writer that overslept.
    """

    __tablename__ = "chat_messages"
    __table_args__ = (sa.Index(None, "workspace_id", "id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(sa.String(9))
    state: Mapped[str] = mapped_column(sa.String(11), default=State.DONE, index=True)
    content: Mapped[str] = mapped_column(sa.Text, default="")
    folded: Mapped[str] = mapped_column(sa.Text, default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    provider: Mapped[str] = mapped_column(sa.String(40), default="")
    model: Mapped[str] = mapped_column(sa.String(120), default="")
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[Decimal] = mapped_column(Money, default=ZERO)
    attempt: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(sa.String(120))
    lease_until: Mapped[datetime | None]
    replaces: Mapped[uuid.UUID | None]
    deletion_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]


class ChatPicture(Model):
    """A picture that a message shows."""

    __tablename__ = "chat_pictures"

    message_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("chat_messages.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    ordinal: Mapped[int] = mapped_column(default=0)
