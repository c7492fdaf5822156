"""The engine with an instant provider: what a job costs besides its painting, and how many go through."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from app import create_app
from app.config import Settings
from app.db import db, new_id
from app.generation import placing, submission
from app.generation.models import Job
from app.generation.specs import GenerationSpec
from app.providers.contract import Operation, Outputs, Request
from app.providers.sketch import Behaviour, Sketch
from app.workspaces.models import Workspace
from bench.ground import add_waiting, ground, person
from bench.measurement import Row, row
from bench.product import product

SIDE_PX = 256
SINGLES = 40
BURST = 400


def run() -> list[Row]:
    painting = _painting_ms()
    rows = [row("painting and encoding 256 px itself (taken out below)", painting, "ms")]
    base = sorted(painting)[len(painting) // 2]
    ten = _overhead(10, base)
    many = _overhead(100_000, base)
    rows += [
        row("engine overhead of a job, 10 waiting", ten, "ms", budget=30, note="submit to stored; p95 budget 80"),
        row("engine overhead of a job, 100,000 waiting", many, "ms", budget=2 * sorted(ten)[len(ten) // 2]),
    ]
    rows += [_throughput(processes) for processes in (1, 2)]
    rows.append(_placement_in_rows())
    return rows


def _painting_ms() -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        sketch = Sketch(Path(folder) / "ledger.db", Behaviour(fast=True))
        found = []
        for number in range(40):
            request = Request(
                str(number), Operation.TXT2IMG, "sketch", "a red fox", seed=number, width_px=SIDE_PX, height_px=SIDE_PX
            )
            start = perf_counter()
            steps = list(sketch.follow(sketch.submit(request)))
            found.append((perf_counter() - start) * 1000)
            assert isinstance(steps[-1], Outputs)
    return found[5:]


def _overhead(waiting: int, painting_ms: float) -> list[float]:
    """Single jobs of one person, one after the other, while somebody else's jobs wait at their cap."""
    with _running(DARKROOM_OWNER_SLOTS="1", DARKROOM_SKETCH_SLOTS="4"):
        add_waiting(person("crowd@example.com"), waiting)
        workspace = person()
        return [_one(workspace.id) - painting_ms for _ in range(SINGLES + 5)][5:]


def _one(workspace_id: uuid.UUID) -> float:
    """Milliseconds from a job's submission to its stored picture, by the rows' own times."""
    workspace = db.session.get_one(Workspace, workspace_id)
    spec = GenerationSpec(prompt="a red fox", width=SIDE_PX, height=SIDE_PX)
    start = perf_counter()
    batch = submission.submit(workspace, spec, key=str(new_id())).batch
    accepted_ms = (perf_counter() - start) * 1000
    batch_id = batch.id
    job = _ended(batch_id, 1)[0]
    return accepted_ms + (job.finished_at - job.created_at) / timedelta(milliseconds=1)


def _throughput(processes: int) -> Row:
    with _running(DARKROOM_SKETCH_SLOTS="16", DARKROOM_OWNER_SLOTS="1000", DARKROOM_WORKER_PROCESSES=str(processes)):
        workspace_id = person().id
        rates = []
        for _ in range(4):
            workspace = db.session.get_one(Workspace, workspace_id)
            spec = GenerationSpec(prompt="a red fox", batch_size=BURST, width=SIDE_PX, height=SIDE_PX)
            jobs = _ended(submission.submit(workspace, spec, key=str(new_id())).batch.id, BURST)
            spent = max(job.finished_at for job in jobs) - min(job.created_at for job in jobs)
            rates.append(BURST / spent.total_seconds())
        note = f"{BURST} pictures of 256 px a run"
        return row(
            f"jobs through, {processes} worker process{'es' if processes > 1 else ''}",
            rates[1:],
            "jobs/s",
            budget=60,
            note=note,
        )


def _placement_in_rows() -> Row:
    """One placement with everything it reads and nothing to place, 100,000 waiting."""
    with ground(DARKROOM_OWNER_SLOTS="1"):
        add_waiting(person(), 100_000)
        found = []
        for _ in range(20):
            start = perf_counter()
            placing.place_now()
            found.append((perf_counter() - start) * 1000)
        return row("one placement over the rows, 100,000 waiting", found[2:], "ms")


def _ended(batch_id: uuid.UUID, count: int) -> list[sa.Row[tuple[object, ...]]]:
    times = sa.select(Job.created_at, Job.finished_at).where(Job.batch_id == batch_id)
    while True:
        db.session.rollback()
        jobs = list(db.session.execute(times))
        if len(jobs) == count and all(job.finished_at for job in jobs):
            return jobs
        time.sleep(0.01 if count == 1 else 0.1)


@contextmanager
def _running(**settings: str) -> Iterator[None]:
    """The product over a temporary home, and this process's own app over the same database and Valkey."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder, product(Path(folder), **settings):
        environ = {"DARKROOM_ENV": "test", "DARKROOM_HOME": folder, "DARKROOM_LOG_LEVEL": "ERROR", **settings}
        with create_app(Settings.from_environ(environ)).app_context():
            yield
            db.session.remove()
            db.engine.dispose()
