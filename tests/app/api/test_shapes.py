from __future__ import annotations

from decimal import Decimal

import pytest

from app.api.shapes import dollars


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("0.000000", "0.00"), ("0.04", "0.04"), ("12.5", "12.50"), ("0.0025", "0.0025"), ("100", "100.00")],
)
def test_money_is_a_decimal_text(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text
