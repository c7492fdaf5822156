"""The clock: `celery -A worker.beat:celery beat`. Knows when, and nothing of what; so it loads none of the app.

These are the safety nets. Each of them only looks at rows, so a missed beat costs a moment and nothing else.
"""

from __future__ import annotations

import os
from typing import Any

from app.background import TaskName, make_celery
from app.config import Settings
from worker import logs

_HOUR_S = 3600.0

settings = Settings.from_environ(os.environ)
celery = make_celery(settings)
logs.take_over(settings)


def _every(task: TaskName, seconds: float) -> dict[str, Any]:
    # One that was not done before the next is due has lost its use.
    return {"task": str(task), "schedule": seconds, "options": {"expires": seconds}}


celery.conf.update(
    beat_schedule={
        "sweep": _every(TaskName.SWEEP, settings.sweep_s),
        "chat": _every(TaskName.SWEEP_CHAT, settings.sweep_s),
        "enhancing": _every(TaskName.SWEEP_ENHANCING, settings.sweep_s),
        "heartbeat": _every(TaskName.HEARTBEAT, 10.0),
        "mail": _every(TaskName.SWEEP_MAIL, 30.0),
        "files": _every(TaskName.SWEEP_FILES, _HOUR_S),
        "lifetimes": _every(TaskName.LOOK_AT_LIFETIMES, 24 * _HOUR_S),
        "invariants": _every(TaskName.CHECK_INVARIANTS, 24 * _HOUR_S),
    }
)
