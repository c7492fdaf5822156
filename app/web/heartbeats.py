"""Signs of life of workers and beat: a key in Redis each, which fades.

The age is read from the time the key has left, so that clocks of several machines need not agree.
"""

from __future__ import annotations

from enum import StrEnum

import redis

KEPT_MS = 600_000
# Workers answer every ten seconds when idle; a slice of work may hold one up for a minute.
STALE_S = 90.0


class Kind(StrEnum):
    WORKER = "worker"
    BEAT = "beat"


def record_heartbeat(client: redis.Redis, kind: Kind | str, name: str) -> None:
    """Say that `name` is alive. Raises redis.RedisError."""
    client.set(_key(Kind(kind)), name, px=KEPT_MS)


def age_s(client: redis.Redis, kind: Kind) -> float | None:
    """Seconds since the last sign of life of this kind, None when there was none for ten minutes."""
    left = int(client.pttl(_key(kind)))
    return None if left < 0 else (KEPT_MS - left) / 1000


def _key(kind: Kind) -> str:
    return f"darkroom:heartbeat:{kind}"
