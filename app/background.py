"""The doorbell: names of tasks and queues, and how to ring them.

Truth is rows. A message that is lost costs a moment until the beat looks again, so nothing here ever fails a request:
when the broker is away, ringing says so in the log and goes on.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any

import redis
import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisHangs

from app.config import Settings
from app.messages import QUEUE_OF, QueueName, TaskName
from app.redis_fuse import Quiet

__all__ = ["QUEUE_OF", "Doorbell", "QueueName", "TaskName", "doorbell", "make_celery", "ring", "ring_once"]

log = structlog.get_logger(__name__)

# After a failed ring the next ones are not even tried for this long, so that a request never waits twice.
QUIET_AFTER_FAILURE_S = 2.0
# A worker waits for its broker to come back; whoever rings for a person gives up at once, since the sweep will ring.
_PATIENT = {"socket_timeout": 10, "socket_connect_timeout": 2}
_HASTY = {
    "socket_timeout": 2,
    "socket_connect_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
_KEY_PREFIX = "darkroom:"
# A ring that was lost on the way keeps others quiet for no longer than this.
_ASKED_MS = 2_000


def make_celery(settings: Settings, *, consumer: bool = False) -> Celery:
    """The Celery app, as client (gives up on a silent broker within seconds) and as consumer (waits on it).

    The figures behind the numbers stand in docs/decisions/0003-celery-is-a-doorbell.md.
    """
    celery = Celery("darkroom", broker=_celery_url(settings.redis_address))
    celery.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue=QueueName.CONTROL,
        task_queues={str(name): {} for name in QueueName},
        task_routes={str(name): {"queue": str(queue)} for name, queue in QUEUE_OF.items()},
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 900,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "global_keyprefix": _KEY_PREFIX,
            **(_PATIENT if consumer else _HASTY),
        },
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        timezone="UTC",
    )
    return celery


def _celery_url(address: str) -> str:
    return "redis+socket://" + address.removeprefix("unix://") if address.startswith("unix://") else address


class Doorbell:
    """Rings workers. One a process; safe for threads and greenlets."""

    def __init__(self) -> None:
        self._celery: Celery | None = None
        self._redis: redis.Redis | None = None
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    def install(self, celery: Celery, client: redis.Redis) -> None:
        self._celery, self._redis = celery, client

    def ring(self, name: TaskName, *args: str) -> bool:
        """Send a task by name. Returns False when the broker is away; the beat will find the work."""
        if self._celery is None or time.monotonic() < self._quiet_until:
            return False
        try:
            self._celery.send_task(str(name), args=args, retry=False, ignore_result=True)
        except (OperationalError, RedisError, OSError) as error:
            self._be_quiet()
            log.warning("broker_away", task=str(name), error=type(error).__name__)
            return False
        return True

    def _be_quiet(self) -> None:
        with self._lock:
            self._quiet_until = time.monotonic() + QUIET_AFTER_FAILURE_S

    def ask(self, name: TaskName) -> bool:
        """Note that somebody wants this task to look. Returns whether they are the first since it last began."""
        if self._redis is None:
            return True
        try:
            return bool(self._redis.set(_asked_key(name), 1, nx=True, px=_ASKED_MS))
        except (RedisHangs, Quiet):
            # The messages go to the same server: waiting for it once is enough.
            self._be_quiet()
            return True
        except RedisError:
            return True

    def unheard(self, queue: QueueName) -> int:
        """How many rings lie in a queue that nobody has taken up yet; 0 when the broker is away."""
        if self._redis is None:
            return 0
        try:
            # The list that Celery's transport keeps under the queue's name.
            return int(self._redis.llen(f"{_KEY_PREFIX}{queue}"))
        except RedisError:
            return 0

    def begin(self, name: TaskName) -> None:
        """Said by a task before it looks: whoever asks from now on wants another look."""
        if self._redis is not None:
            with suppress(RedisError):
                self._redis.delete(_asked_key(name))


doorbell = Doorbell()


def ring(name: TaskName, *args: Any) -> bool:
    return doorbell.ring(name, *(str(arg) for arg in args))


def ring_once(name: TaskName) -> bool:
    """Ring unless the same task was rung for and has not started yet: one look at the rows serves all who asked."""
    return ring(name) if doorbell.ask(name) else True


def _asked_key(name: TaskName) -> str:
    return f"darkroom:asked:{name}"
