"""What people can do with their account. Functions flush; the route, task or command around them commits."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta

import sqlalchemy as sa
from flask_security.utils import hash_password
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app import limits
from app.accounts import audit, keys, mail, queries, second_factor, sessions, throttle, tokens
from app.accounts.domain import API_KEY_LIFETIME, SEEN_EVERY, AuditAction, Plan, Scope, TokenPurpose
from app.accounts.errors import LinkDead, TooManyApiKeys
from app.accounts.models import ApiKey, User
from app.accounts.passwords import normalized
from app.config import Settings
from app.db import db, utc_now
from app.errors import Conflict

# From this many failures in a row on, the owner of the account is told.
WARN_AT_FAILURES = 10
ADDRESSES_KEPT = 20

AccountHook = Callable[[User], None]
_new_account_hooks: list[AccountHook] = []


def on_new_account(hook: AccountHook) -> None:
    """Have `hook(user)` run in the transaction that makes an account. Give a module's function: twice counts once."""
    if hook not in _new_account_hooks:
        _new_account_hooks.append(hook)


def create_account(
    email: str, password: str, *, is_admin: bool = False, plan: Plan = Plan.FREE, confirmed: bool = False
) -> User:
    """Make an account from checked input. Raises Conflict when the address has one."""
    if queries.user_by_email(email) is not None:
        raise Conflict("There is an account with this e-mail address.", fields={"email": "Choose another address."})
    user = User(
        email=email,
        password=hash_password(normalized(password)),
        is_admin=is_admin,
        plan=plan,
        active=True,
        confirmed_at=utc_now() if confirmed else None,
    )
    db.session.add(user)
    welcome(user, AuditAction.ACCOUNT_CREATED)
    return user


def welcome(user: User, action: AuditAction) -> None:
    """What every new account gets, however it came to be."""
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise Conflict("This e-mail address was registered a moment ago. Sign in, or reset the password.") from None
    audit.record(action, user, is_admin=user.is_admin, plan=user.plan.value)
    for hook in _new_account_hooks:
        hook(user)


def start_link(settings: Settings) -> str | None:
    """The address that makes the owner's account, while there is no admin; None afterwards. Commits.

    Each call makes a new one and ends the one before it.
    """
    if queries.has_admin():
        return None
    secret = tokens.issue(TokenPurpose.START)
    db.session.commit()
    return f"{settings.public_url}/start/{secret}"


def create_owner(secret: str, email: str, password: str) -> User:
    """Use the start link up for the first admin account. Raises LinkDead, Conflict."""
    tokens.consume(TokenPurpose.START, secret)
    if queries.has_admin():
        raise LinkDead
    return create_account(email, password, is_admin=True, plan=Plan.ALL_INCLUSIVE, confirmed=True)


def count_sign_in(email: str) -> None:
    """Count a try to sign in before it is judged. Raises TooManyAttempts."""
    user = queries.user_by_email(email)
    tries = throttle.hit(throttle.SIGN_IN_ACCOUNT, _sign_in_subject(email, user))
    if user is not None and tries.count == WARN_AT_FAILURES:
        mail.queue_template("sign_in_attempts", email, "Somebody keeps failing to sign in as you", tries=tries.count)
        db.session.commit()
    throttle.take(throttle.SIGN_IN_ADDRESS, throttle.client_network())
    tries.refuse_if_over()


def signed_in(user: User, *, remember: bool, via: list[str]) -> None:
    """The person proved who they are: open their session, clear what was counted against them."""
    throttle.forget(throttle.SIGN_IN_ACCOUNT, _sign_in_subject(user.email, user))
    throttle.forget(throttle.SIGN_IN_ACCOUNT, user.email)
    if "password" in via:
        throttle.give_back(throttle.SIGN_IN_ADDRESS, throttle.client_network())
    row = sessions.start(user, remember=remember)
    audit.record(AuditAction.SIGNED_IN, user, about=("session", row.id), via=via)


def signed_out(user: User) -> None:
    row = sessions.current()
    sessions.end_current()
    audit.record(AuditAction.SIGNED_OUT, user, about=("session", row.id) if row else None)


def revoke_session(user: User, session_id: uuid.UUID) -> None:
    """Raises NotFound."""
    sessions.revoke(user, session_id)
    audit.record(AuditAction.SESSION_REVOKED, user, about=("session", session_id))


def sign_out_everywhere(user: User) -> None:
    """End every session but the one in hand."""
    ended = sessions.revoke_all(user, keep_current=True)
    audit.record(AuditAction.SIGNED_OUT_EVERYWHERE, user, sessions=ended)


def may_mail(email: str) -> bool:
    """Count a mail that a stranger asks for; False once it is one too many."""
    to = throttle.hit(throttle.MAIL_TO_ADDRESSEE, email)
    by = throttle.hit(throttle.MAIL_FROM_ADDRESS, throttle.client_network())
    return not to.is_over and not by.is_over


def request_reset(email: str) -> None:
    """Mail a link that sets a new password, if there is such an account. The asker cannot tell."""
    if not may_mail(email):
        return
    user = queries.user_by_email(email)
    if user is None or not user.active:
        return
    secret = tokens.issue(TokenPurpose.RESET_PASSWORD, user)
    mail.queue_template("reset_password", user.email, "Set a new password", secret=secret)


def reset_password(secret: str, password: str) -> User:
    """Set a new password by a mailed link; whoever was signed in no longer is. Raises LinkDead."""
    user = tokens.consume(TokenPurpose.RESET_PASSWORD, secret).user
    if user is None or not user.active:
        raise LinkDead
    user.password = hash_password(normalized(password))
    user.fs_uniquifier = uuid.uuid4().hex
    # Who opens the mail owns the address.
    user.confirmed_at = user.confirmed_at or utc_now()
    sessions.revoke_all(user)
    tokens.revoke(TokenPurpose.CHANGE_EMAIL, user)
    audit.record(AuditAction.PASSWORD_RESET, user)
    mail.queue_template("password_reset", user.email, "Your password was set anew")
    return user


def password_changed(user: User) -> None:
    """After a change of password: other browsers and open links end."""
    sessions.revoke_all(user, keep_current=True)
    _revoke_links(user)
    audit.record(AuditAction.PASSWORD_CHANGED, user)


def request_email_change(user: User, email: str) -> None:
    """Mail a confirmation link to the new address. The asker cannot tell whether the address has an account."""
    if not may_mail(email):
        return
    if queries.user_by_email(email) is not None:
        mail.queue_template("email_taken", email, "Your address was entered for another account")
        return
    secret = tokens.issue(TokenPurpose.CHANGE_EMAIL, user, email=email)
    mail.queue_template("change_email", email, "Confirm your new e-mail address", secret=secret)


def change_email(secret: str) -> User:
    """Take the new address, confirmed by its link, and tell the old one. Raises LinkDead, Conflict."""
    used = tokens.consume(TokenPurpose.CHANGE_EMAIL, secret)
    user = used.user
    if user is None or not user.active or used.email is None:
        raise LinkDead
    old = user.email
    user.email = used.email
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise Conflict("Another account took this address in the meantime. Choose another one.") from None
    _revoke_links(user)
    audit.record(AuditAction.EMAIL_CHANGED, user, old=audit.email_digest(old), new=audit.email_digest(used.email))
    mail.queue_template("email_changed", old, "Your e-mail address was changed", new_email=used.email)
    return user


def make_api_key(
    user: User, name: str, scopes: Iterable[Scope] = tuple(Scope), *, lifetime: timedelta = API_KEY_LIFETIME
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the key itself, which nobody can see again. Raises TooManyApiKeys."""
    # One at a time for each person, or two at once would both be the tenth.
    db.session.execute(sa.select(User.id).where(User.id == user.id).with_for_update())
    text = keys.new_key()
    key = ApiKey(
        user=user,
        name=name,
        prefix=keys.shown_part(text),
        key_hash=keys.digest(text),
        scopes=[scope.value for scope in scopes],
        expires_at=utc_now() + lifetime,
    )
    db.session.add(key)
    db.session.flush()
    # Counted after the insert: SQLite locks with the first write, and only then is the count certain.
    if queries.count_usable_api_keys(user) > limits.API_KEYS:
        db.session.rollback()
        raise TooManyApiKeys(limits.API_KEYS)
    audit.record(AuditAction.API_KEY_MADE, user, about=("api_key", key.id), scopes=key.scopes)
    return key, text


def revoke_api_key(key: ApiKey, *, why: str = "by hand") -> None:
    """Effective with the next request."""
    key.revoked_at = utc_now()
    audit.record(AuditAction.API_KEY_REVOKED, key.user, about=("api_key", key.id), why=why)


def find_api_key(text: str) -> ApiKey | None:
    """The live key of a live, confirmed account, or None."""
    if not keys.is_well_formed(text):
        return None
    key = db.session.scalar(
        sa.select(ApiKey).where(ApiKey.key_hash == keys.digest(text)).options(joinedload(ApiKey.user, innerjoin=True))
    )
    if key is None or not key.is_live(utc_now()) or not key.user.active or not key.user.is_confirmed:
        return None
    return key


def note_api_key_use(key: ApiKey) -> None:
    """Remember when and from where a key was used; writes at most every five minutes for a known address."""
    address = audit.client_address()
    is_new = address not in key.addresses
    now = utc_now()
    if not is_new and key.last_used_at is not None and now - key.last_used_at < SEEN_EVERY:
        return
    key.last_used_at = now
    if is_new:
        key.addresses = [*key.addresses, address][-ADDRESSES_KEPT:]
        audit.record(AuditAction.API_KEY_NEW_ADDRESS, key.user, about=("api_key", key.id))
    db.session.commit()


def tidy() -> None:
    """Drop what is long dead, and finish a rotation of secret keys. For the beat; commits."""
    now = utc_now()
    throttle.forget_old(now)
    sessions.forget_old(now)
    tokens.forget_expired()
    second_factor.encrypt_anew()
    db.session.commit()


def _revoke_links(user: User) -> None:
    for purpose in (TokenPurpose.RESET_PASSWORD, TokenPurpose.CHANGE_EMAIL):
        tokens.revoke(purpose, user)


def _sign_in_subject(email: str, user: User | None) -> str:
    """Where failures are counted. A known browser's address has a count of its own: strangers cannot lock it out."""
    address = audit.client_address()
    if user is not None and sessions.has_been_here(user, address):
        return f"{email} from {address}"
    return email
