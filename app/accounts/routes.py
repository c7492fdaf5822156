"""Pages of the account: settings, API keys, the owner's start, resetting a password, changing an address."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_security.utils import login_user

from app import limits
from app.accounts import queries, service, sessions, throttle, tokens
from app.accounts.access import fresh, me, signed_in
from app.accounts.domain import Scope, TokenPurpose
from app.accounts.errors import LinkDead, RegistrationClosed
from app.accounts.forms import ApiKeyForm, ChangeEmailForm, ForgotPasswordForm, OwnerForm, ResetPasswordForm
from app.db import db, utc_now
from app.errors import NotFound

bp = Blueprint("accounts", __name__)

_RESET_KEY = "reset_secret"


@bp.get("/settings")
@signed_in
def settings() -> ResponseReturnValue:
    return render_template(
        "accounts/settings.html",
        sessions=sessions.live_sessions(me()),
        current_session=sessions.current(),
        recovery_codes=queries.count_recovery_codes(me()),
    )


@bp.post("/settings/sessions/<uuid:session_id>/revocation")
@signed_in
def revoke_session(session_id: UUID) -> ResponseReturnValue:
    service.revoke_session(me(), session_id)
    db.session.commit()
    flash("That browser is signed out.", "success")
    return redirect(url_for("accounts.settings"), 303)


@bp.post("/settings/sessions/revocation")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    service.sign_out_everywhere(me())
    db.session.commit()
    flash("All other browsers are signed out.", "success")
    return redirect(url_for("accounts.settings"), 303)


@bp.route("/settings/email", methods=["GET", "POST"])
@fresh
def change_email() -> ResponseReturnValue:
    form = ChangeEmailForm()
    if not form.validate_on_submit():
        return render_template("accounts/change_email.html", form=form)
    service.request_email_change(me(), form.email.data)
    db.session.commit()
    flash(f"Look into the mail of {form.email.data}: the link there makes it your address.", "success")
    return redirect(url_for("accounts.settings"), 303)


@bp.get("/settings/email/<secret>")
def confirm_new_email(secret: str) -> ResponseReturnValue:
    token = tokens.find(TokenPurpose.CHANGE_EMAIL, secret)
    return render_template("accounts/confirm_new_email.html", email=token.email)


@bp.post("/settings/email/<secret>")
def take_new_email(secret: str) -> ResponseReturnValue:
    user = service.change_email(secret)
    db.session.commit()
    flash(f"{user.email} is your address now.", "success")
    return redirect(url_for("accounts.settings"), 303)


@bp.get("/settings/api-keys")
@signed_in
def api_keys() -> ResponseReturnValue:
    return render_template(
        "accounts/api_keys.html", keys=queries.live_api_keys(me()), most=limits.API_KEYS, now=utc_now()
    )


@bp.route("/settings/api-keys/new", methods=["GET", "POST"])
@fresh
def new_api_key() -> ResponseReturnValue:
    form = ApiKeyForm()
    if not form.validate_on_submit():
        return render_template("accounts/new_api_key.html", form=form)
    key, text = service.make_api_key(me(), form.name.data, [Scope(scope) for scope in form.scopes.data])
    db.session.commit()
    # Shown in this one answer: a redirect would have to keep it somewhere.
    return render_template("accounts/api_key_made.html", key=key, text=text), 201


@bp.post("/settings/api-keys/<uuid:key_id>/revocation")
@signed_in
def revoke_api_key(key_id: UUID) -> ResponseReturnValue:
    key = queries.api_key_of(me(), key_id)
    service.revoke_api_key(key)
    db.session.commit()
    flash(f"The key “{key.name}” no longer works.", "success")
    return redirect(url_for("accounts.api_keys"), 303)


@bp.route("/start/<secret>", methods=["GET", "POST"])
def start(secret: str) -> ResponseReturnValue:
    """The owner's account, by the link printed at the first start; missing ever after."""
    throttle.take(throttle.START_ADDRESS, throttle.client_network())
    try:
        tokens.find(TokenPurpose.START, secret)
    except LinkDead:
        raise NotFound from None
    form = OwnerForm()
    if not form.validate_on_submit():
        return render_template("accounts/start.html", form=form)
    user = service.create_owner(secret, form.email.data, form.password.data)
    login_user(user, authn_via=["start link"])
    db.session.commit()
    return redirect("/", 303)


@bp.route("/auth/reset", methods=["GET", "POST"])
def forgot_password() -> ResponseReturnValue:
    form = ForgotPasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgot_password.html", form=form)
    service.request_reset(form.email.data)
    db.session.commit()
    # The same page whether or not there is such an account, and whether or not this was one mail too many.
    return render_template("accounts/reset_requested.html", email=form.email.data)


@bp.get("/auth/reset/<secret>")
def reset_link(secret: str) -> ResponseReturnValue:
    """Takes the secret out of the address bar, where histories and referrers would keep it."""
    session[_RESET_KEY] = secret
    response = redirect(url_for("accounts.reset_password"), 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.route("/auth/new-password", methods=["GET", "POST"])
def reset_password() -> ResponseReturnValue:
    secret = session.get(_RESET_KEY, "")
    user = tokens.find(TokenPurpose.RESET_PASSWORD, secret).user
    if user is None:
        raise LinkDead
    form = ResetPasswordForm(user)
    if not form.validate_on_submit():
        return render_template("accounts/reset_password.html", form=form)
    service.reset_password(secret, form.password.data)
    session.pop(_RESET_KEY)
    db.session.commit()
    flash("Your password is set. Sign in with it.", "success")
    return redirect(url_for("security.login"), 303)


def registration_closed() -> ResponseReturnValue:
    """Stands at the address of the sign-up page where registration is switched off."""
    raise RegistrationClosed
