from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.supervisor.instance import CannotStart, InstanceLock, require_free_port


def test_a_second_instance_on_the_same_home_is_told_who_holds_it(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path)
    first.take()
    with pytest.raises(CannotStart, match=rf"process {os.getpid()}.*DARKROOM_HOME"):
        InstanceLock(tmp_path).take()
    first.give_back()
    after = InstanceLock(tmp_path)
    after.take()
    after.give_back()


def test_two_homes_run_side_by_side(tmp_path: Path) -> None:
    locks = [InstanceLock(tmp_path / name) for name in ("one", "other")]
    for lock in locks:
        lock.take()
    for lock in locks:
        lock.give_back()


def test_a_file_left_by_a_crash_does_not_keep_the_home_locked(tmp_path: Path) -> None:
    program = f"""
import os, pathlib
from app.supervisor.instance import InstanceLock
InstanceLock(pathlib.Path({str(tmp_path)!r})).take()
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    assert (tmp_path / "run" / "supervisor.pid").read_text() != ""
    lock = InstanceLock(tmp_path)
    lock.take()
    assert (tmp_path / "run" / "supervisor.pid").read_text() == str(os.getpid())
    lock.give_back()


def test_a_dead_holders_guard_is_waited_for(tmp_path: Path) -> None:
    # The guard of a killed supervisor holds the lock through the same open file, for a moment.
    program = f"""
import os, pathlib, time
from app.supervisor.instance import InstanceLock
lock = InstanceLock(pathlib.Path({str(tmp_path)!r}))
lock.take()
if os.fork() == 0:
    time.sleep(0.5)
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    with pytest.raises(CannotStart):
        InstanceLock(tmp_path).take(wait_s=0)
    lock = InstanceLock(tmp_path)
    lock.take(wait_s=10)
    lock.give_back()


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(CannotStart, match=rf"{home} cannot be written"):
        InstanceLock(home).take()


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is taken.*PORT={port + 1}"):
            require_free_port("127.0.0.1", port)
    require_free_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused_with_its_setting() -> None:
    with pytest.raises(CannotStart, match="DARKROOM_HOST"):
        require_free_port("203.0.113.7", 8000)
