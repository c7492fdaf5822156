"""How often sign-in, sign-up and reset may be tried. Counted in the database: this must hold while Redis is away."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import request
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.errors import TooManyAttempts
from app.accounts.models import ThrottleCounter
from app.db import db, utc_now
from app.web.rates import network_of

# An exhausted window makes the next one twice as long, up to four times: slower for a guesser, never a locked door.
MAX_STRIKES = 2


@dataclass(frozen=True)
class Limit:
    name: str
    times: int
    window: timedelta
    grows: bool = False


QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

SIGN_IN_ACCOUNT = Limit("sign-in-account", 5, QUARTER, grows=True)
SIGN_IN_ADDRESS = Limit("sign-in-address", 20, QUARTER)
SECOND_FACTOR = Limit("second-factor", 5, QUARTER, grows=True)
PASSWORD_AGAIN = Limit("password-again", 5, QUARTER, grows=True)
SIGN_UP_ADDRESS = Limit("sign-up-address", 5, HOUR)
MAIL_TO_ADDRESSEE = Limit("mail-addressee", 3, HOUR)
MAIL_FROM_ADDRESS = Limit("mail-address", 10, HOUR)
START_ADDRESS = Limit("start-address", 20, QUARTER)
KEY_TESTS = Limit("key-tests", 20, QUARTER)


@dataclass(frozen=True)
class Hit:
    """One counted try. `count` includes it."""

    limit: Limit
    count: int
    window_ends_at: datetime

    @property
    def is_over(self) -> bool:
        return self.count > self.limit.times

    def refuse_if_over(self) -> None:
        """Raises TooManyAttempts, which says how long to wait."""
        if self.is_over:
            raise TooManyAttempts(self.window_ends_at - utc_now())


def hit(limit: Limit, subject: str) -> Hit:
    """Count one try and commit it at once, so that parallel tries are counted one after the other."""
    now = utc_now()
    counters: Any = ThrottleCounter.__table__.c
    expired = counters.window_ends_at <= now
    exhausted = counters.count > limit.times
    strikes = sa.case(
        (exhausted & sa.literal(limit.grows) & (counters.strikes < MAX_STRIKES), counters.strikes + 1),
        (exhausted, counters.strikes),
        else_=0,
    )
    ends = sa.case(
        *((strikes == number, now + limit.window * 2**number) for number in range(1, MAX_STRIKES + 1)),
        else_=now + limit.window,
    )
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(ThrottleCounter)
    statement = (
        insert.values(bucket=_bucket(limit, subject), count=1, strikes=0, window_ends_at=now + limit.window)
        .on_conflict_do_update(
            index_elements=["bucket"],
            set_={
                "count": sa.case((expired, 1), else_=counters.count + 1),
                "strikes": sa.case((expired, strikes), else_=counters.strikes),
                "window_ends_at": sa.case((expired, ends), else_=counters.window_ends_at),
            },
        )
        .returning(ThrottleCounter.count, ThrottleCounter.window_ends_at)
    )
    count, window_ends_at = db.session.execute(statement).one()
    db.session.commit()
    return Hit(limit, count, window_ends_at)


def take(limit: Limit, subject: str) -> None:
    """Count one try. Raises TooManyAttempts when it is one too many."""
    hit(limit, subject).refuse_if_over()


def forget(limit: Limit, subject: str) -> None:
    """Clear the count: the right person came."""
    db.session.execute(sa.delete(ThrottleCounter).where(ThrottleCounter.bucket == _bucket(limit, subject)))


def give_back(limit: Limit, subject: str) -> None:
    """Take one try off the count again: it was no failure."""
    db.session.execute(
        sa.update(ThrottleCounter)
        .where(ThrottleCounter.bucket == _bucket(limit, subject), ThrottleCounter.count > 0)
        .values(count=ThrottleCounter.count - 1)
    )


def forget_old(now: datetime) -> None:
    """Drop counters whose window, however it might grow, is over."""
    db.session.execute(sa.delete(ThrottleCounter).where(ThrottleCounter.window_ends_at < now - timedelta(days=1)))


def client_network() -> str:
    """Whom to count the client as: its address, or for IPv6 the /64 that one household or machine gets."""
    return network_of(request.remote_addr)


def _bucket(limit: Limit, subject: str) -> str:
    # Digests, so that the table holds no list of addresses somebody tried.
    return f"{limit.name}:{hashlib.sha256(subject.encode('utf-8', 'replace')).hexdigest()}"
