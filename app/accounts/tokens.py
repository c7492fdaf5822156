"""Secrets in links: 32 random bytes, of which only the digest is kept, used once, replaced by the next."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts.domain import TOKEN_LIFETIME, TokenPurpose
from app.accounts.errors import LinkDead
from app.accounts.keys import digest
from app.accounts.models import OneTimeToken, User
from app.db import db, utc_now


@dataclass(frozen=True)
class Used:
    """What a token that has just been used up was good for."""

    user: User | None
    email: str | None


def issue(purpose: TokenPurpose, user: User | None = None, *, email: str | None = None) -> str:
    """Make the one live secret for this purpose and person; earlier ones stop working. Returns it: it is not kept."""
    revoke(purpose, user)
    secret = secrets.token_urlsafe(32)
    lifetime = TOKEN_LIFETIME[purpose]
    db.session.add(
        OneTimeToken(
            purpose=purpose,
            user=user,
            token_hash=digest(secret),
            email=email,
            expires_at=utc_now() + lifetime if lifetime else None,
        )
    )
    db.session.flush()
    return secret


def find(purpose: TokenPurpose, secret: str) -> OneTimeToken:
    """The live token behind a secret, to show a form for it. Raises LinkDead."""
    token = db.session.scalar(sa.select(OneTimeToken).where(*_live(purpose, secret)))
    if token is None:
        raise LinkDead
    return token


def consume(purpose: TokenPurpose, secret: str) -> Used:
    """Use a token up. Of two that come at once, one gets LinkDead."""
    row = db.session.execute(
        sa.delete(OneTimeToken)
        .where(*_live(purpose, secret))
        .returning(OneTimeToken.user_id, OneTimeToken.email)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise LinkDead
    return Used(user=db.session.get(User, row.user_id) if row.user_id else None, email=row.email)


def revoke(purpose: TokenPurpose, user: User | None = None) -> None:
    owned = OneTimeToken.user_id == user.id if user is not None else OneTimeToken.user_id.is_(None)
    db.session.execute(sa.delete(OneTimeToken).where(OneTimeToken.purpose == purpose, owned))


def forget_expired() -> None:
    db.session.execute(sa.delete(OneTimeToken).where(OneTimeToken.expires_at < utc_now()))


def _live(purpose: TokenPurpose, secret: str) -> tuple[sa.ColumnElement[bool], ...]:
    not_expired = sa.or_(OneTimeToken.expires_at.is_(None), OneTimeToken.expires_at > utc_now())
    return OneTimeToken.purpose == purpose, OneTimeToken.token_hash == digest(secret), not_expired
