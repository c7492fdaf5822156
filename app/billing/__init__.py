"""Limits, budgets, usage and what was spent. Knows workloads, not jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Hang this feature's pages on the app."""
    from app.billing.routes import bp
    from app.money import whole

    app.add_template_filter(whole, "whole_dollars")
    app.register_blueprint(bp)
