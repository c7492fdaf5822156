"""Remember prompts, pin them, forget them and take that back."""

from __future__ import annotations

import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.db import db, new_id, rows_changed, utc_now
from app.errors import Conflict, NotFound
from app.history.models import PastPrompt
from app.history.words import digest, folded
from app.workspaces import service as workspaces

# Of a workspace's prompts that are not pinned, so many are kept: years of work, and still searched in a millisecond.
UNPINNED_MOST = 2_000
PINNED_MOST = 200
# Some go at once, so that only every so often there is something to remove.
_REMOVED_AT_ONCE = 50
_TAKEN_BACK_WITHIN = timedelta(days=1)


def remember(workspace_id: uuid.UUID, template: str, negative: str) -> None:
    """Note that a prompt was used, in the caller's transaction. What is blank is not noted."""
    if not template.strip():
        return
    now = utc_now()
    past = PastPrompt.__table__
    row = {
        "id": new_id(),
        "workspace_id": workspace_id,
        "digest": digest(template, negative),
        "template": template,
        "negative": negative,
        "folded": folded(template),
        "times_used": 1,
        "pinned": False,
        "last_used_at": now,
    }
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    again = {"times_used": past.c.times_used + 1, "last_used_at": now, "deleted_at": None}
    noted = insert(PastPrompt).values(row)
    db.session.execute(noted.on_conflict_do_update(index_elements=["workspace_id", "digest"], set_=again))
    _forget_the_oldest(workspace_id)


def past_prompt_for(owner_id: uuid.UUID, prompt_id: uuid.UUID, *, even_deleted: bool = False) -> PastPrompt:
    """The guarded door: a past prompt of one of the person's own workspaces, or NotFound."""
    past = db.session.get(PastPrompt, prompt_id)
    if past is None or (past.deleted_at is not None and not even_deleted):
        raise NotFound("prompt")
    try:
        workspaces.workspace_for(owner_id, past.workspace_id)
    except NotFound:
        raise NotFound("prompt") from None
    return past


def pin(past: PastPrompt) -> None:
    """Keep a prompt on top and for good. Raises Conflict past PINNED_MOST."""
    pinned = sa.select(sa.func.count()).where(
        PastPrompt.workspace_id == past.workspace_id, PastPrompt.pinned, PastPrompt.deleted_at.is_(None)
    )
    if not past.pinned and (db.session.scalar(pinned) or 0) >= PINNED_MOST:
        raise Conflict(f"{PINNED_MOST} prompts are pinned here: unpin one first.")
    past.pinned = True
    db.session.commit()


def unpin(past: PastPrompt) -> None:
    past.pinned = False
    db.session.commit()


def forget(past: PastPrompt) -> None:
    """Delete a past prompt; `bring_back` undoes it for a day."""
    past.deleted_at = utc_now()
    db.session.commit()


def bring_back(past: PastPrompt) -> None:
    past.deleted_at = None
    db.session.commit()


def _forget_the_oldest(workspace_id: uuid.UUID) -> None:
    """Remove what was deleted and not taken back, and what is too much."""
    here = PastPrompt.workspace_id == workspace_id
    old = (
        sa.select(PastPrompt.id)
        .where(here, PastPrompt.pinned.is_(False))
        .order_by(PastPrompt.last_used_at.desc())
        .offset(UNPINNED_MOST)
        .limit(_REMOVED_AT_ONCE)
    )
    gone = sa.and_(here, PastPrompt.deleted_at < utc_now() - _TAKEN_BACK_WITHIN)
    rows_changed(sa.delete(PastPrompt).where(sa.or_(gone, PastPrompt.id.in_(old))))
