from __future__ import annotations

import pytest

from app.prompts.errors import MacroError
from app.prompts.plan import plan
from app.prompts.wildcard_files import MAX_FILE_BYTES, MAX_FILES, read_files
from app.prompts.wildcards import MAX_ENTRIES, MAX_NAMES, WildcardSet
from tests.app.prompts.reading import prompts


def entries(wildcards: WildcardSet, name: str) -> list[tuple[str, int, int]]:
    (wildcard,) = wildcards.matching(name)
    return [(entry.text, entry.line, entry.column) for entry in wildcard.entries]


def refused(path: str, text: str) -> MacroError:
    with pytest.raises(MacroError) as caught:
        read_files([(path, text)])
    assert caught.value.path == path
    return caught.value


def test_a_text_file_has_an_entry_a_line_without_blanks_and_comments() -> None:
    text = "\ufeff# birds\nowl\r\n\r\n  barn owl  \n#fff dove\n#note\n{a|\n"
    assert entries(read_files([("animals/birds.txt", text)]), "animals/birds") == [
        ("owl", 2, 1),
        ("barn owl", 4, 3),
        ("#fff dove", 5, 1),
        ("{a|", 7, 1),
    ]


def test_a_yaml_file_has_a_list_or_lists_under_keys() -> None:
    assert entries(read_files([("birds.yml", "- owl\n- 2::heron\n")]), "birds") == [("owl", 1, 3), ("2::heron", 2, 3)]
    text = (
        "winter:\n  coats: [parka, 'a \"b\"']\n  hats:\n    - |\n      # two lines\n      bobble\n      hat\n"
        "  one: cap\n  none:\n"
    )
    wildcards = read_files([("clothes.yaml", text)])
    assert wildcards.names == ["clothes/winter/coats", "clothes/winter/hats", "clothes/winter/one"]
    assert entries(wildcards, "clothes/winter/coats") == [("parka", 2, 11), ('a "b"', 2, 19)]
    assert entries(wildcards, "clothes/winter/one") == [("cap", 8, 8)]
    assert prompts("__clothes/winter/hats__", wildcards) == ["bobble\nhat"]


def test_what_yaml_would_take_for_numbers_dates_and_booleans_stays_text() -> None:
    wildcards = read_files([("x.yaml", "- 1.50\n- yes\n- 2001-01-01\n- 'null'\n- ~\n- null\n-\n- 0x1F\n")])
    assert prompts("__x__", wildcards) == ["1.50", "yes", "2001-01-01", "null", "0x1F"]


def test_keys_alone_name_a_list_while_no_file_has_that_name() -> None:
    looks = ("looks.yaml", "light: [dawn, dusk]\n")
    assert prompts("__light__", read_files([looks])) == ["dawn", "dusk"]
    assert prompts("__light__", read_files([looks, ("light.txt", "noon")])) == ["noon"]
    assert prompts("__looks/light__", read_files([looks, ("light.txt", "noon")])) == ["dawn", "dusk"]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: [x, y\nb: 1", "bad_yaml", 2, 2),
        ("a:\n\t- x", "bad_yaml", 2, 1),
        ("- 'open", "bad_yaml", 1, 8),
        ("- ok\n- a: b", "bad_yaml", 2, 3),
        ("- ok\n- [x]", "bad_yaml", 2, 3),
        ("just words", "bad_yaml", 1, 1),
        ("a: &x [lol]\nb: *x", "bad_yaml", 2, 4),
        ("a: !!python/object/apply:os.system ['true']", "bad_yaml", 1, 4),
        ("- !!binary aGk=", "bad_yaml", 1, 3),
        ("- a\n---\n- b", "bad_yaml", 2, 1),
        ("? [x]\n: [y]", "bad_yaml", 1, 3),
        ("a:\n b:\n  c:\n   d:\n    e:\n     f:\n      g: [x]", "bad_yaml", 7, 7),
        ("a: [x]\na: [y]", "duplicate_wildcard", 2, 4),
        ("two words: [x]", "bad_name", 1, 1),
        ("../up: [x]", "bad_name", 1, 1),
        ("- " + "x" * 4001, "too_long", 1, 3),
        ("- \x07", "bad_yaml", 1, 1),
        ("- ok\n- \x00", "bad_yaml", 2, 1),
    ],
)
def test_yaml_that_is_not_lists_of_texts_is_refused_with_line_and_column(
    text: str, code: str, line: int, column: int
) -> None:
    error = refused("x.yaml", text)
    assert (error.code, error.line) == (code, line), error.message
    assert abs(error.column - column) <= 1, error.message  # the C parser and Python's differ by one in places


def test_a_file_of_nothing_but_brackets_is_refused_without_exhausting_the_stack() -> None:
    assert refused("x.yaml", "[" * 100_000).code == "bad_yaml"
    assert refused("x.yaml", "{a: " * 100_000).code == "bad_yaml"


def test_an_alias_bomb_is_refused_at_its_first_alias() -> None:
    lines = ["a0: &a0 [lol]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 20))]
    error = refused("bomb.yaml", "\n".join(lines))
    assert (error.code, error.line, error.column) == ("bad_yaml", 2, 10)


@pytest.mark.parametrize(
    "path",
    [
        "birds",
        "birds.csv",
        "../birds.txt",
        "/etc/birds.txt",
        "a//b.txt",
        "a\\b.txt",
        "my birds.txt",
        "__x__.txt",
        ".txt",
        *("*.txt", "a/.hidden.txt", "vögel.txt", "a\n.txt", "x" * 70 + ".txt", "a/" * 9 + "b.txt"),
    ],
)
def test_a_file_whose_name_could_not_be_written_in_a_prompt_is_refused(path: str) -> None:
    assert refused(path, "x").code == "bad_name"


def test_limits_are_held_at_the_limit_and_one_past_it() -> None:
    line = "x" * 63 + "\n"
    full = line * (MAX_FILE_BYTES // 64)
    assert len(read_files([("x.txt", full)])) == 1
    assert refused("x.txt", full + "x").code == "too_large"
    assert refused("x.txt", "ü" * (MAX_FILE_BYTES // 2 + 1)).code == "too_large"

    half = "\n".join(["x"] * (MAX_ENTRIES // 2))
    assert len(read_files([("a.txt", half), ("b.txt", half)])) == 2
    with pytest.raises(MacroError, match="entries"):
        read_files([("a.txt", half), ("b.txt", half), ("c.txt", "x")])

    assert len(read_files([(f"f{i}.txt", "x") for i in range(MAX_FILES)])) == MAX_FILES
    with pytest.raises(MacroError, match="files"):
        read_files([(f"f{i}.txt", "x") for i in range(MAX_FILES + 1)])

    keys = [f"k{i}: [x]" for i in range(MAX_NAMES)]
    assert len(read_files([("x.yaml", "\n".join(keys))])) == MAX_NAMES
    with pytest.raises(MacroError, match="wildcards"):
        read_files([("x.yaml", "\n".join([*keys, "more: [x]"]))])


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(MacroError, match=r"x\.yaml.*already taken by x\.txt"):
        read_files([("x.txt", "a"), ("x.yaml", "- b")])
    with pytest.raises(MacroError, match="already taken"):
        read_files([("x/y.txt", "a"), ("x.yaml", "y: [b]")])


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("a/b", ["a/b"]),
        ("a/*", ["a/b", "a/bc"]),
        ("*", ["b", "c"]),
        ("**", ["a/b", "a/bc", "a/x/b", "b", "c", "y/b"]),
        ("**/b", ["a/b", "a/x/b", "b", "y/b"]),
        ("a/**/b", ["a/b", "a/x/b"]),
        ("a/**", ["a/b", "a/bc", "a/x/b"]),
        ("*/b", ["a/b", "y/b"]),
        ("**/x/**", ["a/x/b"]),
        ("a/b*", ["a/b", "a/bc"]),
        ("a/*c", ["a/bc"]),
        ("a/b*c", ["a/bc"]),
        ("a/b*b*c", []),
        ("*/*/*", ["a/x/b"]),
        ("nothing/*", []),
    ],
)
def test_a_pattern_matches_within_folders_and_two_stars_across_them(pattern: str, names: list[str]) -> None:
    wildcards = read_files([(f"{name}.txt", "x") for name in ("c", "b", "a/b", "a/bc", "a/x/b", "y/b")])
    assert [wildcard.name for wildcard in wildcards.matching(pattern)] == names


def test_the_place_of_a_mistake_in_a_yaml_entry_is_the_place_in_the_file() -> None:
    wildcards = read_files([("x.yaml", "k:\n  - fine\n  - a {b|c\n  - |\n    {ok|good}\n    {bad|")])
    with pytest.raises(MacroError) as caught:
        plan("__x/k__", wildcards)
    assert (caught.value.path, caught.value.line, caught.value.column) == ("x.yaml", 3, 7)
