"""How often one caller may ask: by API key, by person, or by network, counted in Redis, or here while Redis is away."""

from __future__ import annotations

import ipaddress
import time
from contextlib import suppress

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit
from flask_login import current_user
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.config import Settings
from app.errors import AppError
from app.extensions import limiter, settings
from app.limits import API_BURST
from app.web.visitor import signed_in


def register(app: Flask, chosen: Settings) -> None:
    app.config.update(
        RATELIMIT_ENABLED=chosen.rate_limits,
        RATELIMIT_STORAGE_URI=_storage_address(chosen.redis_address),
        RATELIMIT_STORAGE_OPTIONS={
            # A hanging Redis costs one request this long; then counting goes on in memory and Redis is asked rarely.
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
            "retry": Retry(NoBackoff(), 0),
            "key_prefix": "darkroom:rate",
        },
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        # Written below: theirs put Retry-After on answers that were given.
        RATELIMIT_HEADERS_ENABLED=False,
    )
    limiter.limit_manager.set_application_limits(
        [
            ApplicationLimit(
                limit_provider=lambda: f"{settings().rate_api}; {API_BURST} per second",
                scope="api",
                key_function=caller,
                exempt_when=_not_api,
            ).bind(limiter)
        ]
    )
    limiter.init_app(app)
    app.after_request(_tell_what_is_left)


def caller() -> str:
    """Who is asking, as the key of a count."""
    try:
        if signed_in():
            # The account's loader leaves the key's id here when it was a key that signed in.
            key_id = g.get("api_key_id")
            return f"key:{key_id}" if key_id is not None else f"person:{current_user.get_id()}"
    except (AppError, HTTPException, SQLAlchemyError):
        # A refused key, or no database: the view will say so. Raised here, it would be taken for a dead Redis.
        pass
    return f"net:{client_network()}"


# Every generating route takes from one allowance: @generation_rate below the route decorator.
generation_rate = limiter.shared_limit(
    lambda: settings().rate_generate, scope="generation", key_func=caller, override_defaults=False
)
# For routes a page calls by the dozen, such as pictures, or that wait by design: @unlimited.
unlimited = limiter.exempt


def client_network() -> str:
    """The network of the caller: an IPv4 address, or the /64 an IPv6 customer commonly owns."""
    return network_of(request.remote_addr)


def network_of(address: str | None) -> str:
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((ip, 64), strict=False))
        return str(ip.ipv4_mapped)
    return str(ip)


def retry_after_s() -> int:
    """Seconds until the limit that was just met lets one request through, at least 1."""
    breached = limiter.current_limit
    try:
        return max(1, int(breached.reset_at - time.time()) + 1) if breached else 1
    except RedisError:
        return 1


def _not_api() -> bool:
    return not request.path.startswith("/api/")


def _tell_what_is_left(response: Response) -> Response:
    # Of several limits the longest, which a client can plan with.
    limit = max(limiter.current_limits, key=lambda one: one.limit.get_expiry(), default=None)
    if limit is not None:
        with suppress(RedisError):
            response.headers["X-RateLimit-Remaining"] = str(max(0, limit.remaining))
            response.headers["X-RateLimit-Limit"] = str(limit.limit.amount)
    return response


def _storage_address(address: str) -> str:
    return f"redis+{address}" if address.startswith("unix://") else address
