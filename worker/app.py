"""The Celery app that workers and beat load: `celery -A worker.app:celery worker`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from celery import Task, signals
from kombu.transport.redis import QoS

from app import background, create_app
from app.background import TaskName
from app.config import Settings
from app.generation import running
from app.loading import loading
from worker import logs

Doorway = TypeVar("Doorway", bound=Callable[..., None])

settings = Settings.from_environ(os.environ)
with loading():
    flask_app = create_app(settings)
celery = background.make_celery(settings, consumer=True)
# Otherwise a worker that loses its broker tries to give its messages back over the lost connection, and dies of it
# with every job it follows (kombu 5.7). What is left to do is known from the rows.
QoS.restore_at_shutdown = False
logs.take_over(settings)


class InAppContext(Task):  # type: ignore[misc]  # Celery ships no types
    """Every task runs inside the Flask app, with a database session of its own."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with flask_app.app_context():
            return super().__call__(*args, **kwargs)


celery.Task = InAppContext


def doorway(name: TaskName) -> Callable[[Doorway], Doorway]:
    """Register a function as the task of that name, and leave it the function it is."""

    def register(function: Doorway) -> Doorway:
        celery.task(name=str(name))(function)
        return function

    return register


celery.conf.update(
    imports=(
        "worker.generation",
        "worker.accounts",
        "worker.library",
        "worker.offers",
        "worker.chat",
        "worker.enhancing",
        "worker.health",
    )
)


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery ships no types
def _hand_on(**_: Any) -> None:
    """A warm shutdown must not wait for a video: followers give their jobs back at their next step."""
    running.draining.set()
