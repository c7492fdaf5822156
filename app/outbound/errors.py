"""What can become of a call besides an answer. What matters most is whether the other side may have acted on it."""

from __future__ import annotations


class OutboundError(Exception):
    """`detail` is for the log: it holds no address, header or body, for those may hold secrets."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Unreachable(OutboundError):
    """No connection came about, so nothing was sent: to send it again is safe."""


class LostAnswer(OutboundError):
    """It was sent, at least in part, and no whole answer came back: whether it was acted on is unknown."""


class HostNotAllowed(OutboundError):
    """The address does not belong to the provider, so nothing was sent there."""


class Garbled(OutboundError):
    """A whole answer came, and it is not what was agreed on: not JSON, or another shape."""
