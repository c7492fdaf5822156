"""The Flask extensions and the Redis connection, made once and bound to the app in create_app()."""

from __future__ import annotations

import redis
from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_sock import Sock
from flask_wtf import CSRFProtect

from app.config import Settings
from app.db import db
from app.redis_fuse import Fuse
from app.storage import Storage

migrate = Migrate(db=db, render_as_batch=True, compare_type=True)
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)
sock = Sock()


def settings() -> Settings:
    """The settings of the running app."""
    found: Settings = current_app.extensions["settings"]
    return found


def redis_client() -> redis.Redis:
    """The app's Redis connection pool. Every call may raise redis.RedisError: nothing kept there is the truth."""
    client: redis.Redis = current_app.extensions["redis_client"]
    return client


def storage() -> Storage:
    """Where the running app keeps its files."""
    found: Storage = current_app.extensions["storage"]
    return found


def connect_redis(app: Flask, chosen: Settings) -> redis.Redis:
    # Short timeouts: a page must answer within two seconds even when the broker hangs.
    client: redis.Redis = redis.Redis.from_url(
        chosen.redis_address,
        socket_timeout=1,
        socket_connect_timeout=0.5,
        health_check_interval=30,
        retry=Fuse(),
    )
    app.extensions["redis_client"] = client
    return client
