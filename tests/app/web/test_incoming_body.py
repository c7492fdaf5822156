from __future__ import annotations

import io
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import IterUnreader

from app import limits
from app.web.incoming_body import IncomingBody

WISH = b'{"prompt": "a fox"}'


class Slow:
    """A client's body that comes in pieces; each is waited for as gunicorn waits under gevent."""

    def __init__(self, body: bytes, *, piece: int, pause_s: float) -> None:
        self._left = body
        self._piece = piece
        self._pause_s = pause_s

    def read(self, size: int) -> bytes:
        # gunicorn asks the socket until it has as much as it was asked for.
        got = b""
        while self._left and len(got) < size:
            gevent.sleep(self._pause_s)
            n = min(self._piece, size - len(got))
            got, self._left = got + self._left[:n], self._left[n:]
        return got


@pytest.fixture
def answer(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(client.application, "wsgi_app", IncomingBody(client.application.wsgi_app, gevent.Timeout))

    def post(body: Any, **environ: Any) -> Any:
        environ["wsgi.input"] = body
        return client.post("/api/probe/wish", content_type="application/json", environ_overrides=environ)

    return post


def length(body: bytes) -> dict[str, str]:
    return {"CONTENT_LENGTH": str(len(body))}


def test_a_byte_now_and_then_ends_in_408(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_PATIENCE_S", 0.2)
    slow = answer(Slow(WISH, piece=1, pause_s=0.05), **length(WISH))
    assert slow.status_code == 408
    assert slow.json["error"]["code"] == "request_timeout"


def test_a_large_body_may_take_as_long_as_it_needs_at_a_fair_speed(
    answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_PATIENCE_S", 0.2)
    monkeypatch.setattr(limits, "BODY_BYTES_A_SECOND", 64 * limits.KIB)
    # Spaces around JSON are nothing; twice as long as the patience, and faster than asked for.
    large = WISH + b" " * (3 * 64 * limits.KIB)
    assert answer(Slow(large, piece=16 * limits.KIB, pause_s=0.04), **length(large)).status_code == 200


def test_a_body_at_once_is_read_as_ever(answer: Any) -> None:
    assert answer(io.BytesIO(WISH), **length(WISH)).status_code == 200


@pytest.mark.parametrize("sent", [b"zz\r\n" + WISH, b"-3\r\nabc", b"3\r\nabcdef\r\n0\r\n\r\n"])
def test_chunks_that_make_no_sense_are_a_bad_request(answer: Any, sent: bytes) -> None:
    body = Body(ChunkedReader(None, IterUnreader([sent])))
    broken = answer(body, HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input_terminated": True})
    assert broken.status_code == 400
    assert broken.json["error"]["code"] == "bad_request"
