"""How many prompts a template makes, and the sum that shows why."""

from __future__ import annotations

from dataclasses import dataclass

from app.prompts.figures import shown
from app.prompts.plan import Plan

__all__ = ["Count", "count", "shown"]

SHOWN_FACTORS = 6


@dataclass(frozen=True, slots=True)
class Count:
    """total: the number of combinations, exactly. factors: the choices it multiplies, left to right, without ones."""

    total: int
    factors: tuple[int, ...]

    @property
    def label(self) -> str:
        """For the badge under the prompt box: "3 × 2 = 6", or "6" for a single choice."""
        if len(self.factors) < 2:
            return shown(self.total)
        product = " × ".join(shown(factor) for factor in self.factors[:SHOWN_FACTORS])
        more = " × …" if len(self.factors) > SHOWN_FACTORS else ""
        return f"{product}{more} = {shown(self.total)}"


def count(plan: Plan) -> Count:
    """Pure arithmetic on the plan; nothing is expanded."""
    return Count(plan.total, plan.factors)
