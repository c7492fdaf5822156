"""What follows from what Flask-Security reports: rows of sessions, entries in the audit log, letters to the person."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, session
from flask_login import user_logged_out
from flask_security import UserMixin
from flask_security.signals import (
    password_changed,
    tf_disabled,
    user_authenticated,
    user_confirmed,
    user_registered,
    wan_deleted,
    wan_registered,
)

from app.accounts import audit, mail, service
from app.accounts.domain import AuditAction
from app.accounts.models import User
from app.accounts.second_factor import forget_recovery_codes


def listen(app: Flask) -> None:
    user_authenticated.connect(_start_session, app)
    user_logged_out.connect(_end_session, app)
    user_registered.connect(_welcome, app)
    user_confirmed.connect(_note_confirmed, app)
    password_changed.connect(_end_other_sessions, app)
    tf_disabled.connect(_second_factor_off, app)
    wan_registered.connect(_passkey_added, app)
    wan_deleted.connect(_passkey_removed, app)


def _start_session(_: Flask, user: User, authn_via: list[str] | None = None, **__: Any) -> None:
    # Flask-Login notes here that it should give out a remember cookie; a session row that lives longer takes its place.
    remember = session.pop("_remember", None) == "set"
    session.pop("_remember_seconds", None)
    service.signed_in(plain(user), remember=remember, via=authn_via or ["password", "second step"])


def _end_session(_: Flask, user: User, **__: Any) -> None:
    # Flask-Login asks its own cookie to be deleted; there is none.
    session.pop("_remember", None)
    if getattr(user, "is_authenticated", False):
        service.signed_out(plain(user))


def _welcome(_: Flask, user: User, **__: Any) -> None:
    service.welcome(plain(user), AuditAction.REGISTERED)


def _note_confirmed(_: Flask, user: User, **__: Any) -> None:
    audit.record(AuditAction.CONFIRMED, plain(user))


def _end_other_sessions(_: Flask, user: User, **__: Any) -> None:
    service.password_changed(plain(user))


def _second_factor_off(_: Flask, user: User, **__: Any) -> None:
    person = plain(user)
    forget_recovery_codes(person)
    second_factor_changed(person, "The second step at sign-in was switched off", on=False)


def second_factor_changed(user: User, what: str, *, on: bool) -> None:
    audit.record(AuditAction.SECOND_FACTOR_CHANGED, user, on=on)
    mail.queue_template("security_changed", user.email, what, what=what)


def _passkey_added(_: Flask, user: User, name: str, **__: Any) -> None:
    person = plain(user)
    audit.record(AuditAction.PASSKEY_ADDED, person, name=name)
    mail.queue_template("security_changed", person.email, "A passkey was added", what=f"The passkey “{name}” was added")


def _passkey_removed(_: Flask, user: User, name: str, **__: Any) -> None:
    person = plain(user)
    audit.record(AuditAction.PASSKEY_REMOVED, person, name=name)
    mail.queue_template(
        "security_changed", person.email, "A passkey was removed", what=f"The passkey “{name}” was removed"
    )


def plain(user: UserMixin) -> User:
    """Some signals bring the proxy current_user; a row can only be joined to the person itself."""
    unwrap = getattr(user, "_get_current_object", None)
    return cast(User, unwrap() if unwrap else user)
