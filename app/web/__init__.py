"""What every page and call shares: logs, headers, refusals, health, input hygiene."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Hang this feature's pages and hooks on the app.

    The order is that of a request's way in. On its way out the hooks run backwards: the id and the log line come last.
    """
    from werkzeug.middleware.proxy_fix import ProxyFix

    from app.web import (
        compression,
        context,
        error_pages,
        headers,
        health,
        hygiene,
        ids,
        metrics,
        pages,
        rates,
        request_id,
        static_files,
    )

    app.config["TRUSTED_HOSTS"] = settings.trusted_hosts
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # Flask's documented way

    ids.register(app)
    request_id.register(app)
    metrics.register(app, settings)
    headers.register(app, settings)
    compression.register(app)
    rates.register(app, settings)
    hygiene.register(app)
    error_pages.register(app)
    static_files.register(app)
    context.register(app)
    health.register(app, settings)
    pages.register(app, settings)
