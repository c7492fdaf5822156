"""Flask-Security, set up: what it may do, which of its parts are ours, and what follows from what it reports."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, abort, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out
from flask_security import MailUtil, PasswordUtil, RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin
from flask_security.mail_util import EmailValidateException
from flask_security.signals import (
    password_changed,
    tf_disabled,
    user_authenticated,
    user_confirmed,
    user_registered,
    wan_deleted,
    wan_registered,
)
from flask_sqlalchemy import SQLAlchemy
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import UnsupportedMediaType

from app.accounts import access, audit, forms, mail, queries, service
from app.accounts.domain import FRESH_FOR, REMEMBERED, AuditAction
from app.accounts.messages import MESSAGES
from app.accounts.models import User, WebAuthn
from app.accounts.passkeys import MAX_NAME_LENGTH, Passkeys
from app.accounts.passwords import MIN_LENGTH, complaint, normalized
from app.accounts.second_factor import RECOVERY_CODES, OneTimeCodes, RecoveryCodes, forget_recovery_codes
from app.config import Settings
from app.db import db, utc_now
from app.extensions import csrf
from app.web.local_paths import local_path

# m=19 MiB, t=2, p=1: OWASP's floor, about 41 ms of one core, so that a burst of sign-ins fits in memory.
ARGON2 = {"argon2__memory_cost": 19_456, "argon2__time_cost": 2, "argon2__parallelism": 1}
TOTP_STEP_S = 30

# Views of the library that call for help by mail, or choose between second steps: we offer one, and recovery codes.
_CLOSED_ENDPOINTS = frozenset({"security.two_factor_rescue", "security.tf_select"})


def register(app: Flask, settings: Settings) -> None:
    app.config.update(_cookies(settings))
    app.config.update(_features(settings))
    app.config.update({f"SECURITY_MSG_{name}": message for name, message in MESSAGES.items()})
    csrf.init_app(app)
    security = OurSecurity(
        app,
        People(db, User),
        login_form=forms.SignInForm,
        register_form=forms.SignUpForm,
        send_confirmation_form=forms.ResendConfirmationForm,
        verify_form=forms.PasswordAgainForm,
        change_password_form=forms.NewPasswordForm,
        two_factor_verify_code_form=forms.CodeForm,
        mf_recovery_form=forms.RecoveryForm,
        wan_register_form=forms.PasskeyForm,
        wan_register_response_form=forms.PasskeyMadeForm,
        wan_signin_response_form=forms.PasskeyAnswerForm,
        mail_util_cls=Outbox,
        password_util_cls=PasswordRules,
        totp_cls=OneTimeCodes,
        webauthn_util_cls=Passkeys,
        mf_recovery_codes_util_cls=RecoveryCodes,
    )
    # Its JSON has a shape of its own; programs use the API.
    security.want_json(lambda _: False)
    security.unauthn_handler(access.ask_to_sign_in)
    security.reauthn_handler(access.ask_for_password)
    security.mail_context_processor(lambda: {"link": mail.public_link})
    security.login_manager.user_loader(access.load_by_session)
    security.login_manager.request_loader(access.load_by_key)
    # Phones change their address all day; the session row is what protects a session.
    security.login_manager.session_protection = None

    app.before_request(access.authenticate_request)
    app.before_request(access.guard_against_forgery)
    app.before_request(_before_their_views)
    app.after_request(_after_their_views)
    _listen(app)


class OurSecurity(Security):
    def _check_modules(self, module: str, config_name: str) -> Any:
        # nh3 would clean names of passkeys; app/accounts/passkeys.py does that.
        return module == "nh3" or super()._check_modules(module, config_name)  # type: ignore[no-untyped-call]  # theirs


class People(SQLAlchemyUserDatastore):
    """Where Flask-Security finds and keeps people. There are no roles: rank is a column."""

    def __init__(self, database: SQLAlchemy, user_model: type[User]) -> None:
        super().__init__(database, user_model, RoleMixin, WebAuthn)

    def _prepare_create_user_args(self, **given: Any) -> dict[str, Any]:
        # Nothing else that a form sends may set a plan or a rank. The uniquifier goes into the confirmation link
        # before the row is written.
        return {"email": given["email"], "password": given["password"], "fs_uniquifier": uuid.uuid4().hex}

    def tf_set(
        self, user: UserMixin, primary_method: str, totp_secret: str | None = None, phone: str | None = None
    ) -> None:
        """Called at set-up with a new secret, and at every sign-in with the one there is."""
        person = _plain(cast(User, user))
        is_new = totp_secret is not None and person.tf_totp_secret != totp_secret
        super().tf_set(person, primary_method, totp_secret=totp_secret)
        if is_new:
            _second_factor_changed(person, "The second step at sign-in was set up", on=True)

    def mf_get_recovery_codes(self, user: UserMixin) -> list[str]:
        """As many as are unused; what they are, nobody knows any more."""
        return ["unknown"] * queries.count_recovery_codes(cast(User, user))


class Outbox(MailUtil):
    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        address = recipient if isinstance(recipient, str) else recipient[1]
        mail.queue(template.rpartition("/")[2], address, str(subject), body or "")

    def normalize(self, email: str) -> str:
        try:
            return queries.usable_email(email)
        except ValueError as error:
            raise EmailValidateException(str(error)) from error

    validate = normalize


class PasswordRules(PasswordUtil):
    def normalize(self, password: str) -> str:
        return normalized(password)

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """kwargs: `user` when a password is changed, else the fields of the sign-up form."""
        user: User | None = kwargs.get("user")
        email = user.email if user is not None else kwargs.get("email") or ""
        found = complaint(password, email=email, is_admin=user is not None and user.is_admin)
        return ([found] if found else None), normalized(password)


def _cookies(settings: Settings) -> dict[str, Any]:
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


def _features(settings: Settings) -> dict[str, Any]:
    return {
        "SECURITY_URL_PREFIX": "/auth",
        "SECURITY_STATIC_FOLDER": None,
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


def _before_their_views() -> ResponseReturnValue | None:
    if request.blueprint != "security":
        return None
    if request.endpoint in _CLOSED_ENDPOINTS:
        abort(404)
    if request.is_json:
        raise UnsupportedMediaType
    _forget_foreign_next()
    if request.endpoint == "security.confirm_email" and request.method == "GET":
        # Mail scanners open links; a person presses the button.
        return render_template("accounts/confirm_email.html")
    return None


def _forget_foreign_next() -> None:
    """Take a `next` that leads away, or that browsers might read so, out of the request before anything looks at it."""
    for where in ("args", "form"):
        given = getattr(request, where)
        if "next" in given and local_path(given["next"], "") == "":
            setattr(request, where, ImmutableMultiDict((k, v) for k, v in given.items(multi=True) if k != "next"))


def _after_their_views(response: Response) -> Response:
    if request.blueprint != "security":
        return response
    if response.status_code < 400:
        db.session.commit()
    # The last word on where it may lead, whatever their views made of the rest.
    if response.location and local_path(response.location, "") == "":
        response.location = "/"
    return response


def _listen(app: Flask) -> None:
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
    service.signed_in(_plain(user), remember=remember, via=authn_via or ["password", "second step"])


def _end_session(_: Flask, user: User, **__: Any) -> None:
    # Flask-Login asks its own cookie to be deleted; there is none.
    session.pop("_remember", None)
    if getattr(user, "is_authenticated", False):
        service.signed_out(_plain(user))


def _welcome(_: Flask, user: User, **__: Any) -> None:
    service.welcome(_plain(user), AuditAction.REGISTERED)


def _note_confirmed(_: Flask, user: User, **__: Any) -> None:
    audit.record(AuditAction.CONFIRMED, _plain(user))


def _end_other_sessions(_: Flask, user: User, **__: Any) -> None:
    service.password_changed(_plain(user))


def _second_factor_off(_: Flask, user: User, **__: Any) -> None:
    person = _plain(user)
    forget_recovery_codes(person)
    _second_factor_changed(person, "The second step at sign-in was switched off", on=False)


def _second_factor_changed(user: User, what: str, *, on: bool) -> None:
    audit.record(AuditAction.SECOND_FACTOR_CHANGED, user, on=on)
    mail.queue_template("security_changed", user.email, what, what=what)


def _passkey_added(_: Flask, user: User, name: str, **__: Any) -> None:
    person = _plain(user)
    audit.record(AuditAction.PASSKEY_ADDED, person, name=name)
    mail.queue_template("security_changed", person.email, "A passkey was added", what=f"The passkey “{name}” was added")


def _passkey_removed(_: Flask, user: User, name: str, **__: Any) -> None:
    person = _plain(user)
    audit.record(AuditAction.PASSKEY_REMOVED, person, name=name)
    mail.queue_template(
        "security_changed", person.email, "A passkey was removed", what=f"The passkey “{name}” was removed"
    )


def _plain(user: User) -> User:
    """Some signals bring the proxy current_user; a row can only be joined to the person itself."""
    unwrap = getattr(user, "_get_current_object", None)
    return cast(User, unwrap()) if unwrap else user
