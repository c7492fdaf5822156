"""Large numbers, for people."""

from __future__ import annotations

EXACT_BELOW = 10**15


def shown(number: int) -> str:
    """1,000,000 in full; from 10^15 on only the size matters."""
    return f"{number:,}" if number < EXACT_BELOW else f"about 10^{len(str(number)) - 1}"
