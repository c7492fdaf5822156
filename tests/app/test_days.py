"""Days where people live."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apiflask import APIFlask
from hypothesis import given
from hypothesis import strategies as st

from app.days import day_of, spoken, stamp
from app.library.timeline import day_of_id, first_id_of
from app.web import visitor

ZONES = ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe"]


@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.integers(3 * 86_400_000, 7_000_000_000_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC)),
)
def test_a_moment_lies_between_the_first_ids_of_its_day_and_the_next(zone: ZoneInfo, moment: datetime) -> None:
    given_id = round(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0x2 << 62 | 1
    day = day_of(moment, zone)
    assert first_id_of(day, zone=zone).int <= given_id < first_id_of(day, days_later=1, zone=zone).int
    assert day_of_id(first_id_of(day, zone=zone), zone) == day


@pytest.mark.parametrize("day", [date.min, date(1970, 1, 1), date.max])
def test_days_at_the_ends_of_time_have_a_place_too(day: date) -> None:
    for zone in ZONES:
        assert first_id_of(day, zone=ZoneInfo(zone)) <= first_id_of(day, days_later=1, zone=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("ago", "words"),
    [(-1, "21 November"), (0, "Today"), (1, "Yesterday"), (2, "Wednesday 18 November"), (48, "3 October")],
)
def test_a_day_is_called_as_people_call_it(ago: int, words: str) -> None:
    today = date(2026, 11, 20)
    assert spoken(today - timedelta(days=ago), today) == words
    assert spoken(date(2025, 10, 3), today) == "3 October 2025"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "21 Nov 2026, 00:30"),
        ("America/New_York", "20 Nov 2026, 18:30"),
        ("Asia/Kathmandu", "21 Nov 2026, 05:15"),
    ],
)
def test_a_moment_is_told_by_the_clock_of_the_place(zone: str, words: str) -> None:
    moment = datetime(2026, 11, 20, 23, 30, 9, tzinfo=UTC)
    assert stamp(moment, ZoneInfo(zone)) == words
    assert stamp(moment) == "20 Nov 2026, 23:30 UTC"


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("", "UTC"),
        ("../../etc/passwd", "UTC"),
        ("Mars/Olympus", "UTC"),
        ("x" * 99, "UTC"),
    ],
)
def test_the_browser_says_where_its_clock_stands_and_nonsense_is_utc(app: APIFlask, cookie: str, zone: str) -> None:
    with app.test_request_context(headers={"Cookie": f"time_zone={cookie}"}):
        assert str(visitor.time_zone()) == zone
