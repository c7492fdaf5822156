"""The live channel: a WebSocket for each open page, and a long poll for where WebSockets do not get through."""

from __future__ import annotations

import json
import queue
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from redis.exceptions import RedisError
from simple_websocket import ConnectionClosed, Server

from app.accounts.access import signed_in, still_signed_in
from app.db import db, utc_now
from app.errors import Unavailable
from app.extensions import sock
from app.live import gunicorn_worker
from app.live.hub import Hub, Subscription
from app.live.stream import Event, current_cursor, epoch, missed, order
from app.web.rates import unlimited

bp = Blueprint("live", __name__)

# How often an idle socket looks up: whether the server is stopping, whether the person is still signed in.
LOOK_S = 1.0
RECHECK_S = 60.0
MOST_POLL_S = 25.0
SERVICE_RESTART = 1012
POLICY_VIOLATION = 1008


def hub() -> Hub:
    found: Hub = current_app.extensions["live_hub"]
    return found


@sock.route("/live", bp=bp)  # type: ignore[untyped-decorator]  # flask-sock ships no types
def live(ws: Server) -> None:
    """Events as JSON texts, from `?after=<cursor>` on, for as long as the page is open and its person signed in."""
    if not current_user.is_authenticated or not _from_our_pages():
        ws.close(POLICY_VIOLATION, "sign in again")
        return
    owner_id: uuid.UUID = current_user.id
    # Nothing below may hold a database connection: this function lives as long as the page does.
    db.session.remove()
    try:
        subscription = hub().subscribe(owner_id, epoch())
    except RedisError:
        ws.close(SERVICE_RESTART, "try again")
        return
    try:
        _relay(ws, subscription, owner_id, request.args.get("after", ""))
    except (ConnectionClosed, RedisError):
        pass
    finally:
        hub().unsubscribe(subscription)


def _relay(ws: Server, subscription: Subscription, owner_id: uuid.UUID, after: str) -> None:
    sent = "0-0"
    for event in _since(owner_id, after):
        ws.send(event.as_json())
        sent = event.cursor.partition(".")[2] or sent
    checked = time.monotonic()
    while True:
        try:
            event_or_gap = subscription.next(LOOK_S)
        except queue.Empty:
            pass
        else:
            if event_or_gap is None:
                ws.send(_resync(owner_id).as_json())
            elif order(event_or_gap.cursor.partition(".")[2]) > order(sent):
                ws.send(event_or_gap.as_json())
        # Pages only listen; what they sent all the same would lie in memory for as long as they are open.
        if ws.receive(0) is not None:
            ws.close(POLICY_VIOLATION, "nothing is read here")
            return
        if not ws.connected:
            return
        if gunicorn_worker.is_stopping():
            ws.close(SERVICE_RESTART, "restarting")
            return
        if time.monotonic() - checked > RECHECK_S:
            checked = time.monotonic()
            if not still_signed_in():
                ws.close(POLICY_VIOLATION, "sign in again")
                return


@bp.get("/api/live")
@unlimited  # one that is answered at once is asked again at once; it costs less than it says
@signed_in
def poll() -> ResponseReturnValue:
    """The same events by long poll: waits up to 25 s for the first one after the cursor."""
    owner_id: uuid.UUID = current_user.id
    after = request.args.get("after", "")
    try:
        wait_s = min(float(request.args.get("wait", MOST_POLL_S)), MOST_POLL_S)
    except ValueError:
        wait_s = MOST_POLL_S
    db.session.remove()
    try:
        subscription = hub().subscribe(owner_id, epoch())
        try:
            events = list(_since(owner_id, after))
            # Without a cursor the page only asks where to listen from.
            if not events and after:
                events = list(_first(subscription, owner_id, wait_s))
            cursor = events[-1].cursor if events else after or current_cursor(owner_id)
        finally:
            hub().unsubscribe(subscription)
    except RedisError:
        raise Unavailable("Live events are resting for a moment. The page itself is up to date.") from None
    return {"events": [json.loads(event.as_json()) for event in events], "after": cursor}


def cursor_of_page() -> str:
    """Where a page that is being rendered should listen from; empty for strangers and while Redis is away."""
    return current_cursor(current_user.id) if current_user.is_authenticated else ""


def _first(subscription: Subscription, owner_id: uuid.UUID, wait_s: float) -> Iterator[Event]:
    deadline = time.monotonic() + wait_s
    while (left := deadline - time.monotonic()) > 0 and not gunicorn_worker.is_stopping():
        try:
            event = subscription.next(min(left, LOOK_S))
        except queue.Empty:
            continue
        yield event or _resync(owner_id)
        # Whatever came at the same moment goes along.
        while not subscription.pending.empty():
            yield subscription.next(0) or _resync(owner_id)
        return


def _since(owner_id: uuid.UUID, after: str) -> Iterator[Event]:
    if not after:
        return
    events, lost = missed(owner_id, after)
    if lost:
        yield _resync(owner_id)
    yield from events


def _resync(owner_id: uuid.UUID) -> Event:
    """Tell a page that it missed something and must look for itself; its cursor is where the stream is now."""
    data: dict[str, Any] = {}
    return Event(current_cursor(owner_id), "resync", utc_now().isoformat(timespec="milliseconds"), data)


def _from_our_pages() -> bool:
    """Browsers always send Origin with a WebSocket; a page of somebody else's must not listen in."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    if origin == "null":
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc == request.host
