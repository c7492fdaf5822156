from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.providers.catalogue import ModelRow
from app.providers.catalogue.value import best_value

ALL = ["txt2img", "iterate", "inpaint", "outpaint"]


def model(name: str, price: str, operations: list[str] = ALL, **more: Any) -> tuple[ModelRow, Decimal]:
    row = {
        "id": name,
        "name": name,
        "provider": "acme",
        "endpoint": name,
        "operations": operations,
        "size": {"min_px": 64, "max_px": 2048},
        "expected_s": 5,
        "price": {"amount": price, "source": "a test", "checked": "2026-11-20"},
        **more,
    }
    return ModelRow.model_validate(row), Decimal(price)


def test_what_does_the_whole_day_for_least_is_the_best_value() -> None:
    assert (
        best_value([model("dear", "0.05"), model("cheap", "0.04"), model("only-paints", "0.01", ["txt2img"])])
        == "cheap"
    )


def test_the_built_in_is_compared_with_nothing() -> None:
    assert best_value([model("sketch", "0")]) is None
    assert best_value([model("sketch", "0"), model("paid", "0.04")]) == "paid"


def test_nothing_that_ends_is_recommended_and_what_was_checked_goes_first() -> None:
    ending = model("ending", "0.01", available_until="2026-12-01")
    unsure = model("unsure", "0.01", unverified="its price is hearsay")
    assert best_value([ending]) is None
    assert best_value([ending, unsure]) == "unsure"
    assert best_value([ending, unsure, model("sure", "0.09")]) == "sure"


def test_of_two_at_one_price_the_faster_one() -> None:
    assert best_value([model("slow", "0.04", expected_s=20), model("fast", "0.04")]) == "fast"
