"""Flask-Security, set up: which of its parts are ours, and what is looked at before and after its views."""

from __future__ import annotations

import uuid
from typing import Any, cast

from flask import Flask, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import MailUtil, PasswordUtil, RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin
from flask_security.mail_util import EmailValidateException
from flask_sqlalchemy import SQLAlchemy
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import UnsupportedMediaType

from app.accounts import access, forms, mail, queries
from app.accounts.messages import MESSAGES
from app.accounts.models import User, WebAuthn
from app.accounts.passkeys import Passkeys
from app.accounts.passwords import complaint, normalized
from app.accounts.second_factor import OneTimeCodes, RecoveryCodes
from app.accounts.security_settings import cookies, features
from app.accounts.security_signals import listen, plain, second_factor_changed
from app.config import Settings
from app.db import db
from app.extensions import csrf
from app.web.local_paths import local_path

# Views of the library that call for help by mail, or choose between second steps: we offer one, and recovery codes.
_CLOSED_ENDPOINTS = frozenset({"security.two_factor_rescue", "security.tf_select"})


def register(app: Flask, settings: Settings) -> None:
    app.config.update(cookies(settings))
    app.config.update(features(settings))
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
    listen(app)


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
        person = plain(user)
        is_new = totp_secret is not None and person.tf_totp_secret != totp_secret
        super().tf_set(person, primary_method, totp_secret=totp_secret)
        if is_new:
            second_factor_changed(person, "The second step at sign-in was set up", on=True)

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
