"""Flask-Security's and Flask-Login's settings: which features are on, and what their cookies may do."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from app.accounts import queries
from app.accounts.domain import FRESH_FOR, REMEMBERED
from app.accounts.passkeys import MAX_NAME_LENGTH
from app.accounts.passwords import MIN_LENGTH
from app.accounts.second_factor import RECOVERY_CODES
from app.config import Settings
from app.db import utc_now

# m=19 MiB, t=2, p=1: OWASP's floor, about 41 ms of one core, so that a burst of sign-ins fits in memory.
ARGON2 = {"argon2__memory_cost": 19_456, "argon2__time_cost": 2, "argon2__parallelism": 1}
TOTP_STEP_S = 30


def cookies(settings: Settings) -> dict[str, Any]:
    # The __Host- prefix makes browsers refuse the cookie from anywhere but this very host over TLS. Over plain HTTP,
    # on the machine itself, they would refuse it altogether.
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if settings.https else "session",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_DOMAIN": None,
        # The row ends a session; the cookie must only not end before it, nor be sent again with every answer.
        "PERMANENT_SESSION_LIFETIME": REMEMBERED.absolute,
        "SESSION_REFRESH_EACH_REQUEST": False,
        # Flask-Login's second cookie is never given out: see _start_session.
        "REMEMBER_COOKIE_SECURE": settings.https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_CHECK_DEFAULT": False,  # access.guard_against_forgery does, for all but API keys
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page may stay open overnight
        "WTF_CSRF_SSL_STRICT": False,  # Origin is asked instead of Referer
    }


def features(settings: Settings) -> dict[str, Any]:
    return {
        "SECURITY_URL_PREFIX": "/auth",
        "SECURITY_STATIC_FOLDER": None,
        # The library's own True would be written out as "no-store=True", which no browser knows.
        "SECURITY_CACHE_CONTROL": {"private": None, "no-store": None},
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_DATETIME_FACTORY": utc_now,
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": _known_spelling, "case_insensitive": False}}],
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_FRESHNESS": FRESH_FOR,
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_REGISTER_VIEW": "security.login",
        "SECURITY_POST_CHANGE_VIEW": "accounts.settings",
        "SECURITY_POST_VERIFY_VIEW": "accounts.settings",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "security.mf_recovery_codes",
        "SECURITY_WAN_POST_REGISTER_VIEW": "accounts.settings",
        # Accounts
        "SECURITY_REGISTERABLE": settings.registration,
        "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=2),
        "SECURITY_CHANGEABLE": True,
        "SECURITY_EMAIL_SUBJECT_REGISTER": "Your Darkroom account",
        "SECURITY_EMAIL_SUBJECT_CONFIRM": "Confirm your e-mail address",
        "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": "Your password was changed",
        # Passwords
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": ARGON2,
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_LENGTH,
        # For the address inside signed links only. A slow digest would tell new accounts from known ones by time.
        "SECURITY_HASHING_SCHEMES": ["hex_sha256"],
        # Second factors
        "ADMINS_NEED_SECOND_FACTOR": settings.env == "production",
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": TOTP_STEP_S,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TOTP_ISSUER": "Darkroom",
        "SECURITY_TOTP_SECRETS": _totp_secrets(settings),
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": "Darkroom",
        "SECURITY_WAN_NAME_MAX_LENGTH": MAX_NAME_LENGTH,
        "SECURITY_WAN_ALLOW_USER_HINTS": False,
        "SECURITY_WAN_ALLOW_AS_VERIFY": ["first"],
    }


def _totp_secrets(settings: Settings) -> dict[str, str]:
    """Keys that encrypt authenticator secrets, derived from the secret keys, the one in use first."""
    fallbacks = [key.strip() for key in settings.secret_key_fallbacks.split(",") if key.strip()]
    derived = [
        hashlib.blake2b(key.encode(), person=b"darkroom totp", digest_size=36).hexdigest()
        for key in (settings.secret(), *fallbacks)
    ]
    # The tag goes with the key, not with its place in the list: a rotation changes the places.
    return {digest[:8]: digest[8:] for digest in derived}


def _known_spelling(identity: str) -> str | None:
    try:
        return queries.usable_email(identity)
    except ValueError:
        return None
