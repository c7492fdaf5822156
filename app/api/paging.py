"""Lists by cursor. Ids are time-ordered, so the newest come first and a page costs the same at any depth."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.orm import InstrumentedAttribute

from app.api.ids import Id
from app.db import db
from app.forms import Body
from app.limits import PAGE_SIZE

Row = TypeVar("Row")


class PageQuery(Body):
    """Which part of a list."""

    cursor: Annotated[Id | None, Field(description="`next` of the page before this one.")] = None
    limit: Annotated[int, Field(ge=1, description=f"Items a page; more than {PAGE_SIZE} count as {PAGE_SIZE}.")] = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of those after them; None at the end."""

    rows: Sequence[Row]
    next: str | None


def page_of(wanted: sa.Select[Row], key: InstrumentedAttribute[uuid.UUID], query: PageQuery) -> Page[Row]:
    """One page of a statement, ordered by `key` from the newest on."""
    most = min(query.limit, PAGE_SIZE)
    if query.cursor is not None:
        wanted = wanted.where(key < query.cursor)
    # One more than asked for tells whether there are more.
    rows = db.session.scalars(wanted.order_by(key.desc()).limit(most + 1)).all()
    return Page(rows[:most], str(getattr(rows[most - 1], key.key)) if len(rows) > most else None)
