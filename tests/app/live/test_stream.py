"""Events: kept in order, replayed from a cursor, and honest about what was missed."""

from __future__ import annotations

import uuid

import pytest
from apiflask import APIFlask
from redis.exceptions import RedisError

from app.accounts.models import User
from app.live import News, publish, publish_all
from app.live.stream import MOST_EVENTS, current_cursor, missed
from tests.support.valkey import TemporaryServer


def numbers(owner_id: uuid.UUID, cursor: str) -> list[int]:
    events, lost = missed(owner_id, cursor)
    assert not lost
    return [event.data["number"] for event in events]


def test_a_page_gets_what_happened_since_it_was_rendered(app: APIFlask) -> None:
    someone = uuid.uuid4()
    publish(someone, "notice", {"number": 1})
    cursor = current_cursor(someone)
    for number in (2, 3):
        publish(someone, "notice", {"number": number})
    assert numbers(someone, cursor) == [2, 3]
    later = missed(someone, cursor)[0][0].cursor
    assert numbers(someone, later) == [3]


def test_nobody_hears_what_is_somebody_elses(app: APIFlask) -> None:
    me, other = uuid.uuid4(), uuid.uuid4()
    cursor = current_cursor(me)
    publish(other, "notice", {"number": 1})
    assert numbers(me, cursor) == []


def test_an_emptied_redis_is_noticed(app: APIFlask, redis_server: TemporaryServer) -> None:
    someone = uuid.uuid4()
    cursor = current_cursor(someone)
    publish(someone, "notice", {"number": 1})
    redis_server.flush()
    publish(someone, "notice", {"number": 2})
    assert missed(someone, cursor) == ([], True)


def test_a_page_that_slept_past_the_end_of_the_stream_is_told_so(app: APIFlask) -> None:
    someone = uuid.uuid4()
    publish(someone, "notice", {"number": -1})
    cursor = current_cursor(someone)
    for number in range(2 * MOST_EVENTS):
        publish(someone, "notice", {"number": number})
    assert missed(someone, cursor)[1]


@pytest.mark.parametrize("cursor", ["nonsense", "x.1-2", ".", "a.b-c", "1-2", "x" * 500])
def test_a_cursor_that_is_none_means_look_for_yourself(app: APIFlask, cursor: str) -> None:
    assert missed(uuid.uuid4(), cursor) == ([], True)


def test_publishing_without_redis_fails_nobody(app: APIFlask) -> None:
    class Away:
        def pipeline(self, **_: object) -> Away:
            return self

        def eval(self, *_: object) -> None:
            raise RedisError("away")

        def xrevrange(self, *_: object, **__: object) -> None:
            raise RedisError("away")

    app.extensions["redis_client"] = Away()
    publish(uuid.uuid4(), "notice", {})
    assert current_cursor(uuid.uuid4()) == ""


def test_events_are_told_only_once_they_are_true(app: APIFlask, owner: User) -> None:
    from app.db import after_commit, db

    cursor = current_cursor(owner.id)
    after_commit(lambda: publish(owner.id, "notice", {"number": 1}))
    db.session.rollback()
    owner_id = owner.id
    db.session.commit()
    assert numbers(owner_id, cursor) == []
    after_commit(lambda: publish(owner_id, "notice", {"number": 2}))
    assert numbers(owner_id, cursor) == []
    db.session.commit()
    assert numbers(owner_id, cursor) == [2]


def test_what_one_transaction_has_to_tell_is_told_in_its_order(app: APIFlask, owner: User) -> None:
    from app.db import after_commit_together, db

    owner_id = owner.id
    cursor = current_cursor(owner_id)
    after_commit_together(publish_all, News(owner_id, "notice", {"number": 0}))
    db.session.rollback()
    for number in (1, 2, 3):
        after_commit_together(publish_all, News(owner_id, "notice", {"number": number}))
    assert numbers(owner_id, cursor) == []
    db.session.commit()
    assert numbers(owner_id, cursor) == [1, 2, 3]
    after_commit_together(publish_all, News(owner_id, "notice", {"number": 4}))
    db.session.commit()
    assert numbers(owner_id, cursor) == [1, 2, 3, 4]
