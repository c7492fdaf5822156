"""What a row of the catalogue tells this adapter, and what the tokens of an answer come to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_MILLION = Decimal(1_000_000)


class Tokens(BaseModel):
    """Dollars for a million tokens, by what they stand for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_in: Decimal
    image_in: Decimal
    image_out: Decimal


class Wire(BaseModel):
    """most_images: pictures that one edit takes. tokens: what a call really costs is counted in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_images: int = Field(16, ge=1)
    tokens: Tokens

    def cost(self, usage: Any) -> Decimal | None:
        """Dollars for an answer's `usage`; None when it does not say enough to be exact."""
        if not isinstance(usage, Mapping):
            return None
        details = usage.get("input_tokens_details")
        if not isinstance(details, Mapping):
            return None
        counted = _counts(details.get("text_tokens"), details.get("image_tokens"), usage.get("output_tokens"))
        if counted is None:
            return None
        rates = (self.tokens.text_in, self.tokens.image_in, self.tokens.image_out)
        return sum((count * rate for count, rate in zip(counted, rates, strict=True)), Decimal(0)) / _MILLION


def _counts(*values: Any) -> list[int] | None:
    counts = [value for value in values if isinstance(value, int) and not isinstance(value, bool) and value >= 0]
    return counts if len(counts) == len(values) else None
