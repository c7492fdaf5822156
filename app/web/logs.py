"""Structured logs: one JSON object a line on stderr (colours when a person watches), the same in web and workers.

Everything goes through the standard library's root logger, so that gunicorn, Celery and SQLAlchemy write the same
lines. gunicorn: call `configure` in `on_starting` too, so that the arbiter follows. Celery: call it from the
`setup_logging` signal, which keeps Celery from installing handlers of its own.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

from app.config import Settings
from app.web.secrets_filter import make_filter

# They bring handlers of their own, or talk about every heartbeat.
_REROUTED = ("gunicorn.error", "gunicorn.access", "celery", "celery.task", "celery.redirected", "werkzeug")
_QUIET = ("urllib3", "kombu", "amqp", "PIL", "asyncio", "flask-limiter", "alembic")


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Set up logging for this process; calling it again replaces what was set up. `stream`: default stderr."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Cached loggers would keep the processors of the first app a process makes.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                make_filter(settings.secret()),
                _renderer(stream),
            ],
        )
    )
    root = logging.getLogger()
    for old in [found for found in root.handlers if isinstance(found.formatter, structlog.stdlib.ProcessorFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in _REROUTED:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _renderer(stream: TextIO) -> Processor:
    if stream.isatty():
        # Plain tracebacks: the prettier ones show local variables, which hold secrets.
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False)
