"""Refuse what the pages promise not to contain: inline script and style, unescaped text, forms without a token.

The content security policy would block most of it in the browser; this says so before, with file and line.
Usage: scripts/lint_templates.py [FOLDER]  (default: templates)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Comments are blanked first, line breaks kept, so that prose about a rule does not break it.
COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)
POST = re.compile(r"<form\b[^>]*(\bmethod=[\"']?post\b|\bhx-(post|put|patch|delete)=)", re.IGNORECASE)
TOKEN = re.compile(r"csrf_token|hidden_tag\(|\bcsrf\(", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern[str]
    remedy: str


def _rule(pattern: str, remedy: str) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE | re.DOTALL), remedy)


# Attributes are looked for inside tags; `[^<>]*` may not run over the tag's end.
RULES = (
    _rule(r"<[a-z][^<>]*\son[a-z]+\s*=", "inline handler: bind it in a module under static/js/"),
    _rule(r"<[a-z][^<>]*\shx-on[:=-]", "inline handler: bind it in a module under static/js/"),
    _rule(r"<[a-z][^<>]*\sstyle\s*=", "inline style: give it a class"),
    _rule(r"<style\b", "inline style: put it into static/css/"),
    _rule(r"<script\b(?![^<>]*\s(src=|type=[\"']application/json[\"']))", "inline script: put it into static/js/"),
    _rule(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", "javascript: address: use a button and a module"),
    _rule(r"<(script|link|img|source|iframe|video)\b[^<>]*\s(src|href)\s*=\s*[\"'](https?:)?//", "another host"),
    _rule(r"\|\s*safe\b", "unescaped text: pass Markup from code that made it, or escape"),
    _rule(r"\{%-?\s*autoescape\s+false", "escaping switched off"),
    _rule(r"<a\b(?=[^<>]*\starget=[\"']?_blank)(?![^<>]*\srel=[\"'][^\"']*noopener)", 'add rel="noopener"'),
    _rule(r"<img\b(?![^<>]*\salt\s*=)", 'picture without alt (alt="" when it only decorates)'),
    _rule(r"<button\b(?![^<>]*\stype\s*=)", "button without type"),
    _rule(r"tabindex=[\"']?[1-9]", "positive tabindex breaks the order of the page"),
)


def findings(text: str) -> Iterator[tuple[int, str]]:
    """(line number from 1, what to do) for each broken rule in one template's text."""
    text = COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    # A comparison inside a tag would look like the tag's end.
    text = JINJA.sub(lambda found: re.sub(r"[<>]", "~", found[0]), text)
    for rule in RULES:
        for found in rule.pattern.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, rule.remedy
    for found in FORM.finditer(text):
        if POST.match(found[0]) and not TOKEN.search(found[0]):
            yield text.count("\n", 0, found.start()) + 1, "form that changes something without a CSRF token"


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else ROOT / "templates"
    count = 0
    for path in sorted(folder.rglob("*.html")):
        for line, remedy in sorted(findings(path.read_text(encoding="utf-8"))):
            print(f"{path.relative_to(folder.parent)}:{line}: {remedy}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
