"""What limits refuse."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from app.errors import AppError
from app.money import show


class DailyLimitReached(AppError):
    status = 429
    code = "daily_limit"

    def __init__(self, wanted: int, left: int, limit: int, resets_at: datetime, retry_after_s: int) -> None:
        if left:
            message = f"This makes {wanted} pictures and {left} of your {limit} are left today. Make fewer, or go on"
        else:
            message = f"That was {limit} of your {limit} pictures today. Go on"
        super().__init__(
            f"{message} after {resets_at:%H:%M} UTC.",
            headers={"Retry-After": str(retry_after_s)},
        )
        self.left = left


class BudgetReached(AppError):
    """A person's own bound. Nothing was taken; the request can be made again as it is."""

    status = 429
    code = "daily_budget"

    def __init__(
        self, price: Decimal, spent: Decimal, budget: Decimal, resets_at: datetime, retry_after_s: int
    ) -> None:
        already = f"{show(spent)} is spent or promised" if spent else "nothing is spent"
        super().__init__(
            f"This would cost {show(price)}. Your budget is {show(budget)} a day, and {already} today. Ask for less, "
            f"change the budget under Settings, Spending, or go on after {resets_at:%H:%M} UTC.",
            headers={"Retry-After": str(retry_after_s)},
        )
