"""Calls to the hosts of providers, by one policy; see `client`."""

from app.outbound.client import Outbound, Patience, Reply, from_base64
from app.outbound.errors import Garbled, HostNotAllowed, LostAnswer, OutboundError, Unreachable

__all__ = [
    "Garbled",
    "HostNotAllowed",
    "LostAnswer",
    "Outbound",
    "OutboundError",
    "Patience",
    "Reply",
    "Unreachable",
    "from_base64",
]
