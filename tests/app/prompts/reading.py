"""Short ways to ask the macro language something in tests."""

from __future__ import annotations

import pytest

from app.prompts.errors import MacroError
from app.prompts.expand import expand
from app.prompts.plan import NO_WILDCARDS, Plan, plan
from app.prompts.wildcard_files import read_files
from app.prompts.wildcards import WildcardSet


def prompts(template: str, wildcards: WildcardSet = NO_WILDCARDS) -> list[str]:
    return [expansion.prompt for expansion in expand(plan(template, wildcards), 10_000)]


def refusal(template: str, wildcards: WildcardSet = NO_WILDCARDS) -> MacroError:
    with pytest.raises(MacroError) as caught:
        plan(template, wildcards)
    return caught.value


def files(**texts: str) -> WildcardSet:
    """files(birds="owl\\nheron") is one file, birds.txt; an underscore pair in a name is a folder."""
    return read_files([(f"{name.replace('__', '/')}.txt", text) for name, text in texts.items()])


def notices(planned: Plan) -> list[str]:
    return [notice.sentence for notice in planned.notices]
