"""GET /api/health: whether Darkroom can work, answered within a second also when what it asks hangs."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import redis
import sqlalchemy as sa
import structlog
from flask import Blueprint, Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.db import db
from app.errors import AppError
from app.extensions import settings
from app.web import heartbeats
from app.web.heartbeats import Kind
from app.web.rates import unlimited
from app.web.storage_space import shortage
from app.web.visitor import is_admin, on_this_machine

# All checks run at once, each for this long at most.
PATIENCE_S = 0.8

log = structlog.get_logger(__name__)
bp = Blueprint("health", __name__)


class Unwell(Exception):
    """The part does not work; the message says how, without secrets."""


class Check:
    """One question, asked in a thread of its own: while an earlier one still hangs, no second is started."""

    def __init__(self, ask: Callable[[], dict[str, object]]) -> None:
        self._ask = ask
        self._busy = threading.Lock()

    def start(self) -> queue.Queue[dict[str, object]]:
        answer: queue.Queue[dict[str, object]] = queue.Queue()
        if self._busy.acquire(blocking=False):
            threading.Thread(target=self._run, args=(answer,), daemon=True).start()
        return answer

    def _run(self, answer: queue.Queue[dict[str, object]]) -> None:
        started = time.monotonic()
        try:
            facts = self._ask()
            answer.put({"ok": True, "ms": round((time.monotonic() - started) * 1000, 1), **facts})
        except Unwell as error:
            answer.put({"ok": False, "problem": str(error)})
        except (RedisError, SQLAlchemyError, OSError) as error:
            answer.put({"ok": False, "problem": type(error).__name__})
        except Exception as error:
            # The boundary of a thread: whatever went wrong is the answer.
            log.warning("health_check_failed", error=type(error).__name__, exc_info=error)
            answer.put({"ok": False, "problem": type(error).__name__})
        finally:
            self._busy.release()


def register(app: Flask, chosen: Settings) -> None:
    # Its own connection: impatient, and not waiting for a turn in the pool that pages use.
    client = redis.Redis.from_url(
        chosen.redis_address, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )
    with app.app_context():
        engine = db.engine
    app.extensions["health_checks"] = {
        "database": Check(lambda: _database(engine)),
        "broker": Check(lambda: _broker(client)),
        "storage": Check(lambda: _storage(chosen.storage_url)),
        "workers": Check(lambda: _alive(client, Kind.WORKER)),
        "beat": Check(lambda: _alive(client, Kind.BEAT)),
    }
    app.register_blueprint(bp)


@bp.get("/api/health")
@unlimited
def health() -> ResponseReturnValue:
    found = examine()
    status = "ok" if all(facts["ok"] for facts in found.values()) else "degraded"
    # Without the database nothing can be answered: a balancer should ask another server.
    code = 200 if found["database"]["ok"] else 503
    if _may_see_details(database=bool(found["database"]["ok"])):
        return jsonify({"status": status, "checks": found}), code
    return jsonify({"status": status}), code


def examine() -> dict[str, dict[str, object]]:
    """Each part by name: {"ok": bool, ...facts} or {"ok": False, "problem": sentence}."""
    checks: dict[str, Check] = current_app.extensions["health_checks"]
    until = time.monotonic() + PATIENCE_S
    asked = {name: check.start() for name, check in checks.items()}
    found: dict[str, dict[str, object]] = {}
    for name, answer in asked.items():
        try:
            found[name] = answer.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            found[name] = {"ok": False, "problem": "no answer in time"}
    return found


def _may_see_details(*, database: bool) -> bool:
    embedded = settings().env != "production" and settings().proxy_hops == 0
    if embedded and on_this_machine() and "Authorization" not in request.headers:
        return True
    try:
        return database and is_admin()
    except (AppError, SQLAlchemyError):
        return False


def _database(engine: sa.Engine) -> dict[str, object]:
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
    return {}


def _broker(client: redis.Redis) -> dict[str, object]:
    client.ping()
    return {}


def _storage(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme != "file":
        # Whatever keeps files elsewhere is seen when it is used.
        return {"where": parts.scheme}
    problem = shortage(Path(unquote(parts.path)))
    if problem:
        raise Unwell(problem)
    return {}


def _alive(client: redis.Redis, kind: Kind) -> dict[str, object]:
    age = heartbeats.age_s(client, kind)
    if age is None or age > heartbeats.STALE_S:
        raise Unwell("no sign of life" if age is None else f"no sign of life for {age:.0f} s")
    return {"age_s": round(age, 1)}
