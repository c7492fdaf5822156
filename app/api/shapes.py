"""What the API's answers are made of."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

_CENT = Decimal("0.01")


class Answer(BaseModel):
    """Exactly these fields, so that the description is the truth."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def dollars(amount: Decimal) -> str:
    """US dollars as a decimal text: two places, more where a price has more."""
    cents = amount.quantize(_CENT)
    return f"{cents if cents == amount else amount.normalize():f}"
