"""The examples of docs/macros.md are run, so that the page cannot promise what the code does not do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.prompts.count import count
from app.prompts.expand import expand
from app.prompts.plan import check, plan
from app.prompts.wildcard_files import read_files

PAGE = (Path(__file__).parents[3] / "docs" / "macros.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```macro\n(.*?)\n=>\n(.*?)\n```", PAGE, re.DOTALL)
FILES = re.findall(r"```file (\S+)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("template", "results"), EXAMPLES)
def test_an_example_makes_exactly_the_prompts_the_page_shows(template: str, results: str) -> None:
    prompts = [result.replace("⏎", "\n") for result in results.split("\n")]
    planned = plan(template, read_files(FILES))

    assert [expansion.prompt for expansion in expand(planned, 100)] == prompts
    assert count(planned).total == len(prompts)


def test_every_fenced_example_of_the_page_is_run() -> None:
    assert len(EXAMPLES) == PAGE.count("```macro\n") >= 20
    assert len(FILES) == PAGE.count("```file ") == 2


def test_the_pages_wildcard_files_hold_together() -> None:
    check(read_files(FILES))
