"""What answers count in tokens, and dollars for a million of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

MILLION = Decimal(1_000_000)


def counted(value: Any) -> int | None:
    """A count as an answer tells it; None for anything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
