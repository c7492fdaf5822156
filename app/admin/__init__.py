"""The staff's rooms under /admin: raw rows of everybody's work, to look at and not to touch, and what is on offer.

Flask-Admin keeps the views, their menu and what stands in the address (search, filters, order, page). What is read is
ours (sources.py), and so are the pages (templates/admin).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Hang the staff's pages on the app."""
    from flask_admin import Admin

    from app.admin.front import Front
    from app.admin.offers import Offers
    from app.admin.tables import TABLES

    admin = Admin(name="Admin", index_view=Front())
    admin.add_views(Offers(), *(table() for table in TABLES))
    admin.init_app(app)
