"""The pages where pictures are made: the canvas, the queue, one picture. Thin faces over the engine and the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the pages and tell every page what the frame shows of the queue."""
    from app.playground import actions, comparing, frame, inspected, inspector, looking, queue_pages, routes
    from app.web.context import provide

    app.register_blueprint(routes.bp)
    app.register_blueprint(actions.bp)
    app.register_blueprint(inspector.bp)
    app.register_blueprint(looking.bp)
    app.register_blueprint(comparing.bp)
    app.register_blueprint(queue_pages.bp)
    provide("queue_count", frame.queue_count)
    provide("status_text", frame.status_text)
    provide("usage", frame.usage)
    provide("recent", frame.recent)
    provide("every_workspace", frame.every_workspace)
    provide("first_visit", frame.first_visit)
    provide("inspected", inspected.selected)
