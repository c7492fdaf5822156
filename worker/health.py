"""Signs of life, for /api/health.

A worker says so itself; the beat is alive if the task it sends arrives.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from celery import signals
from redis.exceptions import RedisError

from app.background import TaskName
from app.extensions import redis_client
from app.web.heartbeats import Kind, record_heartbeat
from worker.app import doorway, flask_app

_EVERY_S = 10.0
_NAME = f"{socket.gethostname()}:{os.getpid()}"


@doorway(TaskName.HEARTBEAT)
def heartbeat() -> None:
    with suppress(RedisError):
        record_heartbeat(redis_client(), Kind.BEAT, "beat")


@signals.worker_ready.connect  # type: ignore[untyped-decorator]  # Celery ships no types
def _start(**_: Any) -> None:
    threading.Thread(target=_say_so, name="heartbeat", daemon=True).start()


def _say_so() -> None:
    """From a thread of its own, so that a worker with all its slots busy is not taken for dead."""
    while True:
        with flask_app.app_context(), suppress(RedisError):
            record_heartbeat(redis_client(), Kind.WORKER, _NAME)
        time.sleep(_EVERY_S)
