"""What gunicorn serves."""

from __future__ import annotations

import os

import gevent

from app import create_app
from app.config import Settings
from app.loading import loading
from app.web.incoming_body import IncomingBody

with loading():
    app = create_app(Settings.from_environ(os.environ))
    app.wsgi_app = IncomingBody(app.wsgi_app, gevent.Timeout)  # type: ignore[method-assign]  # Flask's documented way
