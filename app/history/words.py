"""Prompts made comparable."""

from __future__ import annotations

import hashlib
import unicodedata


def folded(text: str) -> str:
    """Without upper case, and each run of spaces as one: what search compares."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def digest(template: str, negative: str) -> str:
    """The same for the same two texts only: their lengths are in it, so that none flows into the other."""
    content = f"{len(template)}\0{template}\0{negative}"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
