"""What an operation yields while it works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from app.providers.contract import Output
from app.providers.sketch.arrays import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """fraction: 0..1 of the work. shown: the picture so far, when there is something new to show."""

    fraction: float
    shown: Pixels | None = None


@dataclass(frozen=True, slots=True)
class Done:
    output: Output
    notes: dict[str, str] = field(default_factory=dict)


Work: TypeAlias = Iterator[Step | Done]
