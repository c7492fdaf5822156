"""Tables of people and of everything that lets them in."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_security import UserMixin, WebAuthnMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.domain import (
    MAX_API_KEY_NAME,
    MAX_CHECK_WORDS,
    MAX_EMAIL_LENGTH,
    Plan,
    Scope,
    SessionLife,
    TokenPurpose,
    session_is_live,
    session_life,
)
from app.db import Model, new_id, utc_now

SHA256_HEX = 64


def _opaque() -> str:
    return secrets.token_hex(16)


def _stored_by_value(choices: type[StrEnum]) -> sa.Enum:
    return sa.Enum(choices, native_enum=False, length=20, values_callable=lambda found: [item.value for item in found])


class User(UserMixin, Model):
    """A person. Columns named fs_, tf_ and mf_ are Flask-Security's.

    Its mixins state other types for a few columns (integer ids, always an answer where we may have none); ours hold.
    """

    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]  # see above
    email: Mapped[str] = mapped_column(sa.String(MAX_EMAIL_LENGTH), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    confirmed_at: Mapped[datetime | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    plan: Mapped[Plan] = mapped_column(_stored_by_value(Plan), default=Plan.FREE)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    # Replaced on every change of password: whatever was signed with the old one ends.
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True, default=_opaque)
    fs_webauthn_user_handle: Mapped[str] = mapped_column(sa.String(64), unique=True, default=_opaque)
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))  # encrypted with a key derived from the secret
    tf_phone_number: Mapped[str | None] = mapped_column(sa.String(32))  # asked for by Flask-Security, never filled
    tf_last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)  # 30-second step of the last code used

    webauthn: Mapped[list[WebAuthn]] = relationship(  # type: ignore[assignment]  # see above
        back_populates="user", cascade="all, delete-orphan"
    )

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Flask-Security's question at sign-in. Without a method set up, it leads to setting one up."""
        required, methods = super().check_tf_required(tf_setup_methods, tf_fresh)
        return required or self.check_tf_required_setup(), methods

    def check_tf_required_setup(self) -> bool:
        """Where strangers can reach the server, an admin's password alone must not do."""
        return self.is_admin and bool(current_app.config["ADMINS_NEED_SECOND_FACTOR"])

    def has_role(self, role: object) -> bool:
        """Flask-Security's question; the one role here is a column."""
        return role == "admin" and self.is_admin

    @property
    def has_second_factor(self) -> bool:
        """A passkey counts: it asks for the device and for the person."""
        return bool(self.tf_primary_method and self.tf_totp_secret) or bool(self.webauthn)

    def __repr__(self) -> str:
        return f"<User {self.id}>"


class WebAuthn(WebAuthnMixin, Model):
    """A passkey; columns as Flask-Security fills them."""

    __tablename__ = "passkeys"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]  # as in User
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    transports: Mapped[list[Any] | None]
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(sa.String(64))
    extensions: Mapped[str | None] = mapped_column(sa.String(255))
    lastuse_datetime: Mapped[datetime]
    name: Mapped[str] = mapped_column(sa.String(64))
    usage: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    user: Mapped[User] = relationship(back_populates="webauthn")


class RecoveryCode(Model):
    """The digest of an unused code that stands in for a lost authenticator. Using it deletes it."""

    __tablename__ = "recovery_codes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(SHA256_HEX))


class UserSession(Model):
    """A signed-in browser. The cookie names the row; without a live row the cookie is worth nothing."""

    __tablename__ = "user_sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    remember: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(sa.String(45), default="")
    user_agent: Mapped[str] = mapped_column(sa.String(200), default="")
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    @property
    def life(self) -> SessionLife:
        # Asked of the person now, not of the row: becoming an admin shortens sessions already open.
        return session_life(is_admin=self.user.is_admin, remember=self.remember)

    def is_live(self, now: datetime) -> bool:
        return session_is_live(
            created_at=self.created_at,
            last_seen_at=self.last_seen_at,
            life=self.life,
            revoked_at=self.revoked_at,
            now=now,
        )


class ApiKey(Model):
    """A program's way in. Only a digest is kept: the key itself was shown once."""

    __tablename__ = "api_keys"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(MAX_API_KEY_NAME))
    prefix: Mapped[str] = mapped_column(sa.String(40))
    key_hash: Mapped[str] = mapped_column(sa.String(SHA256_HEX), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    addresses: Mapped[list[Any]] = mapped_column(default=list)  # the latest ones it was used from
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def allows(self, scope: Scope) -> bool:
        return scope.value in self.scopes


class ProviderKey(Model):
    """A person's own key at a provider, encrypted; written, tested and deleted, but never shown again.

    A test is asked for and answered: `check_ok` is none while nobody knows, and `check_said` is a sentence.
    """

    __tablename__ = "provider_keys"
    __table_args__ = (sa.UniqueConstraint("user_id", "provider"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"))
    provider: Mapped[str] = mapped_column(sa.String(32))
    sealed_key: Mapped[str] = mapped_column(sa.Text)
    last_four: Mapped[str] = mapped_column(sa.String(4))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    check_asked_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    check_ok: Mapped[bool | None]
    check_said: Mapped[str] = mapped_column(sa.String(MAX_CHECK_WORDS), default="")

    user: Mapped[User] = relationship()


class OneTimeToken(Model):
    """The digest of a secret sent in a link. At most one is alive for each purpose and person."""

    __tablename__ = "one_time_tokens"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    purpose: Mapped[TokenPurpose] = mapped_column(_stored_by_value(TokenPurpose))
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(SHA256_HEX), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(MAX_EMAIL_LENGTH))  # the new address, for a change of it
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship()


class Mail(Model):
    """The outbox. Queued in the transaction that calls for it, sent by a worker, emptied once sent."""

    __tablename__ = "mails"
    __table_args__ = (sa.Index("ix_mails_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(80))
    recipient: Mapped[str] = mapped_column(sa.String(MAX_EMAIL_LENGTH))
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)  # emptied once sent or given up: it may hold a link that lets in
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    due_at: Mapped[datetime | None] = mapped_column(default=utc_now)  # next try; none once sent or given up
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(200))
    sent_at: Mapped[datetime | None]


class AuditEvent(Model):
    """What happened to whom, by whom, from where. Rows are only ever added; triggers refuse anything else."""

    __tablename__ = "audit_events"
    __table_args__ = (sa.Index("ix_audit_events_actor_id_at", "actor_id", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    # No foreign keys: what happened stays true after an account is deleted.
    actor_id: Mapped[uuid.UUID | None]
    acting_admin_id: Mapped[uuid.UUID | None]
    action: Mapped[str] = mapped_column(sa.String(40))
    object_kind: Mapped[str | None] = mapped_column(sa.String(40))
    object_id: Mapped[str | None] = mapped_column(sa.String(80))
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str] = mapped_column(sa.String(45), default="")
    request_id: Mapped[str] = mapped_column(sa.String(64), default="")


class ThrottleCounter(Model):
    """How often something was tried in the current window. Kept here, not in Redis, so that it always counts."""

    __tablename__ = "throttle_counters"

    bucket: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    count: Mapped[int]
    strikes: Mapped[int] = mapped_column(default=0)  # exhausted windows in a row, each making the next longer
    window_ends_at: Mapped[datetime] = mapped_column(index=True)


# Statements the migration repeats: they make audit_events append-only whoever writes to it.
REFUSE_CHANGES = {
    "sqlite": [
        """CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events
        BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
        """CREATE TRIGGER audit_events_refuse_delete BEFORE DELETE ON audit_events
        BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$""",
        """CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
        FOR EACH ROW EXECUTE FUNCTION audit_events_refuse()""",
    ],
}

for _dialect, _statements in REFUSE_CHANGES.items():
    for _statement in _statements:
        _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it unannotated
        sa.event.listen(AuditEvent.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
