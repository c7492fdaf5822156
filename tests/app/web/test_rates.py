from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g

from app.web import rates
from app.web.rates import network_of
from tests.support.valkey import TemporaryServer, temporary_valkey

from .conftest import make_app


@pytest.fixture(scope="module")
def valkey() -> Iterator[TemporaryServer]:
    with temporary_valkey() as server:
        yield server


@pytest.fixture
def limited(tmp_path: Path, valkey: TemporaryServer) -> Flask:
    valkey.flush()
    return make_app(
        tmp_path, redis_url=valkey.url, rate_limits="true", rate_api="5 per minute", rate_generate="2 per minute"
    )


def statuses(app: Flask, path: str, count: int, method: str = "GET", address: str = "203.0.113.7") -> list[int]:
    client = app.test_client()
    environ = {"REMOTE_ADDR": address}
    return [client.open(path, method=method, environ_base=environ).status_code for _ in range(count)]


def test_the_api_allows_what_it_says_and_not_one_more(limited: Flask) -> None:
    assert statuses(limited, "/api/probe/plain", 6) == [200] * 5 + [429]


def test_the_refusal_says_when_to_come_back(limited: Flask) -> None:
    client = limited.test_client()
    allowed = client.get("/api/probe/plain")
    assert (allowed.headers["X-RateLimit-Limit"], allowed.headers["X-RateLimit-Remaining"]) == ("5", "4")
    assert "Retry-After" not in allowed.headers
    for _ in range(4):
        client.get("/api/probe/plain")
    refused = client.get("/api/probe/plain")
    error = refused.get_json()["error"]
    assert error["code"] == "rate_limited"
    assert "At most 5 requests per minute" in error["message"]
    assert 55 <= int(refused.headers["Retry-After"]) <= 61


def test_all_api_routes_share_one_allowance_and_pages_have_none(limited: Flask) -> None:
    assert statuses(limited, "/probe/page", 8) == [200] * 8
    assert statuses(limited, "/api/probe/picture", 8) == [200] * 8
    assert statuses(limited, "/api/health", 8) == [200] * 8
    assert statuses(limited, "/api/probe/plain", 5) == [200] * 5
    assert statuses(limited, "/api/probe/wish", 1, "POST") == [429]


def test_generating_routes_share_a_smaller_allowance(limited: Flask) -> None:
    assert statuses(limited, "/api/probe/generate", 1, "POST") == [200]
    assert statuses(limited, "/api/probe/generate-more", 2, "POST") == [200, 429]
    assert statuses(limited, "/api/probe/plain", 1) == [200]


def test_a_burst_is_cut_at_ten_in_a_second(tmp_path: Path, valkey: TemporaryServer) -> None:
    valkey.flush()
    app = make_app(tmp_path, redis_url=valkey.url, rate_limits="true", rate_api="1000 per minute")
    started = time.monotonic()
    assert statuses(app, "/api/probe/plain", 11) == [200] * 10 + [429]
    assert time.monotonic() - started < 1


def test_networks_are_counted_apart_and_a_customer_of_ipv6_as_one(limited: Flask) -> None:
    assert statuses(limited, "/api/probe/plain", 6, address="2001:db8:1:2::1")[-1] == 429
    assert statuses(limited, "/api/probe/plain", 1, address="2001:db8:1:2:ffff::9") == [429]
    assert statuses(limited, "/api/probe/plain", 1, address="2001:db8:1:3::1") == [200]
    assert statuses(limited, "/api/probe/plain", 1, address="203.0.113.8") == [200]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_the_network_of_an_address(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_a_key_and_a_person_are_counted_by_themselves(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Somebody:
        is_authenticated = True

        def get_id(self) -> str:
            return "u1"

    monkeypatch.setattr(rates, "signed_in", lambda: True)
    monkeypatch.setattr(rates, "current_user", Somebody())
    with limited.test_request_context("/api/probe/plain"):
        assert rates.caller() == "person:u1"
        g.api_key_id = "k1"
        assert rates.caller() == "key:k1"


def test_limits_can_be_switched_off(tmp_path: Path) -> None:
    assert statuses(make_app(tmp_path, rate_api="1 per minute"), "/api/probe/plain", 5) == [200] * 5


def test_without_redis_counting_goes_on_in_this_process(tmp_path: Path) -> None:
    app = make_app(tmp_path, redis_url="redis://127.0.0.1:1", rate_limits="true", rate_api="3 per minute")
    assert statuses(app, "/api/probe/plain", 4) == [200, 200, 200, 429]


def test_redis_may_die_and_come_back_between_two_requests(tmp_path: Path) -> None:
    with temporary_valkey() as server:
        app = make_app(tmp_path, redis_url=server.url, rate_limits="true", rate_api="4 per minute")
        assert statuses(app, "/api/probe/plain", 2) == [200, 200]
        server.kill()
        assert statuses(app, "/api/probe/plain", 5)[-1] == 429
        server.start()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and server.client().dbsize() < 1:
            statuses(app, "/api/probe/plain", 1, address="203.0.113.99")
            time.sleep(0.2)
        assert server.client().dbsize() >= 1


def test_a_hanging_redis_costs_one_request_half_a_second(tmp_path: Path, hanging_redis: str) -> None:
    app = make_app(tmp_path, redis_url=hanging_redis, rate_limits="true")
    started = time.monotonic()
    assert statuses(app, "/api/probe/plain", 5) == [200] * 5
    assert time.monotonic() - started < 1.5
