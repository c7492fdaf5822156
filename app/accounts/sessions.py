"""Signed-in browsers. The cookie only names a row; the row decides, on every request, whether it still lets in."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import g, has_request_context, request, session
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from app.accounts.audit import client_address
from app.accounts.domain import REMEMBERED, SEEN_EVERY
from app.accounts.models import User, UserSession
from app.db import db, utc_now
from app.errors import NotFound

COOKIE_KEY = "sid"
_CSRF_KEY = "csrf_token"

log = structlog.get_logger(__name__)


def start(user: User, *, remember: bool) -> UserSession:
    """Open a session for the browser in hand under a new id, and end the one it had."""
    end_current()
    row = UserSession(
        user=user,
        remember=remember,
        address=client_address(),
        user_agent=request.user_agent.string[:200],
    )
    db.session.add(row)
    db.session.flush()
    session[COOKIE_KEY] = str(row.id)
    session.permanent = remember
    # Whoever fixed a session or a form token on this browser before holds nothing of the new one.
    session.pop(_CSRF_KEY, None)
    g.pop(_CSRF_KEY, None)
    g.user_session = row
    return row


def end_current() -> None:
    """Revoke the row of the browser in hand, if it has one."""
    row_id = _cookie_id()
    session.pop(COOKIE_KEY, None)
    g.pop("user_session", None)
    if row_id is not None:
        db.session.execute(
            sa.update(UserSession)
            .where(UserSession.id == row_id, UserSession.revoked_at.is_(None))
            .values(revoked_at=utc_now())
        )


def load(uniquifier: str) -> User | None:
    """The person of the browser in hand, when its row is live. One indexed query."""
    row_id = _cookie_id()
    if row_id is None:
        return None
    row = db.session.scalar(
        sa.select(UserSession).where(UserSession.id == row_id).options(joinedload(UserSession.user, innerjoin=True))
    )
    if row is None or not row.user.active or row.user.fs_uniquifier != uniquifier or not row.is_live(utc_now()):
        return None
    g.user_session = row
    return row.user


def current() -> UserSession | None:
    """The session row of the request in hand, once its person was loaded from it."""
    found: UserSession | None = g.get("user_session")
    return found


def touch() -> None:
    """Note that the browser in hand is in use; at most every five minutes, and never at the cost of the request."""
    row = current()
    now = utc_now()
    if row is None or now - row.last_seen_at < SEEN_EVERY:
        return
    try:
        db.session.execute(
            sa.update(UserSession).where(UserSession.id == row.id).values(last_seen_at=now, address=client_address())
        )
        db.session.commit()
    except OperationalError:
        db.session.rollback()
        log.warning("session_not_touched")


def live_sessions(user: User) -> list[UserSession]:
    """Newest use first."""
    now = utc_now()
    rows = db.session.scalars(
        sa.select(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .order_by(UserSession.last_seen_at.desc())
    )
    return [row for row in rows if row.is_live(now)]


def revoke(user: User, session_id: uuid.UUID) -> None:
    """End one of this person's sessions. Raises NotFound for anyone else's."""
    ended = db.session.scalars(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=utc_now())
        .returning(UserSession.id)
    )
    if not ended.all():
        raise NotFound("session")


def revoke_all(user: User, *, keep_current: bool = False) -> int:
    """End every session of this person; returns how many ended."""
    statement = (
        sa.update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=utc_now())
    )
    kept = _cookie_id() if keep_current else None
    if kept is not None:
        statement = statement.where(UserSession.id != kept)
    return len(db.session.scalars(statement.returning(UserSession.id)).all())


def has_been_here(user: User, address: str) -> bool:
    """Whether this person was signed in from this address within the last month."""
    since = utc_now() - timedelta(days=30)
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    UserSession.user_id == user.id, UserSession.address == address, UserSession.last_seen_at > since
                )
            )
        )
    )


def forget_old(now: datetime) -> None:
    """Drop rows long dead. They stay as long as they help to recognise an address."""
    db.session.execute(sa.delete(UserSession).where(UserSession.last_seen_at < now - 2 * REMEMBERED.absolute))


def _cookie_id() -> uuid.UUID | None:
    if not has_request_context():
        return None
    try:
        return uuid.UUID(str(session.get(COOKIE_KEY, "")))
    except ValueError:
        return None
