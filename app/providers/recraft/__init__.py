"""Recraft: synchronous, so its answer is the picture."""

from app.providers.recraft.adapter import Recraft

__all__ = ["Recraft"]
