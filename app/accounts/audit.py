"""Writing down what happened. Rows join the transaction of what they tell of, and hold no secrets."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import structlog
from flask import has_request_context, request

from app.accounts.domain import AuditAction
from app.accounts.models import AuditEvent, User
from app.db import db


def record(
    action: AuditAction,
    actor: User | None,
    *,
    about: tuple[str, object] | None = None,
    acting_admin: User | None = None,
    **changes: Any,
) -> None:
    """about: kind and id of the object. changes: small JSON values, old and new where both make sense."""
    kind, object_id = about or (None, None)
    db.session.add(
        AuditEvent(
            action=action.value,
            actor_id=_id(actor),
            acting_admin_id=_id(acting_admin),
            object_kind=kind,
            object_id=str(object_id) if object_id is not None else None,
            changes=changes,
            address=client_address(),
            request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
        )
    )


def client_address() -> str:
    return (request.remote_addr or "")[:45] if has_request_context() else ""


def email_digest(email: str) -> str:
    """Tells two addresses apart in a log without naming them."""
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()[:16]


def _id(user: User | None) -> uuid.UUID | None:
    return user.id if user is not None else None
