"""Reading about people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import email_validator
import sqlalchemy as sa

from app.accounts.domain import MAX_EMAIL_LENGTH, normalize_email
from app.accounts.models import ApiKey, RecoveryCode, User
from app.db import db, utc_now
from app.errors import NotFound


def user_by_email(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == normalize_email(email)))


def has_admin() -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(User.is_admin))))


def admins() -> Sequence[User]:
    """Everybody on the staff whose account is open, the first of them first."""
    return db.session.scalars(sa.select(User).where(User.is_admin, User.active).order_by(User.id)).all()


def live_api_keys(user: User) -> list[ApiKey]:
    """Newest first, without the revoked; expired ones stay in sight until they are revoked."""
    return list(
        db.session.scalars(
            sa.select(ApiKey)
            .where(ApiKey.user_id == user.id, ApiKey.revoked_at.is_(None))
            .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
        )
    )


def count_usable_api_keys(user: User) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(ApiKey)
            .where(ApiKey.user_id == user.id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > utc_now())
        )
        or 0
    )


def api_key_of(user: User, key_id: uuid.UUID) -> ApiKey:
    """Raises NotFound for anyone else's."""
    key = db.session.scalar(
        sa.select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user.id, ApiKey.revoked_at.is_(None))
    )
    if key is None:
        raise NotFound("API key")
    return key


def count_recovery_codes(user: User) -> int:
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user.id))
        or 0
    )


def usable_email(text: str) -> str:
    """The spelling under which an address is kept. Raises ValueError with a sentence when it is none.

    No DNS is asked: a confirmation mail says more, and a machine may be offline.
    """
    try:
        # Names reserved for tests (example.test) stay refused; a name without a dot is fine on a private network.
        valid = email_validator.validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, allow_smtputf8=True
        )
    except email_validator.EmailNotValidError:
        raise ValueError("Enter a whole e-mail address, such as anna@example.com.") from None
    email = normalize_email(valid.normalized)
    if len(email) > MAX_EMAIL_LENGTH:
        raise ValueError(f"Use an e-mail address of at most {MAX_EMAIL_LENGTH} characters.")
    return email
