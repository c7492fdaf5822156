"""A running product for each file of fault tests, for starting one takes seconds.

Each test leaves its product running, with nothing left to do. What is stuck is looked for sooner than usual, and leases
run out sooner: what happens then is the same, and every test waits for it.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.supervisor import valkey
from tests.support.product import Product, running_product


@pytest.fixture(scope="module")
def quick_product(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Product]:
    """Jobs take a moment; processes stop at the points of the engine that a test names."""
    home = _home(tmp_path_factory, migrated_sqlite)
    (home / "points").mkdir()
    with running_product(
        home,
        DARKROOM_FAULT_POINTS=str(home / "points"),
        DARKROOM_SKETCH_LATENCY_S="0.2",
        DARKROOM_SWEEP_S="0.5",
        DARKROOM_WORKER_PROCESSES="2",
        DARKROOM_WORKER_THREADS="4",
    ) as product:
        yield product


@pytest.fixture(scope="module")
def busy_product(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Product]:
    """Forty jobs of two seconds run at once, on two workers."""
    home = _home(tmp_path_factory, migrated_sqlite)
    with running_product(
        home,
        DARKROOM_REDIS_SERVER=str(_closable_valkey(home)),
        DARKROOM_SKETCH_SLOTS="40",
        DARKROOM_OWNER_SLOTS="40",
        DARKROOM_SKETCH_LATENCY_S="2",
        DARKROOM_SWEEP_S="1",
        DARKROOM_LEASE_S="8",
        DARKROOM_WORKER_PROCESSES="2",
        DARKROOM_WORKER_THREADS="40",
    ) as product:
        yield product


def _home(factory: pytest.TempPathFactory, migrated: Path) -> Path:
    home = factory.mktemp("product")
    shutil.copy(migrated, home / "darkroom.db")
    return home


def _closable_valkey(home: Path) -> Path:
    """The server the product would embed, behind a door: it does not start while `valkey-closed` lies in the home."""
    door = home / "valkey-server"
    server, closed = shlex.quote(str(valkey.find_server().path)), shlex.quote(str(home / "valkey-closed"))
    door.write_text(f'#!/bin/sh\n[ -e {closed} ] && exit 1\nexec {server} "$@"\n', encoding="utf-8")
    door.chmod(0o700)
    return door
