"""The tables: which columns of a source are shown, under which words, and by what they are narrowed and ordered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.admin.staff_view import StaffTable
from app.admin.tables.accounts import ApiKeys, Mails, People
from app.admin.tables.work import Batches, Jobs, Lanes, Pictures, Workspaces

TABLES: Sequence[Callable[[], StaffTable]] = (
    lambda: People("People", "people", "user"),
    lambda: Workspaces("Workspaces", "workspaces", "folder"),
    lambda: Batches("Batches", "batches", "stack"),
    lambda: Jobs("Jobs", "jobs", "queue"),
    lambda: Pictures("Pictures", "pictures", "picture"),
    lambda: Lanes("Lanes", "lanes", "columns"),
    lambda: ApiKeys("API keys", "api_keys", "key"),
    lambda: Mails("Mails", "mails", "mail"),
)
