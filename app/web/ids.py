"""Ids in addresses: one spelling, so that what was given out is what comes back."""

from __future__ import annotations

import uuid

from flask import Flask
from werkzeug.routing import UUIDConverter


class CanonicalId(UUIDConverter):
    """`<uuid:job_id>`. With capitals it is another address, and missing."""

    regex = r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"


def id_or_none(text: str | None) -> uuid.UUID | None:
    """An id from a query or a form where a wrong one is as good as none."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def register(app: Flask) -> None:
    """Before the first route is."""
    app.url_map.converters["uuid"] = CanonicalId
