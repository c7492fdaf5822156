"""Each person's event stream: a capped Redis stream, replayable from the last id a page saw.

A cursor is `<epoch>.<id>`. The epoch is made new whenever Redis starts empty, so that a page whose cursor comes from
before can tell that it missed something (`resync`) instead of believing that nothing happened.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog
from redis.exceptions import RedisError

from app.db import utc_now
from app.extensions import redis_client

log = structlog.get_logger(__name__)

MOST_EVENTS = 1000
_EPOCH_KEY = "darkroom:live:epoch"
# A stream nobody wrote to for this long holds nothing a page could still want.
_KEPT_S = 86_400


@dataclass(frozen=True, slots=True)
class Event:
    cursor: str
    type: str
    at: str
    data: dict[str, Any]

    def as_json(self) -> str:
        return json.dumps({"id": self.cursor, "type": self.type, "at": self.at, "data": self.data})


# One round trip: append, keep alive, and tell whoever listens now, under the id the entry got.
_PUBLISH = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'e', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[2])
return id
"""


class News(NamedTuple):
    """What somebody is to be told."""

    owner_id: uuid.UUID
    type: str
    data: dict[str, Any]


def publish(owner_id: uuid.UUID, type_: str, data: dict[str, Any]) -> None:
    """Append an event to the person's stream. Never fails its caller: a page that misses it looks for itself."""
    publish_all([News(owner_id, type_, data)])


def publish_all(news: Sequence[News]) -> None:
    """As `publish`, for several events in their order, in one walk to Redis."""
    at = utc_now().isoformat(timespec="milliseconds")
    try:
        pipe = redis_client().pipeline(transaction=False)
        for owner_id, type_, data in news:
            body = json.dumps({"type": type_, "at": at, "data": data})
            pipe.eval(_PUBLISH, 1, stream_key(owner_id), MOST_EVENTS, body, _KEPT_S)
        pipe.execute()
    except RedisError as error:
        log.info("events_not_told", types=[told.type for told in news], error=type(error).__name__)


def stream_key(owner_id: uuid.UUID) -> str:
    return f"darkroom:live:{owner_id}"


def epoch() -> str:
    """The name of this life of the Redis server. Raises RedisError."""
    client = redis_client()
    client.set(_EPOCH_KEY, secrets.token_hex(4), nx=True)
    return str(client.get(_EPOCH_KEY), "ascii")


def current_cursor(owner_id: uuid.UUID) -> str:
    """Where a page that is being rendered now should listen from. Empty when Redis is away."""
    try:
        newest = redis_client().xrevrange(stream_key(owner_id), count=1)
        entry = newest[0][0].decode() if newest else "0-0"
        return f"{epoch()}.{entry}"
    except RedisError:
        return ""


def parse(entry_id: str, body: bytes, epoch_name: str) -> Event:
    """A stream entry, or a message of the stream's channel, as an event."""
    told = json.loads(body)
    return Event(f"{epoch_name}.{entry_id}", told["type"], told["at"], told["data"])


def missed(owner_id: uuid.UUID, cursor: str) -> tuple[list[Event], bool]:
    """Events after a cursor, oldest first, and whether some were lost (then the page must look for itself).

    Raises RedisError.
    """
    now = epoch()
    epoch_name, _, after = cursor.partition(".")
    if epoch_name != now or not _is_entry_id(after):
        return [], bool(cursor)
    key = stream_key(owner_id)
    entries = redis_client().xrange(key, min=f"({after}")
    events = [parse(entry_id.decode(), fields[b"e"], now) for entry_id, fields in entries]
    oldest = redis_client().xrange(key, count=1)
    # A full stream whose oldest entry is younger than the cursor has dropped what lay between the two.
    full = len(entries) >= MOST_EVENTS
    return events, full and order(after) < order(oldest[0][0].decode())


def _is_entry_id(text: str) -> bool:
    first, dash, second = text.partition("-")
    return bool(dash) and first.isdigit() and second.isdigit() and len(text) < 40


def order(entry_id: str) -> tuple[int, int]:
    first, _, second = entry_id.partition("-")
    return int(first), int(second)
