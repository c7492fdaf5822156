"""All templates of one text, parted by lines of `---`: read, sampled and counted together."""

from __future__ import annotations

from collections.abc import Sequence

from app.prompts.count import Count, count, shown
from app.prompts.expand import How, sample
from app.prompts.grammar import parse
from app.prompts.multi import split_prompts
from app.prompts.plan import Plan, plan
from app.prompts.wildcards import WildcardSet


def read_templates(text: str, wildcards: WildcardSet) -> list[tuple[str, Plan]]:
    """Each template with its plan. Raises MacroError with line and column in the whole text."""
    return [(part.text, plan(parse(part.text, first_line=part.first_line), wildcards)) for part in split_prompts(text)]


def sample_templates(templates: Sequence[tuple[str, Plan]], most: int) -> list[str]:
    """Some of the prompts they make, spread evenly over all of them."""
    each = max(1, most // max(1, len(templates)))
    return [expansion.prompt for _, macro in templates for expansion in sample(macro, each, How.EVEN)][:most]


def count_label(plans: Sequence[Plan]) -> str:
    """The sum under the prompt box: "3 × 2 = 6" for one template, "6 + 4 = 10" for several."""
    counts: list[Count] = [count(each) for each in plans]
    if len(counts) == 1:
        return counts[0].label
    return f"{' + '.join(shown(each.total) for each in counts)} = {shown(sum(each.total for each in counts))}"
