"""What a call costs, worked out from the row alone: exact decimals, the most particular rate first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

from pydantic import Field

from app.providers.catalogue.row import Row
from app.providers.contract import Operation

_MEGAPIXEL = 1024 * 1024
ZERO = Decimal(0)


class Rate(Row):
    """A price under conditions: parameters (or `operation`) with these values, and at most so many pixels.

    whole: it is the price of the call, whatever its size and whatever goes in.
    """

    when: dict[str, str | bool | int] = Field(default_factory=dict)
    most_pixels: int | None = None
    amount: Decimal = Field(ge=0)
    whole: bool = False

    def holds(self, facts: Mapping[str, Any], pixels: int) -> bool:
        if self.most_pixels is not None and pixels > self.most_pixels:
            return False
        return all(_plain(facts.get(name)) == _plain(value) for name, value in self.when.items())


class Price(Row):
    """US dollars for one unit: `amount`, unless one of `rates` holds; the first that does is taken.

    unit: a picture; a video of `base_duration_s`; a second of video; the first megapixel, with `further` for each
    after it. rounding: whether a longer video costs whole blocks of the base duration or fractions of it; megapixels
    begun count whole.
    per_input: for each picture that goes in, per_input_megapixel: for each megapixel of them, of which no more than
    `most_input_megapixels` of a picture are sent.
    extras: added to it where they hold. tokens: dollars for a million, by kind, where the provider counts tokens and
    the amount is only what they usually come to.
    source, checked: where we know it from, and since when.
    """

    amount: Decimal = Field(ge=0)
    unit: Literal["image", "video", "second", "megapixel"] = "image"
    rates: tuple[Rate, ...] = ()
    further: Decimal = ZERO
    base_duration_s: Decimal | None = Field(None, gt=0)
    rounding: Literal["blocks", "fractions"] = "fractions"
    per_input: Decimal = ZERO
    per_input_megapixel: Decimal = ZERO
    most_input_megapixels: int | None = Field(None, ge=1)
    extras: tuple[Rate, ...] = ()
    tokens: dict[str, Decimal] = Field(default_factory=dict)
    source: str
    checked: str

    @property
    def conditions(self) -> set[str]:
        return {name for rate in (*self.rates, *self.extras) for name in rate.when}

    @property
    def lowest(self) -> Decimal:
        """The least that one unit can cost, for a list."""
        return min((self.amount, *(rate.amount for rate in self.rates)))

    def of(
        self,
        operation: Operation,
        params: Mapping[str, Any],
        size: tuple[int, int],
        inputs: Sequence[tuple[int, int]] = (),
    ) -> Decimal:
        """What one output of this size costs. params: as they are sent. inputs: sizes of the pictures that go in."""
        facts = {**params, "operation": str(operation)}
        pixels = size[0] * size[1]
        rate = next((rate for rate in self.rates if rate.holds(facts, pixels)), None)
        if rate is not None and rate.whole:
            return rate.amount
        amount = self.amount if rate is None else rate.amount
        extras = sum((rate.amount for rate in self.extras if rate.holds(facts, pixels)), ZERO)
        return self._for_one(amount, pixels, params) + extras + self._for_inputs(inputs)

    def _for_inputs(self, inputs: Sequence[tuple[int, int]]) -> Decimal:
        sent = [_megapixels(wide * high) for wide, high in inputs]
        if self.most_input_megapixels is not None:
            sent = [min(each, self.most_input_megapixels) for each in sent]
        return self.per_input * len(sent) + self.per_input_megapixel * sum(sent)

    def _for_one(self, amount: Decimal, pixels: int, params: Mapping[str, Any]) -> Decimal:
        if self.unit == "megapixel":
            return amount + self.further * (_megapixels(pixels) - 1)
        duration_s = params.get("duration_s")
        if duration_s is None:
            return amount
        seconds = Decimal(str(duration_s))
        if self.unit == "second":
            return amount * seconds
        if self.base_duration_s is None:
            return amount
        times = seconds / self.base_duration_s
        return amount * (times.to_integral_value(ROUND_CEILING) if self.rounding == "blocks" else times)


def _megapixels(pixels: int) -> int:
    return max(-(-pixels // _MEGAPIXEL), 1)


def _plain(value: Any) -> str:
    return str(value).lower()
