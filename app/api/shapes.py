"""What the API's answers are made of, and how changes join what is there."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from app.forms import read

Shape = TypeVar("Shape", bound=BaseModel)

_CENT = Decimal("0.01")


class Answer(BaseModel):
    """Exactly these fields, so that the description is the truth; readable from a row with columns of their names."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


def changed(row: object, changes: BaseModel, shape: type[Shape]) -> Shape:
    """The row as `shape` with the given changes: what a call left out stays. Raises Invalid."""
    kept = {name: getattr(row, name) for name in shape.model_fields}
    return read(shape, kept | changes.model_dump(exclude_unset=True))


def dollars(amount: Decimal) -> str:
    """US dollars as a decimal text: two places, more where a price has more."""
    cents = amount.quantize(_CENT)
    return f"{cents if cents == amount else amount.normalize():f}"
