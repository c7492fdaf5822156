from __future__ import annotations

import pytest

from app.prompts.grammar import ALL, Group, Option, Reference, Text, Wildcard, parse
from tests.app.prompts.reading import files, prompts, refusal

UNTOUCHED = [
    "",
    "a red fox",
    "#ff0000 sky",
    "#fff",
    "sky of #ff0000, $5, 50% off",
    "a # in the middle",
    "a__b",
    "snake__case__name",
    "x__name__ and __name__x",
    "__ two words __",
    "fill in: ____ or ________",
    '{"a": 1}',
    '{"size": {"w": 64, "tags": ["x", "y"]}}',
    '[{"a": 1}, {"b": {"c": 2}}]',
    "{just text}",
    "{}",
    "{{}}",
    "{{7*7}} ${7*7}",
    "${}",
    "smile :} and frown :{",
    "a | b",
    "(word:1.3)",
    "((word))",
    "[a:b:0.5]",
    "[a|b]",
    "[cat|dog|{x}]",
    "<lora:x:0.8>",
    "2::a",
    "2$$a",
    "C:\\path\\name",
    "\\(escaped for another tool\\)",
    "one\ntwo\n\nthree",
    "  blanks   stay  ",
    "double,, commas, ,",
    "日本 — ü 🦊",
]


@pytest.mark.parametrize("prose", UNTOUCHED)
def test_prose_passes_as_typed(prose: str) -> None:
    assert prompts(prose) == [prose]


NOT_AN_OPTION = {"", "a | b", "smile :} and frown :{", "2$$a", "2::a"}  # mean something in a group


@pytest.mark.parametrize("prose", [prose for prose in UNTOUCHED if prose not in NOT_AN_OPTION])
def test_prose_passes_as_typed_inside_an_option(prose: str) -> None:
    assert prompts(f"{{{prose}|other}}") == [prose.strip(), "other"]


@pytest.mark.parametrize(
    "option", ["[a|b]", "[a|b|c]:1", "[[a|b]|c]", "(w:1.3)", "[a:b:0.5]", "<lora:x:0.8>", '{"a": 1}', "{x}"]
)
def test_the_notations_of_other_tools_pass_inside_options(option: str) -> None:
    assert prompts(f"{{{option}|z}}") == [option, "z"]


def test_macros_work_inside_prose_braces_and_brackets() -> None:
    assert prompts('{"colour": "{red|blue}"}') == ['{"colour": "red"}', '{"colour": "blue"}']
    assert prompts("[{cat|dog}:wolf:0.5]") == ["[cat:wolf:0.5]", "[dog:wolf:0.5]"]
    assert prompts("{{a|b}}") == ["{a}", "{b}"]


def test_a_bracket_that_is_never_closed_keeps_no_bars() -> None:
    assert prompts("{[a|b}") == ["[a", "b"]


def test_a_dollar_before_a_group_is_a_dollar() -> None:
    assert prompts("costs ${5|10}") == ["costs $5", "costs $10"]
    assert prompts("costs $$${5|10}") == ["costs $$$5", "costs $$$10"]


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        (r"\{a\|b\}", "{a|b}"),
        (r"\{a|b\}", "{a|b}"),
        (r"\__name__", "__name__"),
        (r"\_\_name\_\_", "__name__"),
        (r"\${x}", "${x}"),
        ("\\# not a comment", "# not a comment"),
        (r"a\b \n \(", r"a\b \n \("),
    ],
)
def test_a_backslash_makes_a_mark_literal(template: str, prompt: str) -> None:
    assert prompts(template) == [prompt]


def test_escapes_work_inside_options_and_separators() -> None:
    assert prompts(r"{a\|b|c\}}") == ["a|b", "c}"]
    assert prompts(r"{2$$ \| $$a|b}") == ["a | b", "b | a"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("# note\na fox", ["a fox"]),
        ("#note\na fox", ["a fox"]),
        ("#\na fox", ["a fox"]),
        ("## note\na fox", ["a fox"]),
        ("  # indented\na fox", ["a fox"]),
        ("a fox\n# note", ["a fox"]),
        ("a fox\n# one\n# two", ["a fox"]),
        ("a fox\n# one\n", ["a fox\n"]),
        ("a\n# {x|y\nb", ["a\nb"]),
        ("# only a note", [""]),
        (
            "#ff0000\n#abc4 sky\n#12345678 sea\n#12345 note\n#ff000g note\nend",
            ["#ff0000\n#abc4 sky\n#12345678 sea\nend"],
        ),
        ("{red\n# |green\n|blue}", ["red", "blue"]),
        ("# {cat|dog}\r\na {b|c}\r\n", ["a b\n", "a c\n"]),
    ],
)
def test_a_line_that_starts_with_a_hash_is_left_out_unless_it_is_a_colour(template: str, expected: list[str]) -> None:
    assert prompts(template) == expected


@pytest.mark.parametrize(
    ("template", "code", "line", "column"),
    [
        ("{a|b", "unclosed_group", 1, 1),
        ("a fox, {red|blue and more", "unclosed_group", 1, 8),
        ("one\ntwo {a|{b|c}", "unclosed_group", 2, 5),
        ("{x {a|b", "unclosed_group", 1, 4),
        ("{2$$a", "unclosed_group", 1, 1),
        ("{a|b} {c|", "unclosed_group", 1, 7),
        ("# note {\n{a|", "unclosed_group", 2, 1),
        ("🦊 {a|", "unclosed_group", 1, 3),
        ("a ${x", "unclosed_variable", 1, 3),
        ("a ${x={a|b}", "unclosed_variable", 1, 3),
        ("a ${", "unclosed_variable", 1, 3),
        ("a\n\n ${x:y", "unclosed_variable", 3, 2),
        ("{a|{b|{c|{d|{e|{f|g}}}}}}", "too_deep", 1, 16),
        ("{a|${x={b|{c|{d|{e|f}}}}}}", "too_deep", 1, 17),
        ("{1000001::a|b}", "bad_weight", 1, 2),
        ("{a|" + "9" * 400 + "::b}", "bad_weight", 1, 4),
        ("a {0::a|0::b}", "bad_weight", 1, 3),
        ("a __x(y)__", "bad_arguments", 1, 3),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_column(template: str, code: str, line: int, column: int) -> None:
    error = refusal(template)

    assert (error.code, error.line, error.column) == (code, line, column)
    assert error.status == 422
    assert error.message == f"Line {line}, column {column}: {error.sentence}"
    assert error.fields == {"prompt": error.message}


def test_groups_may_stand_five_deep() -> None:
    assert prompts("{a|{b|{c|{d|{e|f}}}}}") == ["a", "b", "c", "d", "e", "f"]


def test_prose_braces_may_stand_in_each_other_without_limit() -> None:
    prose = '{"a":' * 300 + "1" + "}" * 300
    assert prompts(prose) == [prose]


def test_options_are_trimmed_and_may_be_empty() -> None:
    assert parse("{ a b |\n c\t||}").body == (
        Group((Option(1, (Text("a b"),)), Option(1, (Text("c"),)), Option(1, ()), Option(1, ())), 1, 1, ",", 0, 15),
    )


@pytest.mark.parametrize(
    ("header", "low", "high", "separator"),
    [
        ("2$$", 2, 2, ","),
        ("1-2$$", 1, 2, ","),
        ("-2$$", 1, 2, ","),
        ("2-$$", 2, ALL, ","),
        ("0-1$$", 0, 1, ","),
        ("3-1$$", 1, 3, ","),
        (" 2$$", 2, 2, ","),
        ("1-2$$ and $$", 1, 2, " and "),
        ("2$$\n$$", 2, 2, "\n"),
        ("2$$$$", 2, 2, ""),
        ("2$$, $$", 2, 2, ", "),
        ("2$$2::$$", 2, 2, "2::"),
        ("99999999999999999999$$", ALL, ALL, ","),
    ],
)
def test_a_header_says_how_many_and_what_stands_between(header: str, low: int, high: int, separator: str) -> None:
    (group,) = parse(f"{{{header}a|b}}").body

    assert isinstance(group, Group)
    assert (group.low, group.high, group.separator) == (low, high, separator)
    assert [option.body for option in group.options] == [(Text("a"),), (Text("b"),)]


def test_a_header_does_not_start_a_variable_with_the_group_after_it() -> None:
    assert prompts("{2$${a|b}|c}") == ["a,c", "b,c", "c,a", "c,b"]


@pytest.mark.parametrize(
    ("option", "weight", "text"),
    [
        ("2::a", 2, "a"),
        ("0.5::a", 0.5, "a"),
        (".5::a", 0.5, "a"),
        (" 3:: a ", 3, "a"),
        ("a", 1, "a"),
        ("std::a", 1, "std::a"),
    ],
)
def test_an_option_may_start_with_its_weight(option: str, weight: float, text: str) -> None:
    (group,) = parse(f"{{{option}|z}}").body

    assert isinstance(group, Group)
    assert group.options[0] == Option(weight, (Text(text),))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("__birds__", "birds"),
        ("__animals/birds__", "animals/birds"),
        ("__with-name.2__", "with-name.2"),
        ("__snake_case__", "snake_case"),
        ("__animals/*__", "animals/*"),
        ("__**/x__", "**/x"),
        ("__*__", "*"),
    ],
)
def test_a_name_between_double_underscores_is_a_wildcard(typed: str, name: str) -> None:
    assert parse(f"({typed}), x").body[1] == Wildcard(name, (), 0, 0)


def test_variables_are_read_with_blanks_around_their_names() -> None:
    assert parse("${ x }").body == (Reference("x", None, 0, 0),)
    assert prompts("${ x = {a|b} }${x}") == ["a", "b"]
    assert prompts("${x=!{a|b}}${x}${x}") == ["aa", "bb"]
    assert prompts("${x=a|b}${x}") == ["a", "b"]
    assert prompts("${größe:groß}") == ["groß"]


def test_positions_follow_the_place_the_text_was_pasted_from() -> None:
    error = refusal("a\n __x__")
    assert (error.line, error.column) == (2, 2)
    assert parse("ab\ncd", first_line=7, first_column=5).position(1) == (7, 6)
    assert parse("ab\ncd", first_line=7, first_column=5).position(3) == (8, 1)


def test_two_ways_to_write_the_same_option_are_one() -> None:
    assert prompts(r"{\$x|$x| $x }") == ["$x"]
    assert prompts("{__b__|__b__}", files(b="owl")) == ["owl"]
