"""The rules about people: plans, scopes, how long a session lives, how an address is spelt. No I/O."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MAX_EMAIL_LENGTH = 254  # RFC 5321, section 4.5.3.1.3
MAX_API_KEY_NAME = 80
MAX_CHECK_WORDS = 300
# What every provider's keys have in common: one word, long enough that its last four characters give nothing away.
PROVIDER_KEY = re.compile(r"[!-~]{16,400}")
API_KEY_LIFETIME = timedelta(days=365)
# Changing a password, an address or a second factor needs the password again after this long.
FRESH_FOR = timedelta(minutes=5)
# A "last seen" is written no more often than this, so that reading pages does not write rows.
SEEN_EVERY = timedelta(minutes=5)


class Plan(StrEnum):
    FREE = "free"
    ALL_INCLUSIVE = "all_inclusive"


class Scope(StrEnum):
    """What an API key may do."""

    READ = "read"
    WRITE = "write"
    GENERATE = "generate"


class TokenPurpose(StrEnum):
    """What a link with a secret in it is good for."""

    START = "start"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
    CHANGE_EMAIL = "change_email"


TOKEN_LIFETIME: dict[TokenPurpose, timedelta | None] = {
    TokenPurpose.START: None,  # good until used, or until the next start makes another
    TokenPurpose.RESET_PASSWORD: timedelta(minutes=30),
    TokenPurpose.CHANGE_EMAIL: timedelta(hours=2),
}


class AuditAction(StrEnum):
    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSION_REVOKED = "session_revoked"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event
    EMAIL_CHANGED = "email_changed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    API_KEY_MADE = "api_key_made"
    API_KEY_REVOKED = "api_key_revoked"
    API_KEY_NEW_ADDRESS = "api_key_new_address"
    ACCOUNT_CREATED = "account_created"
    ACCESS_DENIED = "access_denied"
    PROMPT_READ = "prompt_read"
    PROVIDER_KEY_ADDED = "provider_key_added"
    PROVIDER_KEY_REPLACED = "provider_key_replaced"
    PROVIDER_KEY_DELETED = "provider_key_deleted"
    PROVIDER_KEYS_RESEALED = "provider_keys_resealed"
    BUDGET_CHANGED = "budget_changed"
    OFFER_CHANGED = "offer_changed"


@dataclass(frozen=True)
class SessionLife:
    """How long a signed-in session lives without a request (idle) and at most (absolute)."""

    idle: timedelta
    absolute: timedelta


VISITOR = SessionLife(idle=timedelta(hours=24), absolute=timedelta(days=14))
REMEMBERED = SessionLife(idle=timedelta(days=30), absolute=timedelta(days=30))
ADMIN = SessionLife(idle=timedelta(minutes=30), absolute=timedelta(hours=8))


def session_life(*, is_admin: bool, remember: bool) -> SessionLife:
    """An admin's session is short whatever was ticked at sign-in."""
    if is_admin:
        return ADMIN
    return REMEMBERED if remember else VISITOR


def session_is_live(
    *, created_at: datetime, last_seen_at: datetime, life: SessionLife, revoked_at: datetime | None, now: datetime
) -> bool:
    """All times aware UTC. The last moment of a life still counts."""
    return revoked_at is None and now <= last_seen_at + life.idle and now <= created_at + life.absolute


def normalize_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return unicodedata.normalize("NFC", email.strip()).lower()


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Enough for a person to recognise their own: «Firefox on Linux». Anyone may claim anything here."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Another program"
