from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest
import redis

from app import redis_fuse
from app.redis_fuse import Fuse
from tests.support.valkey import TemporaryServer, temporary_valkey


@pytest.fixture
def server() -> Iterator[TemporaryServer]:
    with temporary_valkey() as running:
        yield running


@pytest.fixture
def client(server: TemporaryServer) -> redis.Redis:
    return redis.Redis.from_url(server.url, socket_timeout=0.3, socket_connect_timeout=0.3, retry=Fuse())


def _pid(client: redis.Redis) -> int:
    return int(client.info("server")["process_id"])


def test_a_server_that_hangs_is_waited_for_once(client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_fuse, "QUIET_S", 1.0)
    pid = _pid(client)
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(redis.RedisError):
                client.get("anything")
            with pytest.raises(redis.RedisError):
                client.pipeline().get("anything").execute()
        assert time.monotonic() - began < 0.9
    finally:
        os.kill(pid, signal.SIGCONT)
    with pytest.raises(redis.RedisError):
        client.get("too early")
    time.sleep(1.0)
    assert client.set("kept", "yes")


def test_a_server_that_was_restarted_is_back_at_once(client: redis.Redis, server: TemporaryServer) -> None:
    assert client.ping()
    server.kill()
    for _ in range(3):
        with pytest.raises(redis.ConnectionError):
            client.ping()
    server.start()
    assert client.ping()


def test_an_error_of_the_command_itself_blows_nothing(client: redis.Redis) -> None:
    client.set("text", "words")
    with pytest.raises(redis.ResponseError):
        client.incr("text")
    assert client.get("text") == b"words"
