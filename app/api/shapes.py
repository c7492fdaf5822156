"""What the API's answers are made of, and how changes join what is there."""

from __future__ import annotations

from decimal import Decimal
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from app.forms import Body, read

Shape = TypeVar("Shape", bound=BaseModel)

_CENT = Decimal("0.01")


class Answer(BaseModel):
    """Exactly these fields, so that the description is the truth; readable from a row with columns of their names."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Changes(Body):
    """Some fields of something; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Give at least one field to change.")
        return self


def changed(row: object, changes: Changes, shape: type[Shape]) -> Shape:
    """The row as `shape` with the given changes: what a call left out stays. Raises Invalid."""
    kept = {name: getattr(row, name) for name in shape.model_fields}
    return read(shape, kept | changes.model_dump(exclude_unset=True))


def dollars(amount: Decimal) -> str:
    """US dollars as a decimal text: two places, more where a price has more."""
    cents = amount.quantize(_CENT)
    return f"{cents if cents == amount else amount.normalize():f}"
