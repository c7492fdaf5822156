"""A workspace's wildcards, and the prompts that use them.

A page asks at every keystroke, so one small query tells whether what this process has read is still true.
"""

from __future__ import annotations

import uuid

from app.prompts.errors import MacroError
from app.prompts.plan import NO_WILDCARDS, Plan
from app.prompts.templates import read_templates, sample_templates
from app.prompts.wildcard_files import read_files
from app.prompts.wildcards import WildcardSet
from app.wildcards import queries
from app.wildcards.aside import aside
from app.wildcards.sets import read_sets


def wildcards_of(workspace_id: uuid.UUID) -> WildcardSet:
    """The workspace's wildcards, as its files are now."""
    version = queries.version_of(workspace_id)
    if version is None:
        return NO_WILDCARDS
    wildcards = read_sets().find(workspace_id, version)
    if wildcards is None:
        # Read after the version: should the files change in between, the next call reads them again.
        texts = queries.texts_of(workspace_id)
        wildcards = aside(lambda: read_files(texts.items()))
        read_sets().keep(workspace_id, version, wildcards)
    return wildcards


def readable_wildcards(workspace_id: uuid.UUID) -> tuple[WildcardSet, str]:
    """The workspace's wildcards, or none and the sentence why: an older version may have kept what this one refuses."""
    try:
        return wildcards_of(workspace_id), ""
    except MacroError as refusal:
        return NO_WILDCARDS, refusal.message


def templates_of(workspace_id: uuid.UUID, text: str) -> list[tuple[str, Plan]]:
    """Each template of a text with its plan. Raises MacroError with line and column in the whole text."""
    if "__" not in text:  # as in most prompts; these need not know the wildcards
        return read_templates(text, NO_WILDCARDS)
    wildcards = wildcards_of(workspace_id)
    return aside(lambda: read_templates(text, wildcards))


def sample_of(workspace_id: uuid.UUID, text: str, most: int) -> list[str]:
    """Some of the prompts a text makes, spread evenly over all of them."""
    return sample_templates(templates_of(workspace_id, text), most)
