"""A process killed between any two steps of a job: the job ends once, as if nothing had happened."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from app.billing.models import UsageEntry
from app.db import db
from app.generation.models import Job
from app.library.models import Asset
from tests.support.product import Product

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(60)]

IN_A_WORKER = [
    "after_claim",
    "before_send",
    "after_send",
    "after_handle",
    "following",
    "before_store",
    "after_files",
    "before_end",
    "after_end",
]


class Gate:
    """The process that comes to a named point waits there, until it is killed."""

    def __init__(self, product: Product, point: str) -> None:
        self._product = product
        self._gate = product.home / "points" / point
        self._reached = product.home / "points" / f"{point}.reached"
        self._reached.unlink(missing_ok=True)
        self._gate.touch()

    def kill_who_arrives(self) -> None:
        try:
            self._product.wait_until(self._somebody, f"somebody comes to {self._gate.name}")
            os.kill(int(self._reached.read_text(encoding="ascii")), signal.SIGKILL)
        finally:
            self._gate.unlink()

    def _somebody(self) -> bool:
        return self._reached.exists() and self._reached.read_text(encoding="ascii") != ""


@pytest.mark.parametrize("point", IN_A_WORKER)
def test_a_worker_killed_at_a_step(quick_product: Product, point: str) -> None:
    gate = Gate(quick_product, point)
    batch = quick_product.api.generate()
    gate.kill_who_arrives()
    _ends_once(quick_product, batch["batch_id"])


def test_the_one_who_places_killed_before_anybody_is_told(quick_product: Product) -> None:
    gate = Gate(quick_product, "after_place")
    batch = quick_product.api.generate()
    gate.kill_who_arrives()
    _ends_once(quick_product, batch["batch_id"])


def test_the_web_server_killed_after_it_accepted_and_before_it_answered(quick_product: Product) -> None:
    """The person asks again with the same key and gets the batch that was made."""
    gate = Gate(quick_product, "after_accept")
    answers: list[object] = []

    def ask() -> None:
        try:
            answers.append(quick_product.api.generate(key="asked twice"))
        except requests.ConnectionError as error:
            answers.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    gate.kill_who_arrives()
    asking.join(30)
    assert isinstance(answers[0], requests.ConnectionError)
    quick_product.wait_until(quick_product.answers, "the web server is back")
    batch = quick_product.api.generate(key="asked twice")
    assert quick_product.api.generate(key="asked twice")["batch_id"] == batch["batch_id"]
    _ends_once(quick_product, batch["batch_id"])


def test_every_point_named_here_is_one_of_the_engines() -> None:
    engine = Path(__file__).parents[2] / "app" / "generation"
    code = "".join(path.read_text(encoding="utf-8") for path in engine.glob("*.py"))
    assert {
        point for point in [*IN_A_WORKER, "after_place", "after_accept"] if f'faults.point("{point}")' not in code
    } == set()
    assert code.count("faults.point(") == len(IN_A_WORKER) + 2


def _ends_once(product: Product, batch_id: str) -> None:
    product.wait_until(lambda: product.api.counts(batch_id)["succeeded"] == 1, "the job has succeeded")
    job = product.api.get(f"/api/jobs?batch_id={batch_id}").json()["items"][0]
    assert len(job["images"]) == 1
    with product.witness.app_context():
        row = db.session.scalars(sa.select(Job).where(Job.batch_id == uuid.UUID(batch_id))).one()
        kinds = db.session.scalars(sa.select(UsageEntry.kind).where(UsageEntry.job_id == row.id)).all()
        pictures = db.session.scalars(sa.select(Asset).where(Asset.job_id == row.id)).all()
    assert product.ledger()[row.reference] == 1
    assert sum(times for reference, times in product.ledger().items() if reference.startswith(str(row.id))) == 1
    assert sorted(kinds) == ["reserve", "settle"]
    assert len(pictures) == 1
    product.wait_until(lambda: product.broken_invariants() == [], "all is in order", within_s=5)
