"""What stands together in the library: a line of pictures, each made from the one before, under what the first one was
made of. Stored with each picture, so that groups are found along an index."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

_DAY_MS = 86_400_000


def prompt_of(recipe: Mapping[str, Any], shown_name: str = "") -> str:
    """As it was typed, if it was typed here; else as it was sent, or the file's name."""
    for text in (recipe.get("template"), recipe.get("prompt")):
        if isinstance(text, str) and text:
            return text
    return shown_name


def batch_key(asset_id: uuid.UUID, workspace_id: uuid.UUID, batch_id: uuid.UUID | None) -> uuid.UUID:
    """The batch a line begins with. What has none was brought along, and lies with the rest of its day."""
    return batch_id or _digest(f"uploads {workspace_id} {(asset_id.int >> 80) // _DAY_MS}")


def prompt_key(asset_id: uuid.UUID, workspace_id: uuid.UUID, source: str, recipe: Mapping[str, Any]) -> uuid.UUID:
    """The prompt a line begins with, as it was typed."""
    return _digest(f"prompt {prompt_of(recipe)}") if source == "generated" else batch_key(asset_id, workspace_id, None)


def _digest(text: str) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])
