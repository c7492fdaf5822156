"""Named reads of past prompts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.db import db
from app.history.models import PastPrompt
from app.history.words import folded


@dataclass(frozen=True, slots=True)
class Page:
    """Some past prompts: the pinned first, then by last use. after: the last one's id if there are more."""

    prompts: Sequence[PastPrompt]
    after: uuid.UUID | None


def past_prompts(workspace_id: uuid.UUID, *, words: str = "", after: PastPrompt | None = None, most: int = 50) -> Page:
    """A workspace's past prompts that hold all of these words, in any order."""
    wanted = _kept(workspace_id)
    for word in folded(words).split():
        wanted = wanted.where(PastPrompt.folded.contains(word, autoescape=True))
    if after is not None:
        place = (after.last_used_at, after.id)
        later = sa.tuple_(PastPrompt.last_used_at, PastPrompt.id) < place
        same = sa.and_(PastPrompt.pinned.is_(after.pinned), later)
        wanted = wanted.where(sa.or_(same, PastPrompt.pinned.is_(False)) if after.pinned else same)
    ordered = wanted.order_by(PastPrompt.pinned.desc(), PastPrompt.last_used_at.desc(), PastPrompt.id.desc())
    found = db.session.scalars(ordered.limit(most + 1)).all()
    return Page(found[:most], found[most - 1].id if len(found) > most else None)


def like(workspace_id: uuid.UUID, text: str, *, most: int) -> Sequence[PastPrompt]:
    """Past prompts that begin with a text, then those that hold it; of each the pinned and the latest first."""
    wanted = folded(text)
    begins = PastPrompt.folded.startswith(wanted, autoescape=True)
    return db.session.scalars(
        _kept(workspace_id)
        .where(PastPrompt.folded.contains(wanted, autoescape=True), PastPrompt.folded != wanted)
        .order_by(begins.desc(), PastPrompt.pinned.desc(), PastPrompt.last_used_at.desc(), PastPrompt.id.desc())
        .limit(most)
    ).all()


def _kept(workspace_id: uuid.UUID) -> sa.Select[PastPrompt]:
    return sa.select(PastPrompt).where(PastPrompt.workspace_id == workspace_id, PastPrompt.deleted_at.is_(None))
