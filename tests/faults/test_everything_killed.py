"""The main job while the product is torn down around it, piece by piece."""

from __future__ import annotations

import re
import signal
import sqlite3
import threading
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis
import requests
import sqlalchemy as sa

from app.billing import service as billing
from app.db import db
from app.generation.models import Batch, Job
from app.library.models import Asset
from app.supervisor import valkey
from tests.support.product import EMAIL, PASSWORD, Product

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.timeout(150)]

ACTIVE = ("placed", "submitted", "running")


class Onlooker:
    """Looks at a batch all the time, as its page does, and writes down whatever it is told that cannot be true."""

    def __init__(self, product: Product, batch_id: str) -> None:
        self.lies: list[str] = []
        self.looks = 0
        self._product = product
        self._batch_id = batch_id
        self._done: set[str] = set()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    def __enter__(self) -> Onlooker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join(30)

    def _look_on(self) -> None:
        api = self._product.another_api()
        while not self._enough.wait(0.1):
            try:
                counts = api.get(f"/api/batches/{self._batch_id}", timeout=3).json()["counts"]
                jobs = api.get(f"/api/jobs?batch_id={self._batch_id}&limit=200", timeout=3).json()["items"]
            except (requests.RequestException, KeyError):
                # Being away is no lie.
                continue
            self._judge(counts, jobs)
        api.close()

    def _judge(self, counts: dict[str, int], jobs: list[dict[str, Any]]) -> None:
        self.looks += 1
        pictures = sum(len(job["images"]) for job in jobs)
        if sum(counts.values()) != len(jobs):
            self.lies.append(f"{counts} of {len(jobs)} jobs")
        if counts["succeeded"] > pictures:
            self.lies.append(f"{counts['succeeded']} are done with {pictures} pictures")
        if counts["failed"] or counts["cancelled"]:
            self.lies.append(f"somebody gave up: {counts}")
        for job in jobs:
            done = job["status"] == "succeeded"
            if done != (len(job["images"]) == 1):
                self.lies.append(f"{job['status']} with {len(job['images'])} pictures")
            if job["id"] in self._done and not done:
                self.lies.append(f"was done and is {job['status']}")
            if done:
                self._done.add(job["id"])


def test_forty_running_jobs_survive_the_death_of_everything(busy_product: Product) -> None:
    product = busy_product
    batch_id = product.api.generate(count=40)["batch_id"]
    with Onlooker(product, batch_id) as onlooker:
        product.wait_until(lambda: _active(product, batch_id) >= 30, "most of them run")
        killed = product.pids("worker")[:1]
        product.signal(killed, signal.SIGKILL)
        time.sleep(0.3)
        product.kill("valkey")
        time.sleep(0.3)
        product.kill("web")
        product.wait_until(product.answers, "the web server is back")
        assert _active(product, batch_id) + product.api.counts(batch_id)["waiting"] > 0
        product.kill_everything()
        product.wait_until(lambda: product.left() == [], "every process is gone", within_s=5)
        product.start()
        _all_succeed(product, batch_id, 40)
    assert onlooker.lies == []
    assert onlooker.looks > 5
    _made_once(product, batch_id, 40)
    assert _answers_with_a_picture(product, batch_id) == 40
    doctor = product.doctor()
    assert (doctor.returncode, "invariants: all hold" in doctor.stdout) == (0, True), doctor.stdout


def test_two_hundred_waiting_jobs_survive_the_loss_of_all_messages(busy_product: Product) -> None:
    product = busy_product
    batches = [product.api.generate(count=100)["batch_id"] for _ in range(2)]
    product.wait_until(lambda: _active(product, batches[0]) > 0, "the first have started")
    with redis.Redis.from_url(_redis_address(product)) as client:
        client.flushall()
    for batch_id in batches:
        _all_succeed(product, batch_id, 100)
        _made_once(product, batch_id, 100)
    assert product.broken_invariants() == []


def test_a_frozen_worker_that_wakes_up_later_changes_nothing(busy_product: Product) -> None:
    product = busy_product
    product.wait_until(lambda: _both_workers(product), "both workers run")
    batch_id = product.api.generate(count=12)["batch_id"]
    frozen = product.wait_until(lambda: _freeze_a_holder(product, batch_id), "a worker holds some of them")
    try:
        _all_succeed(product, batch_id, 12)
        attempts = _attempts(product, batch_id)
        assert max(attempts) > 1
    finally:
        product.signal([frozen], signal.SIGCONT)
    # Long enough for everything it had in its hands to be tried, and refused.
    time.sleep(3)
    assert _attempts(product, batch_id) == attempts
    _made_once(product, batch_id, 12)
    assert product.broken_invariants() == []


def test_without_valkey_pages_and_requests_are_served_and_the_work_is_done_later(busy_product: Product) -> None:
    product = busy_product
    person = _sign_in(product)
    workers = product.wait_until(lambda: _both_workers(product), "both workers run")
    long_running = product.api.generate(count=8)["batch_id"]
    # A placed one is no worker's yet: its message may still lie in Valkey, and would be lost with it for a while.
    product.wait_until(lambda: _begun(product, long_running) == 8, "some jobs run")
    (product.home / "valkey-closed").touch()
    try:
        product.kill("valkey")
        promised, slowest_s = [], 0.0
        for _ in range(5):
            began = time.monotonic()
            promised.append(product.api.generate(count=2)["batch_id"])
            slowest_s = max(slowest_s, time.monotonic() - began)
            time.sleep(0.5)
        assert slowest_s < 2
        for path in ("/", "/queue"):
            assert person.get(product.base_url + path, timeout=4).status_code == 200
        assert all(sum(product.api.counts(batch_id).values()) == 2 for batch_id in promised)
        # What ran goes on by itself, in the processes it ran in.
        _all_succeed(product, long_running, 8)
        assert product.pids("worker") == workers
    finally:
        (product.home / "valkey-closed").unlink()
    for batch_id in promised:
        _all_succeed(product, batch_id, 2)
        _made_once(product, batch_id, 2)
    assert product.broken_invariants() == []
    _day_is_counted_exactly(product)


def test_a_valkey_that_hangs_holds_nobody_up_for_long(busy_product: Product) -> None:
    product = busy_product
    hung = product.pids("valkey")
    product.signal(hung, signal.SIGSTOP)
    try:
        began = time.monotonic()
        batch_id = product.api.generate(count=2)["batch_id"]
        took_s = time.monotonic() - began
        counted = product.api.counts(batch_id)
    finally:
        product.signal(hung, signal.SIGCONT)
    assert took_s < 2
    assert sum(counted.values()) == 2
    _all_succeed(product, batch_id, 2)
    _made_once(product, batch_id, 2)
    _day_is_counted_exactly(product)


def test_a_killed_supervisor_leaves_nothing_behind_and_can_start_again(busy_product: Product) -> None:
    product = busy_product
    batch_id = product.api.generate(count=3)["batch_id"]
    product.kill("supervisor")
    product.wait_until(lambda: product.left() == [], "every process is gone", within_s=5)
    assert not valkey.answers(product.home / "run" / "valkey.sock")
    product.start()
    _all_succeed(product, batch_id, 3)
    _made_once(product, batch_id, 3)
    assert product.broken_invariants() == []


def _active(product: Product, batch_id: str) -> int:
    counts = product.api.counts(batch_id)
    return sum(counts[state] for state in ACTIVE)


def _begun(product: Product, batch_id: str) -> int:
    counts = product.api.counts(batch_id)
    return sum(counts[state] for state in ("submitted", "running", "succeeded"))


def _both_workers(product: Product) -> list[int]:
    pids = product.pids("worker")
    return pids if len(pids) == 2 else []


def _all_succeed(product: Product, batch_id: str, count: int) -> None:
    def all_done() -> bool:
        return product.answers() and product.api.counts(batch_id)["succeeded"] == count

    product.wait_until(all_done, f"all {count} are done", within_s=60)


def _made_once(product: Product, batch_id: str, count: int) -> None:
    """By our rows, by the files, and by the provider's own books."""
    with product.witness.app_context():
        mine = Job.batch_id == uuid.UUID(batch_id)
        references = {job.reference for job in db.session.scalars(sa.select(Job).where(mine))}
        shown = db.session.scalars(sa.select(Asset.job_id).join(Job, Asset.job_id == Job.id).where(mine)).all()
        closed = product.wait_until(lambda: _finished_at(batch_id), "the batch is closed", within_s=5)
    assert closed
    assert len(shown) == len(set(shown)) == count
    charged = product.ledger()
    names = {reference.split(".")[0] for reference in references}
    ours = {reference: times for reference, times in charged.items() if reference.split(".")[0] in names}
    assert ours == dict.fromkeys(references, 1)


def _finished_at(batch_id: str) -> object:
    db.session.rollback()
    return db.session.scalar(sa.select(Batch.finished_at).where(Batch.id == uuid.UUID(batch_id)))


def _answers_with_a_picture(product: Product, batch_id: str) -> int:
    jobs = product.api.get(f"/api/jobs?batch_id={batch_id}&limit=200").json()["items"]
    files = [product.api.get(f"/api/images/{job['images'][0]['id']}/file") for job in jobs]
    return sum(answer.ok and answer.content.startswith(b"\x89PNG") for answer in files)


def _attempts(product: Product, batch_id: str) -> list[int]:
    with product.witness.app_context():
        mine = sa.select(Job.attempt).where(Job.batch_id == uuid.UUID(batch_id)).order_by(Job.ordinal)
        return list(db.session.scalars(mine))


def _freeze_a_holder(product: Product, batch_id: str) -> int:
    """Stop a worker that follows some of the batch's jobs; its id, or 0 if none could be stopped without harm."""
    with product.witness.app_context():
        running = sa.select(Job.lease_owner).where(Job.batch_id == uuid.UUID(batch_id), Job.state == "running")
        holders = [owner for owner in db.session.scalars(running) if owner]
    for pid in product.pids("worker"):
        if sum(f":{pid}:" in owner for owner in holders) >= 2:
            product.signal([pid], signal.SIGSTOP)
            if all(_can_be_written(product.home / name) for name in ("darkroom.db", "sketch-ledger.db")):
                return pid
            # It was stopped while it held the one write lock of an SQLite file, which would stop everybody.
            product.signal([pid], signal.SIGCONT)
    return 0


def _can_be_written(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        database.execute("ROLLBACK")
        return True


def _sign_in(product: Product) -> requests.Session:
    person = requests.Session()
    page = person.get(product.base_url + "/auth/login", timeout=10)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token is not None
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1]}
    answer = person.post(product.base_url + "/auth/login", data=form, headers={"Origin": product.base_url}, timeout=10)
    assert answer.ok
    assert "/auth/login" not in answer.url
    return person


def _day_is_counted_exactly(product: Product) -> None:
    with product.witness.app_context():
        owner_id = db.session.scalar(sa.select(Batch.owner_id).limit(1))
        assert owner_id is not None
        pictures = db.session.scalar(sa.select(sa.func.count()).select_from(Asset))
        assert billing.usage_today(owner_id).used == pictures


def _redis_address(product: Product) -> str:
    return (product.home / "run" / "redis-url").read_text(encoding="utf-8").strip()
