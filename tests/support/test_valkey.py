from __future__ import annotations

import os

import pytest
import redis

from tests.support.valkey import bundled_server, system_redis, temporary_valkey


def test_data_survives_a_crash_and_a_restart() -> None:
    with temporary_valkey(bundled_server()) as server:
        server.client().set("kept", "yes")
        server.restart()
        assert server.client().get("kept") == b"yes"


def test_flushing_loses_everything() -> None:
    with temporary_valkey() as server:
        server.client().set("kept", "yes")
        server.flush()
        assert server.client().get("kept") is None


def test_a_killed_server_answers_nobody_and_nothing_is_left_behind() -> None:
    with temporary_valkey() as server:
        folder = server.socket_path.parent
        server.kill()
        with pytest.raises(redis.ConnectionError):
            server.client().ping()
    assert not folder.exists()


def test_two_servers_do_not_see_each_other() -> None:
    with temporary_valkey() as one, temporary_valkey() as other:
        one.client().set("mine", "1")
        assert other.client().get("mine") is None


def test_the_system_redis_serves_streams_and_scripts() -> None:
    server = system_redis()
    if server is None:
        pytest.skip("no redis-server on PATH")
    with temporary_valkey(server) as running:
        client = running.client()
        assert client.info()["process_id"] != os.getpid()
        client.xadd("stream", {"a": "b"})
        assert client.xlen("stream") == 1
        assert client.eval("return redis.call('XLEN', KEYS[1])", 1, "stream") == 1
