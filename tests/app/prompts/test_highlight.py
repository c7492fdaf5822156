from __future__ import annotations

import pytest

from app.prompts.highlight import highlight


def coloured(text: str) -> list[tuple[str, str]]:
    return [(text[token.start : token.end], token.kind) for token in highlight(text)]


RED_OR_BLUE = [("{", "brace"), ("red", "option"), ("|", "bar"), ("blue", "option"), ("}", "brace")]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a red fox", []),
        ('#ff0000 {"a": 1} [a|b] $5', []),
        ("a {red|blue} fox", RED_OR_BLUE),
        ("a {red|2::blue} fox", [*RED_OR_BLUE[:3], ("2::", "weight"), *RED_OR_BLUE[3:]]),
        ("{1-2$$ and $$red|blue}", [("{", "brace"), ("1-2$$ and $$", "separator"), *RED_OR_BLUE[1:]]),
        ("__birds__ x", [("__birds__", "wildcard")]),
        ("${x={red|blue}}", [("${x=", "variable"), *RED_OR_BLUE, ("}", "variable")]),
        (
            "${x} ${x:y}",
            [("${x", "variable"), ("}", "variable"), ("${x:", "variable"), ("y", "option"), ("}", "variable")],
        ),
        ("# note\nfox", [("# note\n", "comment")]),
        ("{a|b", [("{", "error")]),
        ("a ${x", [("${", "error")]),
        ("a ${x=b", [("${x=", "error")]),
        ("{[a|b]|c}", [("{", "brace"), ("[a|b]", "option"), ("|", "bar"), ("c", "option"), ("}", "brace")]),
        (r"{a\|b|c}", [("{", "brace"), (r"a\|b", "option"), ("|", "bar"), ("c", "option"), ("}", "brace")]),
        ("$${red|blue}", RED_OR_BLUE),
        ("{a| }", [("{", "brace"), ("a", "option"), ("|", "bar"), ("}", "brace")]),
    ],
)
def test_each_mark_has_its_colour(text: str, tokens: list[tuple[str, str]]) -> None:
    assert coloured(text) == tokens


def test_a_group_that_stands_too_deep_is_marked_as_an_error() -> None:
    assert coloured("{a|{b|{c|{d|{e|{f|g}}}}}}").count(("{", "error")) == 1
