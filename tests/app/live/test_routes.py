"""The long poll, which answers over plain requests what the WebSocket sends."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from apiflask import APIFlask

from app.accounts.models import User
from app.live import publish
from tests.support.visitor import Visitor


def test_a_stranger_gets_nothing(app: APIFlask) -> None:
    assert Visitor(app).get("/api/live").status_code == 401


def test_without_a_cursor_it_says_where_to_listen_from(app: APIFlask, owner: User) -> None:
    answer = Visitor(app, owner.email).get("/api/live").get_json()
    assert answer["events"] == []
    assert "." in answer["after"]


def test_it_answers_as_soon_as_something_happens(app: APIFlask, owner: User) -> None:
    visitor = Visitor(app, owner.email)
    after = visitor.get("/api/live").get_json()["after"]
    owner_id = owner.id

    def later() -> None:
        with app.app_context():
            time.sleep(0.3)
            publish(owner_id, "notice", {"number": 7})

    thread = threading.Thread(target=later)
    thread.start()
    started = time.monotonic()
    answer = visitor.get(f"/api/live?after={after}&wait=10").get_json()
    thread.join()
    assert [event["data"] for event in answer["events"]] == [{"number": 7}]
    assert time.monotonic() - started < 5
    assert visitor.get(f"/api/live?after={answer['after']}&wait=0.1").get_json()["events"] == []


def test_what_happened_before_it_asked_is_answered_at_once(app: APIFlask, owner: User) -> None:
    visitor = Visitor(app, owner.email)
    after = visitor.get("/api/live").get_json()["after"]
    publish(owner.id, "job", {"state": "running"})
    answer = visitor.get(f"/api/live?after={after}").get_json()
    assert [(event["type"], event["data"]["state"]) for event in answer["events"]] == [("job", "running")]


def test_a_lost_cursor_is_answered_with_a_resync(app: APIFlask, owner: User) -> None:
    answer = Visitor(app, owner.email).get("/api/live?after=gone.1-1&wait=0.1").get_json()
    assert [event["type"] for event in answer["events"]] == ["resync"]


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "99"}, {"Sec-WebSocket-Key": "x"}]
)
def test_half_a_handshake_is_a_bad_request(app: APIFlask, headers: dict[str, str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answer = app.test_client().get(
            "/live",
            headers={"Upgrade": "websocket", "Connection": "Upgrade", **headers},
            environ_overrides={"werkzeug.socket": ours},
        )
    assert answer.status_code == 400


def test_a_page_that_talks_is_shown_out(app: APIFlask, owner: User) -> None:
    """What nobody reads would be kept until the page closes."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    handshake = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version": "13",
    }
    with ours, theirs:
        theirs.sendall(b"\x81\x83\0\0\0\0abc")  # a text of three letters, masked with nothing
        Visitor(app, owner.email).get("/live", headers=handshake, environ_overrides={"werkzeug.socket": ours})
        said = b""
        while b"nothing is read here" not in said:
            said += theirs.recv(4096)
    assert said.startswith(b"HTTP/1.1 101")
