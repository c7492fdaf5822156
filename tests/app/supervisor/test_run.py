from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from app import supervisor
from app.config import Settings
from app.supervisor.instance import InstanceLock


def nothing_was_started(home: Path) -> bool:
    return not (home / "logs").exists() and not list(home.glob("redis-*"))


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = Settings.from_environ({"DARKROOM_HOME": str(tmp_path), "PORT": str(port)})
        assert supervisor.run(settings) == 1
    assert f"Port {port} is taken" in capfd.readouterr().out
    assert nothing_was_started(tmp_path)


def test_a_second_instance_is_told_before_anything_starts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lock = InstanceLock(tmp_path)
    lock.take()
    assert supervisor.run(Settings.from_environ({"DARKROOM_HOME": str(tmp_path)})) == 1
    assert f"already running on {tmp_path} as process {os.getpid()}" in capfd.readouterr().out
    assert nothing_was_started(tmp_path)
    lock.give_back()


def test_an_unusable_server_is_told_before_anything_starts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = Settings.from_environ({"DARKROOM_HOME": str(tmp_path), "DARKROOM_REDIS_SERVER": "/nowhere/redis"})
    assert supervisor.run(settings) == 1
    assert "DARKROOM_REDIS_SERVER names /nowhere/redis" in capfd.readouterr().out
    assert nothing_was_started(tmp_path)
