"""People, and what belongs to their accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from app.accounts.domain import Plan
from app.accounts.models import ApiKey, Mail, User
from app.admin import cells, sources
from app.admin.filters import Choice, Condition, one_of, yes_or_no
from app.admin.staff_view import Links, SourceTable
from app.db import utc_now

_PLANS = {Plan.FREE.value: "Free", Plan.ALL_INCLUSIVE.value: "All inclusive"}


class People(SourceTable):
    source = sources.PEOPLE
    search_words = "Id or part of an address"
    about = "Everybody with an account."
    column_list = ("email", "plan", "is_admin", "second_step", "active", "confirmed_at", "created_at")
    column_labels: ClassVar[dict[str, str]] = {
        "id": "Id",
        "email": "E-mail address",
        "plan": "Plan",
        "is_admin": "Admin",
        "second_step": "Second step",
        "active": "Active",
        "confirmed_at": "Confirmed",
        "created_at": "Joined",
    }
    column_sortable_list = ("email", "plan", "confirmed_at", "created_at")
    phone_columns = frozenset({"email", "plan"})
    column_formatters: ClassVar[dict[str, cells.Formatter]] = {
        "email": cells.opens(lambda row: str(row.email)),
        "plan": lambda _view, _context, row, _name: _PLANS[row.plan.value],
    }
    links: ClassVar[Links] = (
        ("Workspaces", "admin_workspaces"),
        ("Batches", "admin_batches"),
        ("Jobs", "admin_jobs"),
        ("Pictures", "admin_pictures"),
        ("API keys", "admin_api_keys"),
    )
    column_filters = (
        one_of("plan", "Plan", User.plan, _PLANS),
        yes_or_no("admin", "Admin", User.is_admin),
        yes_or_no("confirmed", "Confirmed", User.confirmed_at.is_not(None)),
        yes_or_no("active", "Active", User.active),
    )

    def title_of(self, row: Any) -> str:
        return str(row.email)


def _key_is(state: str) -> Condition:
    if state == "revoked":
        return ApiKey.revoked_at.is_not(None)
    now = utc_now()
    return ApiKey.revoked_at.is_(None) & (ApiKey.expires_at > now if state == "live" else ApiKey.expires_at <= now)


class ApiKeys(SourceTable):
    source = sources.API_KEYS
    search_words = "Id, name or e-mail address"
    about = "Keys by how they begin. Nobody can see the rest, not even here."
    column_list = ("prefix", "name", "person", "scopes", "state", "last_used_at", "expires_at", "created_at")
    column_labels: ClassVar[dict[str, str]] = {
        "id": "Id",
        "prefix": "Begins with",
        "name": "Name",
        "person": "Person",
        "scopes": "May",
        "state": "State",
        "last_used_at": "Last used",
        "expires_at": "Ends",
        "created_at": "Made",
        "revoked_at": "Revoked",
    }
    column_sortable_list = ("last_used_at", "expires_at", "created_at")
    phone_columns = frozenset({"prefix", "person", "state"})
    column_formatters: ClassVar[dict[str, cells.Formatter]] = {
        "prefix": cells.opens(lambda row: f"{row.prefix}…"),
        "person": cells.person,
        "state": cells.key_state,
    }
    column_filters = (
        Choice(
            "state",
            "State",
            {"live": "live", "expired": "expired", "revoked": "revoked"},
            _key_is,
        ),
        yes_or_no("used", "Ever used", ApiKey.last_used_at.is_not(None)),
    )

    def title_of(self, row: Any) -> str:
        return f"{row.prefix}…"


def _mail_is(state: str) -> Condition:
    if state == "sent":
        return Mail.sent_at.is_not(None)
    return Mail.sent_at.is_(None) & (Mail.due_at.is_not(None) if state == "waiting" else Mail.due_at.is_(None))


class Mails(SourceTable):
    source = sources.MAILS
    search_words = "Id, address or kind"
    about = "Letters to people, waiting or gone. What stands in them may let somebody in, so it is not shown."
    column_list = ("created_at", "kind", "recipient", "state", "attempts", "due_at", "last_error")
    column_labels: ClassVar[dict[str, str]] = {
        "id": "Id",
        "kind": "Kind",
        "subject": "Subject",
        "recipient": "To",
        "state": "State",
        "attempts": "Tries",
        "due_at": "Next try",
        "sent_at": "Sent",
        "last_error": "Last error",
        "created_at": "Written",
    }
    column_sortable_list = ("recipient", "due_at", "created_at")
    number_columns = frozenset({"attempts"})
    phone_columns = frozenset({"created_at", "recipient", "state"})
    column_formatters: ClassVar[dict[str, cells.Formatter]] = {
        "created_at": cells.opens_at,
        "state": cells.mail_state,
    }
    column_filters = (
        Choice(
            "state",
            "State",
            {"waiting": "waiting", "sent": "sent", "given up": "given up"},
            _mail_is,
        ),
    )

    def title_of(self, row: Any) -> str:
        return f"{row.kind} to {row.recipient}"
