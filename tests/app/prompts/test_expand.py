from __future__ import annotations

from collections import Counter
from itertools import permutations, product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.prompts.count import count, shown
from app.prompts.errors import TooManyCombinations
from app.prompts.expand import Choice, How, even_numbers, expand, nth, sample
from app.prompts.options import LISTED
from app.prompts.plan import Plan, plan
from tests.app.prompts.reading import files

FOX = "a {red|green|blue} fox, {dawn|dusk} light"


def trillion() -> Plan:
    return plan(" ".join("{" + "|".join(f"w{group}x{i}" for i in range(10)) + "}" for group in range(12)))


def group(size: int) -> str:
    return "{" + "|".join(f"o{i}" for i in range(size)) + "}"


def test_a_million_million_combinations_are_counted_and_any_one_of_them_is_made() -> None:
    planned = trillion()

    assert count(planned).total == 10**12
    assert nth(planned, 10**12 - 1).prompt == " ".join(f"w{group}x9" for group in range(12))
    assert nth(planned, 123_456_789_012).prompt == " ".join(
        f"w{group}x{digit}" for group, digit in enumerate("123456789012")
    )
    assert len({expansion.prompt for expansion in sample(planned, 6)}) == 6
    assert len({expansion.prompt for expansion in sample(planned, 50, How.RANDOM, seed=1)}) == 50


def test_wildcards_and_ranges_count_as_fast_as_choices() -> None:
    wildcards = files(w="\n".join(f"entry {i}" for i in range(1000)))

    assert count(plan("__w__ {1-3$$__w__} {a|__w__}", wildcards)).total == 1000 * (1000 + 999_000 + 997_002_000) * 1001
    assert count(plan("{a|b}" * 800)).total == 2**800


@pytest.mark.parametrize(
    ("template", "label", "factors"),
    [
        ("a fox", "1", ()),
        ("{a|b|c}", "3", (3,)),
        (FOX, "3 × 2 = 6", (3, 2)),
        ("{a|a} {b|c} ${x={1|2|3}}${x}", "2 × 3 = 6", (2, 3)),
        (f"{group(1500)}{group(1000)}", "1,500 × 1,000 = 1,500,000", (1500, 1000)),
        ("{a|b}" * 8, "2 × 2 × 2 × 2 × 2 × 2 × … = 256", (2,) * 8),
    ],
)
def test_the_label_is_the_sum_a_person_would_do(template: str, label: str, factors: tuple[int, ...]) -> None:
    counted = count(plan(template))

    assert (counted.label, counted.factors, counted.total) == (label, factors, prod(factors))


def test_numbers_too_long_to_read_are_shown_by_their_size() -> None:
    assert shown(10**15 - 1) == "999,999,999,999,999"
    assert shown(10**15) == "about 10^15"


def test_a_limit_is_held_before_anything_is_made() -> None:
    assert len(expand(plan(FOX), 6)) == 6
    with pytest.raises(TooManyCombinations, match=r"^This prompt makes 6 combinations and the limit is 5") as caught:
        expand(plan(FOX), 5)
    assert (caught.value.wanted, caught.value.limit, caught.value.code) == (6, 5, "too_many_combinations")
    with pytest.raises(TooManyCombinations, match="1,000,000,000,000"):
        sample(trillion(), 1000, How.ALL)


def test_a_result_tells_its_number_and_what_each_choice_came_to() -> None:
    planned = plan("${light={dawn|dusk}} a {big|} {red|blue} fox at ${light}")
    expansion = nth(planned, 6)

    assert expansion.index == 6
    assert expansion.prompt == "a red fox at dusk"
    assert expansion.choices == (
        Choice("${light={dawn|dusk}}", 0, "dusk", 0, 0),
        Choice("{big|}", 23, "", 2, 2),
        Choice("{red|blue}", 30, "red", 2, 5),
    )
    with pytest.raises(IndexError):
        nth(planned, 8)
    with pytest.raises(IndexError):
        nth(planned, -1)


def test_the_place_of_a_choice_is_where_it_stands_in_the_prompt() -> None:
    for expansion in expand(plan("a {red|}, {big|} fox{, dawn|} {|x,}"), 100):
        for choice in expansion.choices:
            placed = expansion.prompt[choice.start : choice.end]
            assert choice.text.startswith(placed) or choice.text.endswith(placed)
            assert placed.strip(" ,") == choice.text.strip(" ,")


def test_evenly_spread_prompts_show_every_option_about_equally_often() -> None:
    six = sample(plan("{a|b|c} {w|x|y|z}"), 6)

    assert [expansion.prompt for expansion in six] == ["a w", "a z", "b w", "b x", "c x", "c y"]


@given(st.lists(st.integers(2, 9), min_size=1, max_size=5), st.integers(1, 80))
def test_an_even_sample_is_distinct_and_balanced_in_every_choice(sizes: list[int], n: int) -> None:
    planned = plan(" ".join(map(group, sizes)))
    numbers = even_numbers(planned, n)

    assert len(set(numbers)) == len(numbers) == min(n, planned.total)
    assert numbers == sorted(numbers)
    for position, size in enumerate(sizes):
        uses = Counter(planned.row.digits(number)[position] for number in numbers)
        assert max(uses.values()) - min(uses.get(digit, 0) for digit in range(size)) <= 1


def test_an_even_sample_of_a_long_choice_reaches_over_all_of_it() -> None:
    numbers = even_numbers(plan(group(1000)), 4)
    assert numbers == [0, 250, 500, 750]


def test_chance_repeats_itself_for_the_same_seed_only() -> None:
    def drawn(seed: int) -> list[int]:
        return [expansion.index for expansion in sample(trillion(), 5, How.RANDOM, seed=seed)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_chance_gives_different_prompts_while_there_are_any_and_then_goes_on() -> None:
    prompts = [expansion.prompt for expansion in sample(plan("{1000000::a|0.0001::b|c}{d|e}"), 9, How.RANDOM, seed=3)]

    assert len(prompts) == 9
    assert set(prompts[:6]) == {"ad", "ae", "bd", "be", "cd", "ce"}


def test_chance_fills_up_a_sample_that_weights_make_nearly_impossible() -> None:
    template = "{1000000::a|" + "|".join(f"0.000001::x{i}" for i in range(99)) + "}"
    assert len({expansion.index for expansion in sample(plan(template), 40, How.RANDOM, seed=1)}) == 40


@pytest.mark.parametrize(
    ("template", "wanted", "share"),
    [
        ("{3::a|b}", "a", 0.75),
        ("{0.5::a|0.25::b|0.25::c}", "a", 0.5),
        ("{a|{b|c}}", "a", 0.5),
        ("{a|a|b}", "a", 2 / 3),
        ("{2$$8::a|b|c}", "a,b", 0.4),
        ("{1-2$$a|b}", "a", 0.25),
        ("__w__", "a", 0.75),
        ("{2$$__w__}", "a,b", 0.75),
    ],
)
def test_chance_goes_by_weight(template: str, wanted: str, share: float) -> None:
    planned = plan(template, files(w="3::a\nb"))
    draws = [sample(planned, 1, How.RANDOM, seed=seed)[0].prompt for seed in range(3000)]

    assert draws.count(wanted) / 3000 == pytest.approx(share, abs=0.035)


def test_cyclical_moves_every_choice_one_option_on() -> None:
    prompts = [expansion.prompt for expansion in sample(plan("{a|b|c} {x|y}"), 7, How.CYCLICAL)]
    assert prompts == ["a x", "b y", "c x", "a y", "b x", "c y", "a x"]


MOST = 500
"""The reference keeps its lists shorter than this."""


class Reference:
    """A template built at random beside a list of its prompts written out the slow way."""

    def __init__(self, draw: st.DrawFn, words: list[str] | None) -> None:
        self.draw, self.words, self.used = draw, words, 0

    def word(self) -> tuple[str, list[str]]:
        self.used += 1
        word = self.draw(st.sampled_from(self.words)) if self.words else f"w{self.used}"
        return word, [word]

    def row(self, depth: int) -> tuple[str, list[str]]:
        parts = [self.part(depth) for _ in range(self.draw(st.integers(1, 2)))]
        if prod(len(results) for _, results in parts) > MOST:
            return self.word()
        results = [" ".join(pieces) for pieces in product(*(results for _, results in parts))]
        return " ".join(text for text, _ in parts), results

    def part(self, depth: int) -> tuple[str, list[str]]:
        kind = self.draw(st.sampled_from(["word", "group", "pick"])) if depth < 3 else "word"
        if kind == "word":
            return self.word()
        rows = [self.row(depth + 1) for _ in range(self.draw(st.integers(2, 3)))]
        options = "|".join(text for text, _ in rows)
        pairs = [(i, result) for i, (_, results) in enumerate(rows) for result in results]
        if kind == "group" or self.words or len(pairs) > 10:
            return f"{{{options}}}", [result for _, results in rows for result in results]
        low = self.draw(st.integers(1, 2))
        high = self.draw(st.integers(low, 3))
        taken = [
            " & ".join(result for _, result in picked)
            for k in range(min(low, len(rows)), min(high, len(rows)) + 1)
            for picked in permutations(pairs, k)
            if len({i for i, _ in picked}) == k
        ]
        return f"{{{low}-{high}$$ & $${options}}}", taken


@st.composite
def templates(draw: st.DrawFn, words: list[str] | None = None) -> tuple[str, list[str]]:
    return Reference(draw, words).row(0)


def collapsed(prompt: str) -> str:
    return " ".join(prompt.split())


@settings(deadline=None, max_examples=150)
@given(templates())
def test_counting_and_expanding_agree_with_writing_everything_out(example: tuple[str, list[str]]) -> None:
    template, results = example
    planned = plan(template)

    assert count(planned).total == len(results) == prod(planned.factors)
    assert [collapsed(expansion.prompt) for expansion in expand(planned, 10_000)] == list(map(collapsed, results))


@settings(deadline=None, max_examples=150)
@given(templates(words=["a", "b"]))
def test_equal_options_lose_no_prompt_and_a_small_choice_has_each_result_once(example: tuple[str, list[str]]) -> None:
    template, results = example
    planned = plan(template)

    prompts = [expansion.prompt for expansion in expand(planned, 10_000)]
    assert set(prompts) == set(results)
    if len(results) <= LISTED and len(planned.row.slots) <= 1:
        assert prompts == list(dict.fromkeys(results))


@settings(deadline=None, max_examples=100)
@given(templates(), st.integers(0, 2**32))
def test_chance_only_draws_numbers_that_exist(example: tuple[str, list[str]], seed: int) -> None:
    planned = plan(example[0])
    drawn = sample(planned, 8, How.RANDOM, seed=seed)

    assert all(0 <= expansion.index < planned.total for expansion in drawn)
    assert len({expansion.index for expansion in drawn}) == min(8, planned.total)
    assert all(nth(planned, expansion.index) == expansion for expansion in drawn)
