"""A workspace's prompts: read with its wildcard files, several templates at once if they are parted by `---`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from app.prompts.count import Count, count, shown
from app.prompts.expand import How, sample
from app.prompts.grammar import parse
from app.prompts.multi import split_prompts
from app.prompts.plan import Plan, plan
from app.prompts.wildcards import WildcardSet


def templates_of(workspace_id: uuid.UUID, text: str) -> list[tuple[str, Plan]]:
    """Each template of a text with its plan. Raises MacroError with line and column in the whole text."""
    wildcards = wildcards_of(workspace_id)
    return [(part.text, plan(parse(part.text, first_line=part.first_line), wildcards)) for part in split_prompts(text)]


def wildcards_of(workspace_id: uuid.UUID) -> WildcardSet:
    """The workspace's wildcard files, read."""
    return WildcardSet()


def sample_of(workspace_id: uuid.UUID, text: str, most: int) -> list[str]:
    """Some of the prompts a text makes, spread evenly over all of them."""
    templates = templates_of(workspace_id, text)
    each = max(1, most // max(1, len(templates)))
    return [expansion.prompt for _, macro in templates for expansion in sample(macro, each, How.EVEN)][:most]


def count_label(plans: Sequence[Plan]) -> str:
    """The sum under the prompt box: "3 × 2 = 6" for one template, "6 + 4 = 10" for several."""
    counts: list[Count] = [count(each) for each in plans]
    if len(counts) == 1:
        return counts[0].label
    return f"{' + '.join(shown(each.total) for each in counts)} = {shown(sum(each.total for each in counts))}"
