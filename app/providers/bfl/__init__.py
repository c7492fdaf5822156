"""Black Forest Labs: FLUX by their own API. Work is taken at once and asked about until it is done."""

from app.providers.bfl.adapter import Bfl

__all__ = ["Bfl"]
