"""Money: exact decimals inside, whole micro-dollars in the database, rounded once, for display."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_MICRO = Decimal("0.000001")


class Money(TypeDecorator[Decimal]):
    """US dollars as a Decimal, kept as an integer of micro-dollars so that sums are exact on both dialects."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"money must be a Decimal, not {type(value).__name__}")
        return int((value / _MICRO).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) * _MICRO


def show(amount: Decimal) -> str:
    """`$0.17`; "free" for nothing and "<$0.01" below a cent."""
    if amount == 0:
        return "free"
    if amount < _CENT:
        return "<$0.01"
    return f"${amount.quantize(_CENT, ROUND_HALF_UP):,}"


def read(text: str, *, most: Decimal, places: int) -> Decimal:
    """Dollars as people type them, `5`, `$2.50`. Raises ValueError with a sentence for them."""
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ValueError("Write dollars, such as 5 or 2.50.")
    if not 0 <= amount <= most:
        raise ValueError(f"Choose an amount from $0 to ${most:,}.")
    if amount != round(amount, places):
        raise ValueError(f"Use at most {places} digits after the point.")
    return amount


def whole(amount: Decimal) -> str:
    """`$5` and `$2.50`: an amount that somebody set, without cents where there are none."""
    return f"${amount.quantize(_CENT, ROUND_HALF_UP):,}".removesuffix(".00")
