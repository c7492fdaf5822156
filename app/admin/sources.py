"""What staff may look at: for each kind of row its columns, by name, and nothing besides them is ever asked for.

Left out on purpose: passwords, secrets of second factors, digests of keys and links, bodies of mails, addresses of
machines, and all that people wrote or made but the names they gave. A job's prompt is no column: app/admin/service.py
reads it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.accounts.domain import normalize_email
from app.accounts.models import ApiKey, Mail, User
from app.generation.models import Batch, Job
from app.library.models import Asset
from app.workspaces.models import Workspace

Column = sa.SQLColumnExpression[Any]
Condition = sa.SQLColumnExpression[bool]
Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Source:
    """Rows of one kind. columns: in lists and on a row's page. further: on its page only. find: what a search means."""

    kind: str
    rows: sa.FromClause
    key: Column
    columns: Columns
    find: Callable[[str], Condition]
    further: Columns = field(default_factory=dict)


def _named(*columns: Any, **further: Column) -> Columns:
    return {**{column.key: column for column in columns}, **further}


def _of_people(table: Any) -> sa.FromClause:
    # Outer, so that the order of `table` leads: joined the other way round all rows would be sorted for a page of them.
    return sa.outerjoin(table, User, User.id == table.owner_id)


def _found(*ids: Any, owner: Any = None, words: Sequence[Any] = ()) -> Callable[[str], Condition]:
    """An id finds what has it or belongs to it; an address what is that person's; any text what has it in its words."""

    def find(text: str) -> Condition:
        try:
            wanted = uuid.UUID(text)
        except ValueError:
            return sa.or_(*_by_text(text))
        return sa.or_(*(column == wanted for column in (*ids, owner) if column is not None))

    def _by_text(text: str) -> Iterator[Condition]:
        if owner is not None:
            yield owner.in_(sa.select(User.id).where(User.email == normalize_email(text)))
        for column in words:
            yield column.icontains(text, autoescape=True)

    return find


PEOPLE = Source(
    kind="person",
    rows=sa.inspect(User).local_table,
    key=User.id,
    columns=_named(
        User.id,
        User.email,
        User.plan,
        User.is_admin,
        User.active,
        User.confirmed_at,
        User.created_at,
        second_step=User.tf_primary_method.is_not(None),
    ),
    find=_found(User.id, words=[User.email]),
)
WORKSPACES = Source(
    kind="workspace",
    rows=_of_people(Workspace),
    key=Workspace.id,
    columns=_named(
        Workspace.id, Workspace.name, Workspace.owner_id, Workspace.created_at, Workspace.deleted_at, person=User.email
    ),
    find=_found(Workspace.id, owner=Workspace.owner_id, words=[Workspace.name]),
)
BATCHES = Source(
    kind="batch",
    rows=_of_people(Batch),
    key=Batch.id,
    columns=_named(
        Batch.id,
        Batch.owner_id,
        Batch.job_count,
        Batch.price_estimate,
        Batch.created_at,
        Batch.finished_at,
        person=User.email,
    ),
    further=_named(Batch.workspace_id),
    find=_found(Batch.id, Batch.workspace_id, owner=Batch.owner_id),
)
JOBS = Source(
    kind="job",
    rows=_of_people(Job),
    key=Job.id,
    columns=_named(
        Job.id,
        Job.owner_id,
        Job.state,
        Job.model,
        Job.operation,
        Job.lane,
        Job.error_kind,
        Job.price_estimate,
        Job.price_actual,
        Job.created_at,
        Job.submitted_at,
        Job.finished_at,
        person=User.email,
    ),
    further=_named(
        Job.batch_id,
        Job.workspace_id,
        Job.ordinal,
        Job.seed,
        Job.width_px,
        Job.height_px,
        Job.reason,
        Job.error_sentence,
        Job.attempt,
        Job.submission,
        Job.failures,
        Job.crashes,
        Job.maybe_charged,
        Job.expected_s,
        Job.not_before,
        Job.placed_at,
        Job.started_at,
        Job.lease_until,
        Job.dismissed_at,
    ),
    find=_found(Job.id, Job.batch_id, Job.workspace_id, owner=Job.owner_id),
)
PICTURES = Source(
    kind="picture",
    rows=_of_people(Asset),
    key=Asset.id,
    columns=_named(
        Asset.id,
        Asset.owner_id,
        Asset.kind,
        Asset.source,
        Asset.model,
        Asset.operation,
        Asset.width_px,
        Asset.height_px,
        Asset.size_bytes,
        Asset.created_at,
        Asset.deleted_at,
        person=User.email,
    ),
    further=_named(
        Asset.job_id, Asset.batch_id, Asset.workspace_id, Asset.ordinal, Asset.mime, Asset.duration_s, Asset.late
    ),
    find=_found(Asset.id, Asset.batch_id, Asset.job_id, Asset.workspace_id, owner=Asset.owner_id),
)
API_KEYS = Source(
    kind="API key",
    rows=sa.outerjoin(ApiKey, User, User.id == ApiKey.user_id),
    key=ApiKey.id,
    columns=_named(
        ApiKey.id,
        ApiKey.prefix,
        ApiKey.name,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.last_used_at,
        ApiKey.expires_at,
        ApiKey.revoked_at,
        owner_id=ApiKey.user_id,
        person=User.email,
    ),
    find=_found(ApiKey.id, owner=ApiKey.user_id, words=[ApiKey.name, ApiKey.prefix]),
)
MAILS = Source(
    kind="mail",
    rows=sa.inspect(Mail).local_table,
    key=Mail.id,
    columns=_named(
        Mail.id,
        Mail.kind,
        Mail.recipient,
        Mail.created_at,
        Mail.due_at,
        Mail.sent_at,
        Mail.attempts,
        Mail.last_error,
    ),
    further=_named(Mail.subject),
    find=_found(Mail.id, words=[Mail.recipient, Mail.kind]),
)
