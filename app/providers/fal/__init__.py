"""fal.ai: many makers' models behind one durable queue."""

from app.providers.fal.adapter import Fal

__all__ = ["Fal"]
