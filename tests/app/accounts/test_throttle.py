from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import throttle
from app.accounts.errors import TooManyAttempts
from app.accounts.models import ThrottleCounter
from app.accounts.throttle import Limit
from app.db import db, utc_now

FEW = Limit("few", 3, timedelta(minutes=15))
GROWING = Limit("growing", 3, timedelta(minutes=15), grows=True)


pytestmark = pytest.mark.usefixtures("app")


def pass_window() -> None:
    db.session.execute(sa.update(ThrottleCounter).values(window_ends_at=utc_now() - timedelta(seconds=1)))
    db.session.commit()


def left_of(hit: throttle.Hit) -> timedelta:
    return hit.window_ends_at - utc_now()


def test_the_limit_is_allowed_and_one_more_is_not() -> None:
    for _ in range(FEW.times):
        throttle.take(FEW, "anna")
    with pytest.raises(TooManyAttempts) as refused:
        throttle.take(FEW, "anna")
    assert 0 < int(refused.value.headers["Retry-After"]) <= 15 * 60 + 1
    throttle.take(FEW, "berta")


def test_a_window_passes() -> None:
    for _ in range(FEW.times + 1):
        throttle.hit(FEW, "anna")
    pass_window()
    assert throttle.hit(FEW, "anna").count == 1


def test_a_growing_limit_waits_longer_each_time_but_never_beyond_an_hour() -> None:
    waits = []
    for _ in range(5):
        for _ in range(GROWING.times + 1):
            last = throttle.hit(GROWING, "anna")
        waits.append(round(left_of(last) / timedelta(minutes=15)))
        pass_window()
    assert waits == [1, 2, 4, 4, 4]


def test_a_quiet_window_makes_the_next_one_short_again() -> None:
    for _ in range(GROWING.times + 1):
        throttle.hit(GROWING, "anna")
    pass_window()
    assert round(left_of(throttle.hit(GROWING, "anna")) / timedelta(minutes=15)) == 2
    pass_window()
    assert round(left_of(throttle.hit(GROWING, "anna")) / timedelta(minutes=15)) == 1


def test_forgetting_and_giving_back() -> None:
    for _ in range(3):
        throttle.hit(FEW, "anna")
    throttle.give_back(FEW, "anna")
    assert throttle.hit(FEW, "anna").count == 3
    throttle.forget(FEW, "anna")
    assert throttle.hit(FEW, "anna").count == 1


def test_parallel_tries_are_all_counted(app: Flask) -> None:
    counts: list[int] = []

    def try_five_times() -> None:
        with app.app_context():
            counts.extend(throttle.hit(FEW, "anna").count for _ in range(5))
            db.session.remove()

    threads = [threading.Thread(target=try_five_times) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 41))


def test_the_table_names_nobody() -> None:
    throttle.hit(FEW, "anna@example.org")
    assert "anna" not in db.session.scalars(sa.select(ThrottleCounter.bucket)).one()


def test_old_counters_are_dropped_and_young_ones_kept() -> None:
    throttle.hit(FEW, "anna")
    throttle.forget_old(utc_now())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ThrottleCounter)) == 1
    throttle.forget_old(utc_now() + timedelta(days=2))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ThrottleCounter)) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_a_household_counts_as_one(app: Flask, address: str, network: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert throttle.client_network() == network
