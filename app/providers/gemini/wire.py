"""What a row of the catalogue tells this adapter, and what the tokens of an answer come to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.providers.tokens import MILLION, counted


class Tokens(BaseModel):
    """Dollars for a million tokens. image_out: None where pictures have a price apiece."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text_in: Decimal
    text_out: Decimal
    image_out: Decimal | None = None


class Wire(BaseModel):
    """most_images: pictures that one call takes. tokens: None where the estimate is all we know.

    pictures: dollars for one picture by resolution, where they are not counted in tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_images: int = Field(1, ge=1)
    tokens: Tokens | None = None
    pictures: dict[str, Decimal] = Field(default_factory=dict)

    def cost(self, usage: Any, resolution: str) -> Decimal | None:
        """Dollars for an answer's `usageMetadata`; None when it does not say enough to be exact."""
        if self.tokens is None or not isinstance(usage, Mapping):
            return None
        into, out = counted(usage.get("promptTokenCount")), counted(usage.get("candidatesTokenCount"))
        thought = counted(usage.get("thoughtsTokenCount", 0))
        if into is None or out is None or thought is None:
            return None
        drawn = _drawn(usage.get("candidatesTokensDetails"), out)
        if self.tokens.image_out is not None:
            picture = drawn * self.tokens.image_out / MILLION
        elif resolution in self.pictures:
            picture = self.pictures[resolution]
        else:
            return None
        words = into * self.tokens.text_in + (max(out - drawn, 0) + thought) * self.tokens.text_out
        return picture + words / MILLION


def _drawn(details: Any, out: int) -> int:
    """Tokens of pictures among those that came out; all of them where nothing is told apart."""
    if not isinstance(details, list):
        return out
    counts = [
        counted(entry.get("tokenCount"))
        for entry in details
        if isinstance(entry, Mapping) and entry.get("modality") == "IMAGE"
    ]
    return sum(count for count in counts if count is not None)
