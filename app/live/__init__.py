"""The event stream of each person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.live.stream import News, publish, publish_all

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings

__all__ = ["News", "publish", "publish_all", "register"]


def register(app: Flask, settings: Settings) -> None:
    """Serve the live channel."""
    import redis

    from app.extensions import sock
    from app.live.hub import Hub
    from app.live.routes import bp, cursor_of_page
    from app.web.context import provide

    app.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": 25, "max_message_size": 1_024}
    # Its own connection, without the short read timeout of the others: it waits for messages.
    listener = redis.Redis.from_url(settings.redis_address, socket_connect_timeout=2)
    app.extensions["live_hub"] = Hub(listener)
    app.register_blueprint(bp)
    provide("live_cursor", cursor_of_page)
    sock.init_app(app)
