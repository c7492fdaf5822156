"""Tables of the engine. Rows are the truth; whatever Redis or a worker believes is rebuilt from here."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, new_id, utc_now
from app.generation.domain import ACTIVE, JobState, reference_of
from app.money import ZERO, Money

_WAITING = "state = 'waiting'"
_ACTIVE = f"state IN {tuple(sorted(str(state) for state in ACTIVE))}"
# The same words as in the partial indexes, and no parameters: neither database takes a partial index for a condition
# whose value it learns only afterwards.
IS_WAITING = sa.text(f"jobs.{_WAITING}")
IS_ACTIVE = sa.text(f"jobs.{_ACTIVE}")
_COST_MONEY = "price_actual > 0"
COST_MONEY = sa.text(f"jobs.{_COST_MONEY}")


class Batch(Model):
    """What one click asked for.

    `request` is the validated request, whole, so that "run again" and "modify and run" need nothing else.
    `fingerprint` tells a repeated request from a reused key.
    """

    __tablename__ = "batches"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "idempotency_key"),
        sa.Index(None, "workspace_id", "id"),
        sa.Index(None, "owner_id", "id"),
        sa.Index(
            "ix_batches_open",
            "workspace_id",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str] = mapped_column(sa.String(200))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    request: Mapped[dict[str, Any]]
    template: Mapped[str] = mapped_column(sa.Text)
    job_count: Mapped[int]
    price_estimate: Mapped[Decimal] = mapped_column(Money, default=ZERO)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]


class Job(Model):
    """One call to one model.

    `variant` is the number of its combination among all of its template's: as text, for it may have a thousand digits.
    `attempt` is the fence: it rises with every claim, and every write says which attempt it belongs to.
    `submission` counts the times the work was deliberately sent; `reference` names one of them to the provider.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "ordinal"),
        sa.Index(
            "ix_jobs_waiting",
            "owner_id",
            "model",
            "position",
            sqlite_where=sa.text(_WAITING),
            postgresql_where=sa.text(_WAITING),
        ),
        sa.Index(
            "ix_jobs_active",
            "state",
            "lane",
            sqlite_where=sa.text(_ACTIVE),
            postgresql_where=sa.text(_ACTIVE),
        ),
        sa.Index(
            "ix_jobs_paid",
            "workspace_id",
            "id",
            sqlite_where=sa.text(_COST_MONEY),
            postgresql_where=sa.text(_COST_MONEY),
        ),
        sa.Index(None, "owner_id", "id"),
        sa.Index(None, "owner_id", "state", "id"),
        sa.Index(None, "batch_id", "state"),
        sa.Index(None, "lane", "submitted_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("batches.id", ondelete="CASCADE"))
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    workspace_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    ordinal: Mapped[int]

    operation: Mapped[str] = mapped_column(sa.String(12))
    model: Mapped[str] = mapped_column(sa.String(64))
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    width_px: Mapped[int]
    height_px: Mapped[int]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    inputs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The earlier turns this continues, oldest first: prompt, image (an id or none), outcome.
    context: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    template: Mapped[str] = mapped_column(sa.Text)
    # What the person wrote before the template was made of it.
    enhanced_from: Mapped[str | None] = mapped_column(sa.Text)
    choices: Mapped[list[Any]] = mapped_column(default=list)
    variant: Mapped[str] = mapped_column(sa.Text, default="0")
    prompt_sent: Mapped[str] = mapped_column(sa.Text)
    negative_sent: Mapped[str] = mapped_column(sa.Text, default="")
    style: Mapped[dict[str, Any]] = mapped_column(default=dict)

    state: Mapped[str] = mapped_column(sa.String(10), default=JobState.WAITING)
    attempt: Mapped[int] = mapped_column(default=0)
    submission: Mapped[int] = mapped_column(default=1)
    position: Mapped[float] = mapped_column(sa.Double)
    not_before: Mapped[datetime | None]
    lane: Mapped[str | None] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    lease_owner: Mapped[str | None] = mapped_column(sa.String(120))
    lease_until: Mapped[datetime | None]
    handle: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    failures: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)

    expected_s: Mapped[float] = mapped_column(default=1.0)
    # Accepted to run on its person's own key at the provider: it never runs on another one.
    own_key: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    price_estimate: Mapped[Decimal] = mapped_column(Money, default=ZERO)
    price_actual: Mapped[Decimal | None] = mapped_column(Money)
    maybe_charged: Mapped[bool] = mapped_column(default=False)
    error_kind: Mapped[str | None] = mapped_column(sa.String(20))
    error_sentence: Mapped[str | None] = mapped_column(sa.Text)

    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    placed_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    # When its person had seen enough of its failure. It is as failed as before.
    dismissed_at: Mapped[datetime | None]

    @property
    def reference(self) -> str:
        return reference_of(self.id, self.submission)


class LaneState(Model):
    """What we learnt about a lane that the next placement must know."""

    __tablename__ = "lane_states"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    resume_at: Mapped[datetime | None]
    loaded_model: Mapped[str | None] = mapped_column(sa.String(64))
    failures: Mapped[int] = mapped_column(default=0)


class ModelSpeed(Model):
    """Measured seconds a job takes, by lane, model and operation: a moving average."""

    __tablename__ = "model_speeds"

    lane: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    model: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    operation: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    seconds: Mapped[float]
    samples: Mapped[int] = mapped_column(default=1)


class OwnerUse(Model):
    """Seconds of lanes a person used lately, halving with time: what fairness compares."""

    __tablename__ = "owner_use"

    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    seconds: Mapped[float] = mapped_column(default=0.0)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class QueueControl(Model):
    """A person's own switch on their own queue."""

    __tablename__ = "queue_controls"

    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    paused_at: Mapped[datetime | None]


class Turnstile(Model):
    """One row a name; writing it first makes whole transactions take turns, on both dialects."""

    __tablename__ = "turnstiles"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    passes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
