"""What groups, variables and wildcards mean together: tables of template -> prompts."""

from __future__ import annotations

import pytest

from app.prompts.count import count
from app.prompts.plan import check, plan
from app.prompts.wildcard_files import read_files
from tests.app.prompts.reading import files, notices, prompts, refusal

TABLE = [
    # options, right-most fastest, inner ones in their place
    ("{a|b}{c|d}", ["ac", "ad", "bc", "bd"]),
    ("{a|b {c|d} {e|f}|g}", ["a", "b c e", "b c f", "b d e", "b d f", "g"]),
    # equal options count once
    ("{a|a}", ["a"]),
    ("{a|b|a}", ["a", "b"]),
    ("{2::a|a|b}", ["a", "b"]),
    ("{a|{a|b}}", ["a", "b"]),
    ("{ax|{a|b}x}", ["ax", "bx"]),
    ("{0::a|b|c}", ["b", "c"]),
    # picks
    ("{2$$a|b|c}", ["a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]),
    ("{1$$a|b}", ["a", "b"]),
    ("{0$$a|b}", [""]),
    ("{0-1$$a|b}", ["", "a", "b"]),
    ("{1-2$$ and $$a|b|c}", ["a", "b", "c", "a and b", "a and c", "b and a", "b and c", "c and a", "c and b"]),
    ("{-2$$a|b}", ["a", "b", "a,b", "b,a"]),
    ("{2-$$a|b}", ["a,b", "b,a"]),
    ("{9$$a|b}", ["a,b", "b,a"]),
    ("{2$$a|a|b}", ["a,b", "b,a"]),
    ("{2$$a|a}", ["a"]),
    ("{2$$a}", ["a"]),
    ("{2$$$$a|b}", ["ab", "ba"]),
    ("{2$$a|{b|c}}", ["a,b", "a,c", "b,a", "c,a"]),
    ("{2$$ $$a|{b|c}|{d|e}}",
     ["a b", "a c", "a d", "a e", "b a", "b d", "b e", "c a", "c d", "c e", "d a", "d b", "d c", "e a", "e b", "e c"]),
    ("{2$${a|b|c}}", ["a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]),
    ("{2$$, $$a|b|}", ["a", "b", "a, b", "b, a"]),
    ("{1-2$$a|b|a,b}", ["a", "b", "a,b", "a,a,b", "b,a", "b,a,b", "a,b,a", "a,b,b"]),
    ("x {2$$|} y", ["x y"]),
    # variables
    ("${x={a|b}}${x}{c|d}${x}", ["aca", "ada", "bcb", "bdb"]),
    ("${x={a|b}} a ${x}", ["a a", "a b"]),
    ("${x=a}${y=${x}{1|2}}${x=z}${y}${x}", ["a1z", "a2z"]),
    ("${x:y}", ["y"]),
    ("${x:{a|b}}", ["a", "b"]),
    ("${x:}", [""]),
    ("${x=a}${x:b}", ["a"]),
    ("{${x={a|b}}${x}${x}|c}${x:d}", ["aad", "bbd", "cd"]),
    ("${x={a|b}}{c|${x}d}", ["c", "ad", "c", "bd"]),
    ("${x={a|b}} fox", ["fox"]),
    ("${x=2$$a|b}${x}", ["a,b", "b,a"]),
    ("a ${x} b", ["a ${x} b"]),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), TABLE)
def test_a_template_makes_these_prompts_in_this_order(template: str, expected: list[str]) -> None:
    assert prompts(template) == expected
    assert count(plan(template)).total == len(expected)


WILDCARDS = read_files(
    [
        ("birds.txt", "owl\n2::heron\n{red|black} kite"),
        ("animals/cats.txt", "lion\nlynx"),
        ("animals/dogs.txt", "wolf\nlion"),
        ("far/away/cats.txt", "manul"),
        ("all.txt", "a __birds__\n__animals/cats__"),
        ("coat.txt", "a ${colour:grey} coat\nnothing"),
        ("odd.txt", "#fff thing\n{just text}\n5::$5"),
    ]
)
WITH_WILDCARDS = [
    ("__birds__", ["owl", "heron", "red kite", "black kite"]),
    ("{x|__animals/cats__}", ["x", "lion", "lynx"]),
    ("{lion|__animals/cats__}", ["lion", "lynx"]),
    ("__animals/*__", ["lion", "lynx", "wolf"]),
    ("__**/cats__", ["lion", "lynx", "manul"]),
    ("__far/**__", ["manul"]),
    ("__*/cats__", ["lion", "lynx"]),
    ("__b*s__", ["owl", "heron", "red kite", "black kite"]),
    ("__all__", ["a owl", "a heron", "a red kite", "a black kite", "lion", "lynx"]),
    ("{2$$__animals/cats__}", ["lion,lynx", "lynx,lion"]),
    ("{2$$ $$__animals/cats__|x}", ["lion x", "lynx x", "x lion", "x lynx"]),
    ("__coat__", ["a grey coat", "nothing"]),
    ("${colour=red}__coat__", ["a red coat", "nothing"]),
    ("__coat(colour=red)__ __coat(colour=blue)__",
     ["a red coat a blue coat", "a red coat nothing", "nothing a blue coat", "nothing nothing"]),
    ("${colour={a|b}}{x|__coat__}", ["x", "a a coat", "nothing", "x", "a b coat", "nothing"]),
    ("__odd__", ["#fff thing", "{just text}", "$5"]),
    ("${x=__animals/cats__}${x}${x}", ["lionlion", "lynxlynx"]),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expected"), WITH_WILDCARDS)
def test_a_wildcard_stands_for_its_entries(template: str, expected: list[str]) -> None:
    assert prompts(template, WILDCARDS) == expected
    assert count(plan(template, WILDCARDS)).total == len(expected)


def test_a_wildcard_that_depends_on_a_variable_is_not_remembered_from_one_prompt_to_the_next() -> None:
    wildcards = files(coat="a ${colour:grey} coat")

    assert prompts("__coat__", wildcards) == ["a grey coat"]
    assert prompts("${colour={red|blue}}__coat__", wildcards) == ["a red coat", "a blue coat"]
    assert prompts("__coat__", wildcards) == ["a grey coat"]


def test_picking_from_a_wildcard_takes_entries_whether_it_is_small_or_large() -> None:
    small = files(w="a\n{b|c}")
    large = files(w="a\n{b|c}\n" + "\n".join(f"e{i}" for i in range(60)))

    assert "b,c" not in prompts("{2$$__w__}", small)
    assert "b,c" not in prompts("{2$$__w__}", large)
    assert plan("{2$$__w__}", large).total == 61 * 60 + 2 * 2 * 61


@pytest.mark.parametrize(
    ("template", "line", "column", "hint"),
    [
        ("a __bird__", 1, 3, "did you mean birds?"),
        ("x\n {a|__cats__}", 2, 5, "did you mean animals/cats"),
        ("__zzz__", 1, 1, "add it, or write \\__"),
        ("__zzz*__", 1, 1, "add it, or write \\__"),
    ],
)
def test_a_missing_wildcard_is_refused_where_it_stands_with_the_nearest_name(
    template: str, line: int, column: int, hint: str
) -> None:
    error = refusal(template, WILDCARDS)

    assert (error.code, error.line, error.column) == ("missing_wildcard", line, column)
    assert hint in error.sentence


def test_without_any_wildcards_a_name_between_underscores_is_still_refused() -> None:
    assert "no wildcard called init" in refusal("__init__").sentence


def test_a_missing_wildcard_inside_a_file_is_refused_with_the_place_in_that_file() -> None:
    error = refusal("__a__", files(a="# note\n\n  fine\n  ok __b__"))

    assert (error.code, error.path, error.line, error.column) == ("missing_wildcard", "a.txt", 4, 6)
    assert error.message.startswith("a.txt, line 4, column 6: ")
    assert error.fields == {"wildcards": error.message}


@pytest.mark.parametrize(
    ("texts", "path", "line", "column", "circle"),
    [
        ({"a": "x\n__a__"}, "a.txt", 2, 1, "a → a"),
        ({"a": "__b__", "b": "x __a__"}, "b.txt", 1, 3, "a → b → a"),
        ({"a": "{x|y __b__}", "b": "z\n${v=__c__}${v}", "c": "__a__"}, "c.txt", 1, 1, "a → b → c → a"),
        ({"a": "__*__"}, "a.txt", 1, 1, "a → a"),
    ],
)
def test_wildcards_in_a_circle_are_refused_with_line_and_column(
    texts: dict[str, str], path: str, line: int, column: int, circle: str
) -> None:
    error = refusal("__a__", files(**texts))

    assert (error.code, error.path, error.line, error.column) == ("cyclic_wildcard", path, line, column)
    assert circle in error.sentence


def test_a_wildcard_reached_twice_without_a_circle_is_fine() -> None:
    assert prompts("__a__", files(a="__b__ __b__\n__c__", b="x\n__c__", c="y")) == ["x x", "x y", "y x", "y y", "y"]


def test_a_check_finds_a_mistake_in_a_file_that_no_prompt_names() -> None:
    check(files(a="x\n__b__", b="{y|z}"))
    for texts, code in (
        ({"a": "ok", "b": "{x|"}, "unclosed_group"),
        ({"b": "__c__"}, "missing_wildcard"),
        ({"b": "__b__"}, "cyclic_wildcard"),
        ({"b": "x", "c": "__d__", "d": "__c__"}, "cyclic_wildcard"),
    ):
        with pytest.raises(Exception, match=r"\.txt, line 1") as caught:
            check(files(**texts))
        assert caught.value.code == code  # type: ignore[attr-defined]  # pytest keeps the class of the match loose


def test_an_empty_wildcard_is_refused_where_it_is_used() -> None:
    assert refusal("a __e__", files(e="# nothing yet\n")).code == "empty_wildcard"


def test_a_long_chain_of_wildcards_is_refused_before_it_exhausts_the_machine() -> None:
    chain = {f"w{i}": f"__w{i + 1}__ __w{i + 1}__" for i in range(400)}

    assert refusal("__w0__", files(**chain, w400="x")).code == "too_deep"


def test_prompts_that_double_with_every_step_are_refused() -> None:
    assert refusal("${a=fox}" + "${a=${a}${a}}" * 60 + "${a}").code == "too_long"
    laughs = {f"w{i}": f"__w{i + 1}__ " * 60 for i in range(5)}
    assert refusal("__w0__", files(**laughs, w5="ha")).code == "too_long"


def test_picking_very_many_at_once_is_refused() -> None:
    options = "|".join(map(str, range(60)))

    assert refusal(f"{{51$${options}}}").code == "too_many_picks"
    assert plan(f"{{50$${options}}}").total > 10**70
    inner = "{40$$" + options + "}"
    pairs = "|".join(f"{i}{inner}" for i in range(40))
    assert refusal(f"{{40$${pairs}}}").code == "too_many_combinations"


def test_patterns_are_limited_because_each_is_compared_with_every_name() -> None:
    assert refusal(" ".join(f"__{'*' * i}b*__" for i in range(60)), WILDCARDS).code == "too_many_wildcards"


def test_what_works_but_may_not_be_meant_is_noted_with_its_place() -> None:
    planned = plan("a ${x}\n${y=b} {3$$c|d}")

    assert [(notice.line, notice.column) for notice in planned.notices] == [(1, 3), (2, 1), (2, 8)]
    assert notices(planned) == [
        "${x} is not set, so it is sent as typed; set it with ${x=...}.",
        "${y} is set here and not used afterwards.",
        "This takes 3 of 2 different options, so all of them.",
    ]
    assert notices(plan("${x={a|b}} ${x} {2$$a|b}")) == []


def test_a_variable_used_only_by_a_wildcard_is_used() -> None:
    assert notices(plan("${colour=red} __all__", files(all="__coat__", coat="a ${colour} coat"))) == []
