"""Who is looking and how, as far as pages in general need to know. Asking may read the database."""

from __future__ import annotations

from flask import current_app, request
from flask_login import current_user


def signed_in() -> bool:
    # Accounts are a feature above this one: without them everybody is a stranger.
    return hasattr(current_app, "login_manager") and bool(current_user.is_authenticated)


def is_admin() -> bool:
    return signed_in() and bool(current_user.is_admin)


def by_htmx() -> bool:
    """Whether the request wants the fragment that changes rather than a page."""
    return "HX-Request" in request.headers


def on_this_machine() -> bool:
    """Whether the request came straight from a program on this machine, not through a proxy."""
    address = request.remote_addr or ""
    return address == "::1" or address.startswith("127.")
