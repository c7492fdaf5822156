"""What a row of the catalogue tells this adapter, and what the tokens of an answer come to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.providers.tokens import MILLION, counted


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
        told = (details.get("text_tokens"), details.get("image_tokens"), usage.get("output_tokens"))
        counts = [count for value in told if (count := counted(value)) is not None]
        if len(counts) < len(told):
            return None
        rates = (self.tokens.text_in, self.tokens.image_in, self.tokens.image_out)
        return sum((count * rate for count, rate in zip(counts, rates, strict=True)), Decimal(0)) / MILLION
