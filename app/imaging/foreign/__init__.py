"""Recipes that other programs leave in their pictures: one reader for each, all answering in one shape.

Everything here may come from a stranger: readers never raise, and look at a bounded number of things.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.imaging.foreign import a1111, comfyui, invokeai, swarmui
from app.imaging.foreign.shape import Recipe

__all__ = ["Recipe", "read"]

# The most telling first: SwarmUI writes where the A1111 family writes, and some ComfyUI nodes write both.
_READERS = (swarmui.read, invokeai.read, a1111.read, comfyui.read)


def read(texts: Mapping[str, str]) -> Recipe | None:
    """The recipe among the texts of a file (see `embedding.NAMES_READ`), or None. Never raises."""
    for reader in _READERS:
        recipe = reader(texts)
        if recipe is not None:
            return recipe
    return None
