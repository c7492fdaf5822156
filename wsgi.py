"""What gunicorn serves."""

from __future__ import annotations

import os

from app import create_app
from app.config import Settings
from app.loading import loading

with loading():
    app = create_app(Settings.from_environ(os.environ))
