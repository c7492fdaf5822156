"""Spans of time in words, as people say them."""

from __future__ import annotations

import math


def spoken(seconds: float) -> str:
    """ "about 9 s", "about 2 min", "about 3 h": rounded up, because a wait that ends early is no disappointment."""
    if seconds < 1.5:
        return "about 1 s"
    if seconds < 90:
        return f"about {math.ceil(seconds)} s"
    if seconds < 5400:
        return f"about {math.ceil(seconds / 60)} min"
    return f"about {math.ceil(seconds / 3600)} h"


def measured(seconds: float) -> str:
    """A time that was taken: "0.8 s", "13.8 s", "2 min 5 s"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
