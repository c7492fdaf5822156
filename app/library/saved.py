"""Searches that a person saved under a name. Only what filters can say is kept of an address."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl

import sqlalchemy as sa
from pydantic import Field

from app import limits
from app.db import db
from app.errors import Conflict, Invalid, NotFound
from app.forms import Body, Name
from app.library.filters import from_query
from app.library.models import SavedSearch


class SavedSearchBody(Body):
    """query: the query string of the library's address."""

    name: Name
    query: Annotated[str, Field(max_length=limits.URL_CHARS)] = ""


def saved_of(owner_id: uuid.UUID) -> Sequence[SavedSearch]:
    return db.session.scalars(
        sa.select(SavedSearch)
        .where(SavedSearch.owner_id == owner_id)
        .order_by(sa.func.lower(SavedSearch.name), SavedSearch.id)
    ).all()


def save(owner_id: uuid.UUID, body: SavedSearchBody) -> SavedSearch:
    """Save a search; one of the same name is replaced. Raises Invalid and Conflict."""
    query = from_query(parse_qsl(body.query)).to_query()
    if not query:
        raise Invalid("Search for something first, then save it.", fields={"name": "There is nothing to save yet."})
    if len(query) > limits.SEARCH_CHARS:
        raise Invalid("This search is too long to be saved.", fields={"name": "Search for fewer words."})
    mine = saved_of(owner_id)
    search = next((each for each in mine if each.name == body.name), None)
    if search is None:
        if len(mine) >= limits.SAVED_SEARCHES:
            raise Conflict(f"You have {limits.SAVED_SEARCHES} saved searches: delete one first.")
        search = SavedSearch(owner_id=owner_id, name=body.name)
        db.session.add(search)
    search.query = query
    db.session.commit()
    return search


def forget(owner_id: uuid.UUID, search_id: uuid.UUID) -> str:
    """Delete a saved search. Returns its name. Raises NotFound."""
    search = db.session.get(SavedSearch, search_id)
    if search is None or search.owner_id != owner_id:
        raise NotFound("saved search")
    db.session.delete(search)
    db.session.commit()
    return search.name
