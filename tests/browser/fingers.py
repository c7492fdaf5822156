"""Real touches, as the browser makes them of fingers."""

from __future__ import annotations

from playwright.sync_api import CDPSession, Page

Point = tuple[float, float]


class Fingers:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def move(self, *ways: tuple[Point, Point], rest_ms: int = 60) -> None:
        """Put down a finger at the beginning of each way, take them to the ends, and lift them after a rest."""
        self._touch("touchStart", [begin for begin, _ in ways])
        for step in range(1, 9):
            self._touch("touchMove", [(x + (u - x) * step / 8, y + (v - y) * step / 8) for (x, y), (u, v) in ways])
        self.page.wait_for_timeout(rest_ms)  # a finger still moving when it is lifted means more than the way it went
        self._touch("touchEnd", [])

    def stay(self, at: Point, ms: int = 650) -> None:
        self._touch("touchStart", [at])
        self.page.wait_for_timeout(ms)
        self._touch("touchEnd", [])

    def _touch(self, type_: str, points: list[Point]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": type_, "touchPoints": touches})
