from __future__ import annotations

import pytest

from scripts.lint_templates import findings


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ('<button type="button" onclick="go()">Go</button>', "handler"),
        ('<div hx-on:click="go()"></div>', "handler"),
        ('<p style="color: red">', "style"),
        ("<style>p { color: red }</style>", "style"),
        ("<script>go()</script>", "script"),
        ('<script type="module">go()</script>', "script"),
        ('<a href="javascript:go()">Go</a>', "javascript:"),
        ('<link rel="stylesheet" href="//elsewhere/x.css">', "another host"),
        ("{{ prompt|safe }}", "unescaped"),
        ("{% autoescape false %}", "escaping"),
        ('<a href="/x" target="_blank">x</a>', "noopener"),
        ('<img src="/x.png">', "alt"),
        ("<button>Go</button>", "type"),
        ('<input tabindex="2">', "tabindex"),
        ('<form method="post"><input name="x"></form>', "CSRF"),
        ('<form hx-post="/x"><input name="x"></form>', "CSRF"),
        # The comparison is not the tag's end, so the handler after it is still seen.
        ('<p {% if a > b %}class="x"{% endif %} onclick="go()">', "handler"),
    ],
)
def test_what_pages_promise_not_to_contain_is_found_with_its_line(template: str, word: str) -> None:
    found = list(findings(f"<main>\n{template}\n</main>"))
    assert [line for line, _ in found] == [2]
    assert word in found[0][1]


@pytest.mark.parametrize(
    "template",
    [
        '<script src="/static/js/main.js" type="module"></script>',
        '<script type="application/json" id="state">{{ state|tojson }}</script>',
        '<a href="https://elsewhere/" target="_blank" rel="noopener noreferrer">x</a>',
        '<img src="/x.png" alt="">',
        '<form method="post">{{ form.csrf_token }}</form>',
        '<form method="get"><input name="q"></form>',
        "{# <script>only told about</script> #}",
        '<p data-once="x" class="stylesheet">a{% if 1 < 2 %}b{% endif %}</p>',
    ],
)
def test_ordinary_markup_passes(template: str) -> None:
    assert list(findings(template)) == []
