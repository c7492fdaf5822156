"""Which pictures a person wants to see: one shape for the library's address, its chips, saved searches and the API."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from app import limits
from app.forms import Body, read
from app.providers.contract import Operation
from app.texts import UNSTORABLE, clean_name

# Below it there were no pictures, and no room in a time-ordered id.
_FIRST_DAY = date(1970, 1, 1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FLAGS = {"true": True, "false": False}
# More of one trait than anybody picks by hand.
_MOST_VALUES = 20


def clean_tag(text: str) -> str:
    """One line in lower case; "#" is how people write a tag, not part of it. Raises ValueError for nothing at all."""
    cleaned = clean_name(text, limits.TAG_CHARS).lstrip("# ").casefold()
    if not cleaned:
        raise ValueError("Give the tag a word.")
    return cleaned


def _name(text: str) -> str:
    cleaned = clean_name(text, 80)
    if not cleaned:
        raise ValueError("Give a name that can be seen.")
    return cleaned


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        if value not in _FLAGS:
            raise ValueError("Use true or false.")
        return _FLAGS[value]
    return value


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value if _DAY.fullmatch(value) else "")
        except ValueError:
            raise ValueError("Write the day as 2026-11-20.") from None
    return value


def _known_day(value: date) -> date:
    if value < _FIRST_DAY:
        raise ValueError(f"Use a day from {_FIRST_DAY} on.")
    return value


def _several(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(dict.fromkeys(value))
    return (value,)


def _one_line(text: str) -> str:
    # What is searched for is never stored, so what cannot be is simply not found.
    return clean_name(UNSTORABLE.sub(" ", text), limits.SEARCH_CHARS)


Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_known_day)]
Name = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_name)]


_Several = (Field(max_length=_MOST_VALUES), BeforeValidator(_several))
Names = Annotated[tuple[Name, ...], *_Several]
Operations = Annotated[tuple[Operation, ...], *_Several]
Tags = Annotated[tuple[Annotated[str, AfterValidator(clean_tag)], ...], *_Several]


class Filters(Body):
    """None, or no value, leaves a trait open. Days are whole days, both ends included."""

    q: Annotated[
        str, AfterValidator(_one_line), Field(description="Words of the prompt or name; the last may be begun.")
    ] = ""
    workspace_id: Annotated[uuid.UUID | None, Field(description="Only those of this workspace.")] = None
    kind: Literal["image", "video"] | None = None
    source: Annotated[
        Literal["generated", "uploaded", "mask"] | None,
        Field(description="Only those made here, or brought along, or masks, which no other list shows."),
    ] = None
    since: Annotated[Day | None, Field(description="The first day.")] = None
    until: Annotated[Day | None, Field(description="The last day.")] = None
    model: Annotated[Names, Field(description="Id of the model that made it; repeated: any of them.")] = ()
    style: Annotated[Names, Field(description="Name of the style it was made with; repeated: any of them.")] = ()
    operation: Annotated[Operations, Field(description="How it was made; repeated: any of these ways.")] = ()
    favourite: Flag | None = None
    rejected: Flag | None = None
    rating: Annotated[Annotated[int, Field(ge=1, le=5)] | None, Field(description="At least so many stars.")] = None
    tag: Annotated[Tags, Field(description="A tag it has; repeated: all of them.")] = ()
    batch_id: Annotated[uuid.UUID | None, Field(description="Only those of this batch.")] = None
    line_batch_id: Annotated[
        uuid.UUID | None, Field(description="Only those of this batch, and what came of them, whenever that was.")
    ] = None
    line_prompt_id: Annotated[
        uuid.UUID | None,
        Field(description="Only those of one prompt as it was typed, and what came of them; the id is a picture's."),
    ] = None
    trashed: Annotated[Flag, Field(description="Those in the trash instead of those outside.")] = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("The first day comes after the last: exchange them.")
        return self

    @property
    def narrowing(self) -> dict[str, Any]:
        """The traits that are set, by name, in the order of the fields."""
        return self.model_dump(exclude_defaults=True)

    def to_query(self, **changes: Any) -> str:
        """The canonical query string, with some traits changed; None or the default drops one."""
        values = {**self.model_dump(), **changes}
        blank = {name: field.default for name, field in type(self).model_fields.items()}
        kept = {name: values[name] for name in blank if values[name] not in (None, "", (), blank[name])}
        return urlencode({name: _written(value) for name, value in kept.items()}, doseq=True)


def from_query(given: Iterable[tuple[str, str]]) -> Filters:
    """The filters of an address's names and values; empty values and what else stands in it are passed over. Of a trait
    that has one value the last counts. Raises Invalid."""
    values: dict[str, Any] = {}
    for name, value in given:
        if value == "" or name not in Filters.model_fields:
            continue
        if name in SEVERAL:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    return read(Filters, values)


# The traits of which several values can be asked for.
SEVERAL = tuple(name for name, field in Filters.model_fields.items() if field.default == ())


def _written(value: Any) -> str | list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
