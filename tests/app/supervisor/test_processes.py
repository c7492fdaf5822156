from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from app.config import Settings
from app.messages import QueueName
from app.supervisor import processes, valkey
from app.supervisor.keeper import FIRST_PAUSE_S, LONGEST_PAUSE_S, pause_s


def make_settings(home: Path, **more: str) -> Settings:
    return Settings.from_environ({"DARKROOM_HOME": str(home), **more})


def test_everything_starts_after_what_it_needs(tmp_path: Path) -> None:
    names = [child.name for child in processes.table(make_settings(tmp_path))]
    assert names == ["valkey", "migrations", "start-link", "web", "worker-1", "control", "beat"]


def test_there_are_as_many_workers_as_wanted(tmp_path: Path) -> None:
    table = processes.table(make_settings(tmp_path, DARKROOM_WORKER_PROCESSES="3", DARKROOM_WORKER_THREADS="5"))
    workers = [child for child in table if child.name.startswith("worker")]
    assert [worker.name for worker in workers] == ["worker-1", "worker-2", "worker-3"]
    assert all("--concurrency=5" in worker.command for worker in workers)


def test_every_queue_is_served_by_some_worker(tmp_path: Path) -> None:
    words = [word for child in processes.table(make_settings(tmp_path)) for word in child.command]
    served = [word.removeprefix("--queues=") for word in words if word.startswith("--queues=")]
    assert sorted(",".join(served).split(",")) == sorted(QueueName)


def test_every_process_finds_the_embedded_server_by_the_settings(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "deep" / ("x" * 100))
    processes.table(settings)
    try:
        assert settings.redis_address == f"unix://{valkey.socket_path(settings.home)}"
    finally:
        valkey.socket_path(settings.home).parent.rmdir()


def test_an_operators_redis_is_used_and_none_started(tmp_path: Path) -> None:
    processes.table(make_settings(tmp_path))
    settings = make_settings(tmp_path, DARKROOM_REDIS_URL="redis://elsewhere:6379/0")
    assert "valkey" not in [child.name for child in processes.table(settings)]
    assert settings.redis_address == "redis://elsewhere:6379/0"
    # Nor does a later command without that setting find a server that does not run.
    assert not (tmp_path / "run" / "redis-url").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_listening_does_not_count_as_ready(host: str) -> None:
    assert not processes.answers_http(host, 9)


def test_pauses_double_up_to_the_longest_and_stay_there() -> None:
    pauses = [pause_s(ends) for ends in range(2_000)]
    assert pauses[0] == FIRST_PAUSE_S
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE_S
    assert all(later in (min(earlier * 2, LONGEST_PAUSE_S),) for earlier, later in itertools.pairwise(pauses))
