"""Marks on many pictures at once, and putting many aside. What undo needs comes back with the answer."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Annotated, Self

from apiflask import APIBlueprint
from pydantic import AfterValidator, Field, StrictBool, model_validator

from app import limits
from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.guards import needs
from app.api.ids import Id
from app.api.image_shapes import Rating
from app.api.shapes import Answer
from app.forms import Body
from app.library import marks
from app.library.filters import clean_tag
from app.library.marks import Marks

bp = APIBlueprint("api_image_marks", __name__, url_prefix="/api/images", tag="Images")

_ONE = "019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10"
_BEFORE = {"id": _ONE, "favourite": False, "rejected": False, "rating": 0, "tags": []}

Ids = Annotated[list[Id], Field(min_length=1, max_length=limits.SELECTED_IMAGES)]


Tags = Annotated[list[Annotated[str, AfterValidator(clean_tag)]], Field(max_length=marks.MOST_TAGS)]


class MarkChanges(Body):
    """What is not given stays as it is."""

    favourite: StrictBool | None = None
    rejected: StrictBool | None = None
    rating: Rating | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        given = self.model_fields_set - {"ids"}
        if not given:
            raise ValueError(f"Say what to change: {', '.join(sorted(type(self).model_fields.keys() - {'ids'}))}.")
        if empty := sorted(name for name in given if getattr(self, name) is None):
            raise ValueError(f"Give {' and '.join(empty)} a value, or leave it out.")
        return self


class MarksBody(MarkChanges):
    """Ids that are not yours, or in the trash, are passed over."""

    ids: Ids
    add_tags: Tags = Field(default_factory=list)
    remove_tags: Tags = Field(default_factory=list)


class BeforeOut(Answer):
    id: uuid.UUID
    favourite: bool
    rejected: bool
    rating: int
    tags: list[str]


class MarkedOut(Answer):
    """before: each changed picture as it was, newest first; writing that back is undoing."""

    changed: int
    before: list[BeforeOut]


class IdsBody(Body):
    ids: Ids


class TrashedOut(Answer):
    trashed: int


class RestoredOut(Answer):
    restored: int


@bp.post("/marks")
@needs(Scope.WRITE)
@bp.input(MarksBody, arg_name="body", example={"ids": [_ONE], "rating": 4, "add_tags": ["keepers"]})
@bp.output(MarkedOut, example={"changed": 1, "before": [_BEFORE]})
def mark(body: MarksBody) -> MarkedOut:
    """Mark many pictures: favourite, rejected, rating, tags"""
    before = marks.set_marks(me().id, body.ids, Marks(**body.model_dump(exclude={"ids"})))
    return MarkedOut(changed=len(before), before=[BeforeOut(**asdict(each)) for each in before])


@bp.post("/trash")
@needs(Scope.WRITE)
@bp.input(IdsBody, arg_name="body", example={"ids": [_ONE]})
@bp.output(TrashedOut, example={"trashed": 1})
def trash(body: IdsBody) -> TrashedOut:
    """Put many pictures into the trash

    They can be restored for 30 days.
    """
    return TrashedOut(trashed=marks.trash(me().id, body.ids))


@bp.post("/restore")
@needs(Scope.WRITE)
@bp.input(IdsBody, arg_name="body", example={"ids": [_ONE]})
@bp.output(RestoredOut, example={"restored": 1})
def restore(body: IdsBody) -> RestoredOut:
    """Take many pictures back out of the trash"""
    return RestoredOut(restored=marks.restore(me().id, body.ids))
