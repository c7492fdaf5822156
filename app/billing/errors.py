"""What limits refuse."""

from __future__ import annotations

from datetime import datetime

from app.errors import AppError


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
