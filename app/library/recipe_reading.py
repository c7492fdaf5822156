"""What a page reads of a recipe: a file from outside may say anything, and in any shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KINDS: Mapping[str, type] = {
    "template": str,
    "enhanced_from": str,
    "prompt": str,
    "negative_prompt": str,
    "model": str,
    "operation": str,
    "seed": int,
    "width_px": int,
    "height_px": int,
    "choices": list,
    "params": dict,
    "style": dict,
    "parents": dict,
    "history": list,
}


def readable(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The known parts that are of the kind they should be (app/generation/recipe.py writes them)."""
    # By type itself: True is an int to isinstance.
    return {name: recipe[name] for name, kind in _KINDS.items() if type(recipe.get(name)) is kind}
