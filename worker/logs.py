"""The workers' log is ours, not Celery's."""

from __future__ import annotations

import logging
from typing import Any

from celery import signals

from app.config import Settings
from app.web.logs import configure

# A line when each message comes and another when it is done: a job says more about itself, and says it once.
_TALKATIVE = ("celery.worker.strategy", "celery.app.trace", "celery.beat")


def take_over(settings: Settings) -> None:
    """Log as the web server does, and keep Celery from installing its own handlers beside ours."""

    @signals.setup_logging.connect(weak=False)  # type: ignore[untyped-decorator]  # Celery ships no types
    def set_up(**_: Any) -> None:
        configure(settings)
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
