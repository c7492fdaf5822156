from __future__ import annotations

import socket
import time

import pytest

from app.sidecar import wire
from app.sidecar.process import Sidecar, SidecarBroken


def test_a_module_that_says_no_hello_is_broken_and_leaves_no_process() -> None:
    with pytest.raises(SidecarBroken, match=r"app\.no_such_module"):
        Sidecar("app.no_such_module")


def test_header_and_parts_arrive_as_they_were_sent() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, {"work": "née"}, [b"", b"\x00\xff"])
        assert wire.receive(theirs) == ({"work": "née"}, [b"", b"\x00\xff"])


def test_a_silent_other_side_is_waited_for_only_so_long() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        wire.receive(ours, deadline=time.monotonic() + 0.05)


@pytest.mark.parametrize("said", [b"", b"\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{]", b"\x00\x00\x00\x02{}"])
def test_what_nobody_would_send_is_the_end(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(said)
        with pytest.raises(wire.Disconnected):
            wire.receive(ours)
