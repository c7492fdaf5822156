"""The rules of columns: who stands in them, which number is next, what a model is reminded of, who leads."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.studio.domain import (
    MOST_COLUMNS,
    Candidate,
    Place,
    Result,
    Step,
    branch_of,
    checked_columns,
    default_columns,
    next_number,
    scores,
    window,
)
from app.studio.errors import ColumnFull, NoColumns, TooManyColumns

CLOUD = [
    Candidate("sketch", "sketch", free=True),
    Candidate("gpt-image", "openai", free=False),
    Candidate("flux-pro", "bfl", free=False),
    Candidate("flux-dev", "bfl", free=False),
    Candidate("recraft-v3", "recraft", free=False),
    Candidate("nano", "gemini", free=False),
]
BUILT_IN = [Candidate(f"sketch-{each}", "sketch", free=True) for each in range(5)]


def test_the_first_choice_is_one_model_of_each_provider_in_a_fixed_order() -> None:
    assert default_columns(CLOUD) == ["flux-pro", "recraft-v3", "nano", "gpt-image"]


def test_without_a_key_the_built_in_ones_stand_side_by_side() -> None:
    assert default_columns(BUILT_IN) == ["sketch-0", "sketch-1", "sketch-2", "sketch-3"]


def test_one_key_alone_stands_beside_what_is_built_in() -> None:
    assert default_columns([*BUILT_IN, CLOUD[1]]) == ["gpt-image", "sketch-0"]


def test_what_was_chosen_last_is_remembered_without_what_is_gone() -> None:
    assert default_columns(CLOUD, ["nano", "retired", "sketch"]) == ["nano", "sketch"]


def test_the_order_of_a_choice_is_kept_and_each_model_stands_once() -> None:
    assert checked_columns(["b", "", "a", "b"]) == ["b", "a"]


def test_none_and_too_many_are_refused_with_the_number() -> None:
    with pytest.raises(NoColumns):
        checked_columns(["", ""])
    with pytest.raises(TooManyColumns, match=str(MOST_COLUMNS)):
        checked_columns([str(each) for each in range(MOST_COLUMNS + 1)])


def test_the_eighth_iteration_is_refused_kindly() -> None:
    taken = [Place(number, vacant=False) for number in range(8)]
    assert next_number(taken[:7], 7) == 7
    with pytest.raises(ColumnFull, match="7 iterations"):
        next_number(taken, 7)


def test_a_failure_keeps_its_place_until_the_column_is_full() -> None:
    places = [Place(0, vacant=True), Place(1, vacant=True), Place(2, vacant=False)]
    assert next_number(places, 3) == 3
    assert next_number([*places, Place(3, vacant=False)], 3) == 1


@given(st.lists(st.booleans(), max_size=9), st.integers(1, 8))
def test_a_number_is_never_given_twice_and_never_beyond_the_limit(vacancies: list[bool], most: int) -> None:
    places = [Place(number, vacant) for number, vacant in enumerate(vacancies)][: most + 1]
    try:
        number = next_number(places, most)
    except ColumnFull:
        assert len(places) == most + 1
        assert not any(place.vacant for place in places[1:])
        return
    assert 1 <= number <= most
    assert all(place.vacant for place in places if place.number == number)


def _line(length: int) -> dict[uuid.UUID, Step]:
    ids = [uuid.UUID(int=each) for each in range(length)]
    return {each: Step(each, ids[at - 1] if at else None, f"turn {at}", image=None) for at, each in enumerate(ids)}


def test_the_window_is_the_last_three_of_the_branch_that_is_gone_on_from() -> None:
    steps = _line(5)
    aside = Step(uuid.UUID(int=99), uuid.UUID(int=1), "aside", image=None)
    steps[aside.id] = aside
    assert [step.request for step in window(branch_of(steps, uuid.UUID(int=4)), 3)] == ["turn 2", "turn 3", "turn 4"]
    assert [step.request for step in window(branch_of(steps, aside.id), 3)] == ["turn 0", "turn 1", "aside"]


def test_a_window_of_nothing_sends_nothing() -> None:
    assert window(branch_of(_line(3), uuid.UUID(int=2)), 0) == []


def test_a_branch_ends_where_rows_are_wrong() -> None:
    one, two = uuid.UUID(int=1), uuid.UUID(int=2)
    ring = {one: Step(one, two, "one", None), two: Step(two, one, "two", None)}
    assert [step.request for step in branch_of(ring, one)] == ["two", "one"]


def test_scores_add_exactly_and_name_the_only_best() -> None:
    first, second = scores(
        [
            [Result(Decimal("0.04"), 8.0, kept=True), Result(Decimal("0.04"), 10.0)],
            [Result(Decimal("0.1"), 6.0, rejected=True), Result(None, None)],
        ]
    )
    assert (first.price, first.seconds, first.kept, first.lowest, first.fastest) == (
        Decimal("0.08"),
        9.0,
        1,
        True,
        False,
    )
    assert (second.price, second.rejected, second.lowest, second.fastest) == (Decimal("0.1"), 1, False, True)


def test_nobody_leads_where_all_are_alike() -> None:
    alike = [Result(Decimal(0), 1.0)]
    assert not any(score.lowest or score.fastest for score in scores([alike, alike]))
    assert not any(score.lowest for score in scores([alike]))
