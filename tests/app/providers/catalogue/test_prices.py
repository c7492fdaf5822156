from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.catalogue import Price, Rate
from app.providers.contract import Operation

T2I, EDIT, VIDEO = Operation.TXT2IMG, Operation.ITERATE, Operation.IMG2VID


def price(amount: str, **more: object) -> Price:
    return Price.model_validate({"amount": amount, "source": "a test", "checked": "2026-11-20", **more})


BY_QUALITY = price(
    "0.0527",
    rates=[
        {"when": {"quality": "low"}, "most_pixels": 1_048_576, "amount": "0.0059"},
        {"when": {"quality": "low"}, "amount": "0.0047"},
        {"when": {"quality": "high", "operation": "iterate"}, "amount": "0.06"},
    ],
    extras=[{"when": {"web_search": True}, "amount": "0.015"}],
)


@pytest.mark.parametrize(
    ("operation", "params", "size", "dollars"),
    [
        (T2I, {"quality": "low"}, (1024, 1024), "0.0059"),
        (T2I, {"quality": "low"}, (1024, 1536), "0.0047"),
        (T2I, {"quality": "high"}, (1024, 1024), "0.0527"),
        (EDIT, {"quality": "high"}, (1024, 1024), "0.06"),
        (T2I, {"quality": "high", "web_search": True}, (1024, 1024), "0.0677"),
        (T2I, {"quality": "high", "web_search": False}, (1024, 1024), "0.0527"),
    ],
)
def test_the_first_rate_that_holds_is_taken(
    operation: Operation, params: dict[str, object], size: tuple[int, int], dollars: str
) -> None:
    assert BY_QUALITY.of(operation, params, size) == Decimal(dollars)


@pytest.mark.parametrize(
    ("rounding", "duration", "dollars"),
    [("blocks", "5", "0.35"), ("blocks", "6", "0.70"), ("blocks", "10", "0.70"), ("fractions", "6", "0.42")],
)
def test_a_longer_video_costs_blocks_or_fractions(rounding: str, duration: str, dollars: str) -> None:
    video = price("0.35", unit="video", base_duration_s="5", rounding=rounding)
    assert video.of(VIDEO, {"duration_s": duration}, (1280, 720)) == Decimal(dollars)


def test_seconds_are_priced_by_what_else_was_chosen() -> None:
    veo = price("0.10", unit="second", rates=[{"when": {"audio": True}, "amount": "0.15"}])
    assert veo.of(VIDEO, {"duration_s": "6", "audio": False}, (1280, 720)) == Decimal("0.60")
    assert veo.of(VIDEO, {"duration_s": "6", "audio": True}, (1280, 720)) == Decimal("0.90")


def test_megapixels_begun_count_whole_going_out_and_going_in() -> None:
    flux = price("0.03", unit="megapixel", further="0.015", per_input_megapixel="0.015")
    assert flux.of(T2I, {}, (1024, 1024)) == Decimal("0.03")
    assert flux.of(T2I, {}, (1025, 1024)) == Decimal("0.045")
    assert flux.of(EDIT, {}, (1024, 1024), [(1024, 1024)]) == Decimal("0.045")
    bounded = flux.model_copy(update={"most_input_megapixels": 4})
    assert bounded.of(EDIT, {}, (1024, 1024), [(6000, 4000), (1024, 1024)]) == Decimal("0.105")


def test_a_tool_of_another_kind_has_a_price_of_its_own() -> None:
    tool = {"when": {"operation": "outpaint"}, "amount": "0.05", "whole": True}
    flux = price("0.03", unit="megapixel", further="0.015", per_input_megapixel="0.015", rates=[tool])
    assert flux.of(Operation.OUTPAINT, {}, (4096, 2048), [(2048, 2048)]) == Decimal("0.05")
    assert flux.of(EDIT, {}, (1024, 1024), [(1024, 1024)]) == Decimal("0.045")


@given(st.integers(1, 200), st.decimals("0.0001", "5", places=4))
def test_sums_are_exact(count: int, amount: Decimal) -> None:
    each = price(str(amount)).of(T2I, {}, (64, 64))
    assert sum((each for _ in range(count)), Decimal(0)) == amount * count


def test_the_lowest_is_what_a_list_shows() -> None:
    assert BY_QUALITY.lowest == Decimal("0.0047")
    assert Rate(amount=Decimal(1)).holds({}, 10**9)
