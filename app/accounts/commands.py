"""What an operator does from the command line. Each commits; wrong input is refused with a sentence."""

from __future__ import annotations

from app.accounts import queries, service
from app.accounts.domain import MAX_API_KEY_NAME, Plan
from app.accounts.models import User
from app.accounts.passwords import complaint
from app.db import db
from app.errors import Invalid, NotFound
from app.texts import UnusableText, clean_name


def create_user(email: str, password: str, *, admin: bool = False, plan: str = Plan.FREE) -> User:
    """Make an account, confirmed from the start. Raises Invalid, Conflict."""
    try:
        known = queries.usable_email(email)
    except ValueError as error:
        raise Invalid(str(error), fields={"email": str(error)}) from error
    weakness = complaint(password, email=known, is_admin=admin)
    if weakness:
        raise Invalid(f"The password: {weakness}", fields={"password": weakness})
    if plan not in set(Plan):
        raise Invalid(f"The plan must be one of: {', '.join(Plan)}.", fields={"plan": "Choose one that exists."})
    user = service.create_account(known, password, is_admin=admin, plan=Plan(plan), confirmed=True)
    db.session.commit()
    return user


def make_api_key(email: str, name: str) -> str:
    """Make a key with every scope; returns it, for this once. Raises Invalid, NotFound, TooManyApiKeys."""
    user = queries.user_by_email(email)
    if user is None:
        raise NotFound("account")
    try:
        label = clean_name(name, MAX_API_KEY_NAME)
    except UnusableText as error:
        raise Invalid(f"The name: {error}", fields={"name": str(error)}) from error
    if not label:
        raise Invalid("Give the key a name.", fields={"name": "Give the key a name."})
    _, text = service.make_api_key(user, label)
    db.session.commit()
    return text
