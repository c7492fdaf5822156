from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generation.fairness import HALF_LIFE_S, Meter, decayed

amounts = st.floats(0, 1e6)
spans = st.floats(0, 1e5)


def test_half_is_left_after_one_half_life() -> None:
    assert decayed(80.0, HALF_LIFE_S) == pytest.approx(40.0)


def test_a_clock_that_steps_back_changes_nothing() -> None:
    meter = Meter(50.0, at=1000.0)
    assert meter.read(400.0) == 50.0
    assert meter.charge(10.0, 400.0) == Meter(60.0, 1000.0)


@given(amounts, spans, spans)
def test_reading_in_between_never_matters(seconds: float, first: float, then: float) -> None:
    at_once = Meter(seconds, 0.0).read(first + then)
    in_two = Meter(seconds, 0.0).charge(0.0, first).read(first + then)
    assert in_two == pytest.approx(at_once, abs=1e-6)


@given(amounts, amounts, spans)
def test_two_charges_at_one_moment_add_up(one: float, other: float, now: float) -> None:
    meter = Meter().charge(one, now).charge(other, now)
    assert meter.read(now) == pytest.approx(one + other)


@given(amounts, amounts, spans)
def test_settling_leaves_what_was_used_and_never_less_than_nothing(expected: float, used: float, took: float) -> None:
    meter = Meter().charge(expected, 100.0).settle(expected, 100.0, used, 100.0 + took)
    assert meter.read(100.0 + took) == pytest.approx(used, abs=1e-3)
    assert meter.seconds >= 0.0


def test_a_lane_kept_busy_settles_at_a_bounded_share() -> None:
    meter = Meter()
    for step in range(1000):
        meter = meter.charge(10.0, step * 10.0)
    assert meter.read(10_000.0) == pytest.approx(HALF_LIFE_S / 0.6931, rel=0.01)
