"""Ids in addresses: one spelling, so that what was given out is what comes back."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import UUIDConverter


class CanonicalId(UUIDConverter):
    """`<uuid:job_id>`. With capitals it is another address, and missing."""

    regex = r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"


def register(app: Flask) -> None:
    """Before the first route is."""
    app.url_map.converters["uuid"] = CanonicalId
