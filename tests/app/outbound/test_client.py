from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from app.outbound import Garbled, HostNotAllowed, LostAnswer, Outbound, Patience, Reply, Unreachable
from tests.support.wire import HTML, Fault, Said, Seen, Wire

QUICK = Patience(connect_s=1, silence_s=0.4, total_s=0.8)


class Echo(Wire):
    """Says what it heard, and keeps a few awkward answers."""

    def handle(self, seen: Seen) -> Said:
        if seen.method == "POST":
            self.charge(seen.path, "0.01")
        match seen.path:
            case "/moved":
                return Said(302, b"", {"Location": "/elsewhere"})
            case "/big":
                return Said(200, b"x" * 5000)
            case "/stream":
                return Said(200, pieces=(b"data: one\n\nda", b"ta: two\r\n", "data: drüben".encode()))
            case "/short":
                return Said(200, headers={"Content-Length": "500"}, pieces=(b"only so much",))
        kind = seen.headers.get("Content-Type", "")
        form = (
            [(name, file, mime, len(data)) for name, file, mime, data in seen.parts()] if "multipart" in kind else None
        )
        return Said(200, {"path": seen.path, "query": seen.query, "headers": dict(seen.headers), "form": form})


@pytest.fixture
def wire() -> Iterator[Echo]:
    with Echo() as echo:
        yield echo


@pytest.fixture
def outbound(wire: Echo) -> Outbound:
    return Outbound(wire.url, headers={"x-key": "s3cret-key"}, hosts=(".example.com",), patience=QUICK)


def test_a_call_carries_the_key_and_comes_back_whole(outbound: Outbound) -> None:
    reply = outbound.call("POST", "/v1/do", query={"a": "b"}, json_body={"prompt": "föx"})
    assert reply.ok
    assert reply.json()["query"] == {"a": "b"}
    assert reply.json()["headers"]["x-key"] == "s3cret-key"


def test_a_form_keeps_the_order_and_the_kinds_of_its_parts(outbound: Outbound) -> None:
    reply = outbound.post_form(
        "/v1/edit",
        {"model": "m"},
        [("image[]", ("a.png", b"12", "image/png")), ("image[]", ("b.png", b"3", "image/png"))],
    )
    assert reply.json()["form"] == [
        ["model", None, "text/plain", 1],
        ["image[]", "a.png", "image/png", 2],
        ["image[]", "b.png", "image/png", 1],
    ]


def test_any_status_is_an_answer_and_no_redirect_is_followed(wire: Echo, outbound: Outbound) -> None:
    wire.faults.append(Fault("answer", Said(503, {"error": "busy"}, {"Retry-After": "7"})))
    busy = outbound.post("/v1/do", {})
    assert (busy.status, busy.ok, busy.headers["retry-after"]) == (503, False, "7")
    assert outbound.get("/moved").status == 302
    assert [seen.path for seen in wire.calls("GET")] == ["/moved"]


def test_what_is_no_json_is_garbled(wire: Echo, outbound: Outbound) -> None:
    wire.faults.append(Fault("answer", HTML))
    with pytest.raises(Garbled, match="text/html"):
        outbound.post("/v1/do", {}).json()


def test_nobody_there_means_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable):
        Outbound(f"http://127.0.0.1:{port}", patience=QUICK).post("/v1/do", {})


@pytest.mark.parametrize("kind", ["hang", "cut", "garbage"])
def test_a_call_without_a_whole_answer_is_lost_and_never_repeated(wire: Echo, outbound: Outbound, kind: str) -> None:
    wire.faults.append(Fault(kind))  # type: ignore[arg-type] # the list above holds its names
    with pytest.raises(LostAnswer):
        outbound.post("/v1/do", {})
    assert len(wire.seen) == 1


def test_an_answer_that_drips_ends_with_the_time_for_the_whole_call(wire: Echo, outbound: Outbound) -> None:
    wire.faults.append(Fault("drip", pause_s=0.05))
    began = time.monotonic()
    with pytest.raises(LostAnswer):
        outbound.post("/v1/do", {})
    assert time.monotonic() - began < 5 * QUICK.total_s


def test_headers_that_drip_end_with_it_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 400:
                        connection.sendall(bytes([letter]))
                        time.sleep(0.05)
                except OSError:
                    pass

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        outbound = Outbound(f"http://127.0.0.1:{server.getsockname()[1]}", patience=QUICK)
        with pytest.raises(LostAnswer):
            outbound.post("/v1/do", {})
        thread.join(5)


def test_a_large_body_may_take_longer_to_send_than_a_connection_to_come_about() -> None:
    size = 12_000_000
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take_slowly() -> None:
            connection, _ = server.accept()
            with connection:
                time.sleep(0.4)
                taken = 0
                while taken < size:
                    taken += len(connection.recv(1024 * 1024))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=take_slowly, daemon=True)
        thread.start()
        patience = Patience(connect_s=0.2, silence_s=5, total_s=10)
        outbound = Outbound(f"http://127.0.0.1:{server.getsockname()[1]}", patience=patience)
        assert outbound.post("/v1/do", {"picture": "x" * size}).ok
        thread.join(5)


def test_an_answer_shorter_than_announced_is_lost(outbound: Outbound) -> None:
    with pytest.raises(LostAnswer):
        outbound.get("/short")


def test_an_answer_is_bounded_announced_or_not(wire: Echo) -> None:
    small = Outbound(wire.url, patience=QUICK, most_bytes=4000)
    with pytest.raises(LostAnswer, match="5000 bytes announced"):
        small.get("/big")
    wire.faults.append(Fault("answer", Said(200, pieces=(b"x" * 3000, b"x" * 3000)), method="GET"))
    with pytest.raises(LostAnswer, match="more than 4000"):
        small.get("/big")


def test_lines_come_as_they_are_sent(outbound: Outbound) -> None:
    with outbound.lines("/stream", {}) as lines:
        assert not isinstance(lines, Reply)
        assert list(lines) == ["data: one", "", "data: two", "data: drüben"]


def test_a_refused_stream_is_a_whole_reply(wire: Echo, outbound: Outbound) -> None:
    wire.faults.append(Fault("answer", Said(401, {"error": "no"})))
    with outbound.lines("/stream", {}) as reply:
        assert isinstance(reply, Reply)
        assert reply.json() == {"error": "no"}


def test_a_file_is_fetched_without_our_key(wire: Echo, outbound: Outbound) -> None:
    reply = outbound.download(f"{wire.url}/file?signature=abc")
    assert "x-key" not in reply.json()["headers"]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/poll",
        "https://example.com.evil.test/poll",
        "https://evilexample.com/poll",
        "https://user@api.example.com/poll",
        "https:///poll",
        "ftp://api.example.com/poll",
        "http://[::1/poll",
        "https://evil.test\\.example.com/poll",
        "https://evil.test\t.example.com/poll",
        "https://evil.test\u3002example.com/poll",
    ],
)
def test_an_address_from_an_answer_must_be_the_providers_own(url: str) -> None:
    outbound = Outbound("https://api.base.test", headers={"x-key": "s3cret-key"}, hosts=(".example.com",))
    with pytest.raises(HostNotAllowed):
        outbound.get(url)
    with pytest.raises(HostNotAllowed):
        outbound.download(url)


def test_nothing_secret_is_logged_or_told(
    wire: Echo, outbound: Outbound, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    outbound.call("POST", "/v1/do", query={"signature": "s3cret-key"}, json_body={"prompt": "s3cret-key"})
    wire.faults.append(Fault("cut"))
    with pytest.raises(LostAnswer) as lost:
        outbound.call("POST", "/v1/do", query={"signature": "s3cret-key"})
    assert "s3cret-key" not in caplog.text + str(lost.value) + repr(outbound)
    assert "/v1/do: 200" in caplog.text
