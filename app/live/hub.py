"""One listener a process: it hears the channels of everyone connected here and hands each event to their sockets."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

import redis
import structlog
from redis.exceptions import RedisError

from app.live.stream import Event, parse, stream_key

log = structlog.get_logger(__name__)

# A socket that is this far behind is not reading; it is told to look for itself instead of piling up memory.
_MOST_PENDING = 500
_RETRY_S = 1.0


@dataclass(eq=False)
class Subscription:
    """What one socket has yet to send. `None` in the queue means: something was missed, look for yourself."""

    channel: str
    pending: queue.Queue[Event | None] = field(default_factory=lambda: queue.Queue(_MOST_PENDING))

    def next(self, timeout_s: float) -> Event | None:
        """The next event; None when one was missed. Raises queue.Empty after the timeout."""
        return self.pending.get(timeout=timeout_s)

    def offer(self, event: Event | None) -> None:
        try:
            self.pending.put_nowait(event)
        except queue.Full:
            with self.pending.mutex:
                self.pending.queue.clear()
            self.pending.put_nowait(None)


class Hub:
    """Subscribes to a person's channel while at least one of their sockets is open in this process."""

    def __init__(self, client: redis.Redis) -> None:
        self._pubsub = client.pubsub(ignore_subscribe_messages=True)
        self._client = client
        self._lock = threading.Lock()
        self._listeners: dict[str, set[Subscription]] = defaultdict(set)
        self._thread: threading.Thread | None = None
        self._epoch = ""

    def subscribe(self, owner_id: uuid.UUID, epoch: str) -> Subscription:
        """Start hearing a person's events. Raises RedisError."""
        subscription = Subscription(stream_key(owner_id))
        with self._lock:
            self._epoch = epoch
            self._listeners[subscription.channel].add(subscription)
            # Asked for even if somebody listens already: the connection may have been replaced in between.
            self._pubsub.subscribe(subscription.channel)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="live-hub", daemon=True)
                self._thread.start()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            others = self._listeners[subscription.channel]
            others.discard(subscription)
            if others:
                return
            del self._listeners[subscription.channel]
            try:
                self._pubsub.unsubscribe(subscription.channel)
            except RedisError as error:
                log.info("live_not_unsubscribed", error=type(error).__name__)

    def _listen(self) -> None:
        while True:
            try:
                message = self._pubsub.get_message(timeout=5.0)
            except (RedisError, OSError, ValueError) as error:
                log.warning("live_connection_lost", error=type(error).__name__)
                self._reconnect()
                continue
            if message is not None and message["type"] == "message":
                self._hand_out(message["channel"].decode(), message["data"])

    def _hand_out(self, channel: str, data: bytes) -> None:
        entry_id, _, body = data.partition(b" ")
        with self._lock:
            listeners = list(self._listeners.get(channel, ()))
            epoch = self._epoch
        if listeners:
            event = parse(entry_id.decode(), body, epoch)
            for subscription in listeners:
                subscription.offer(event)

    def _reconnect(self) -> None:
        """Come back once Redis does, and tell every socket that it may have missed something."""
        while True:
            time.sleep(_RETRY_S)
            with self._lock:
                try:
                    self._pubsub.close()
                    self._pubsub = self._client.pubsub(ignore_subscribe_messages=True)
                    if self._listeners:
                        self._pubsub.subscribe(*self._listeners)
                except RedisError:
                    continue
                everyone = [subscription for group in self._listeners.values() for subscription in group]
            for subscription in everyone:
                subscription.offer(None)
            return
