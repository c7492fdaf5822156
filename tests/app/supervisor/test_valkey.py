from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.supervisor import valkey
from app.supervisor.valkey import NoServer, Server
from tests.support.valkey import bundled_server, temporary_valkey


def make_program(folder: Path, name: str, answer: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    return program


def test_the_server_our_requirements_bring_is_found_when_the_machine_has_none() -> None:
    server = valkey.find_server(path="")
    assert server.family == "valkey"
    assert server.path.name == "valkey-server"


def test_a_server_on_the_path_comes_before_ours(tmp_path: Path) -> None:
    program = make_program(tmp_path, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc")
    assert valkey.find_server(path=str(tmp_path)) == Server(program, "redis", (7, 0, 15))


def test_valkey_comes_before_redis_on_the_path(tmp_path: Path) -> None:
    make_program(tmp_path, "redis-server", "Redis server v=7.0.15 sha=0")
    make_program(tmp_path, "valkey-server", "Valkey server v=8.1.8 sha=0")
    assert valkey.find_server(path=str(tmp_path)).family == "valkey"


@pytest.mark.parametrize("answer", ["Redis server v=5.0.14 sha=0", "something else altogether"])
def test_a_server_too_old_or_unknown_is_passed_over(tmp_path: Path, answer: str) -> None:
    make_program(tmp_path, "redis-server", answer)
    assert valkey.find_server(path=str(tmp_path)) == bundled_server()


def test_the_operators_own_choice_comes_first(tmp_path: Path) -> None:
    own = make_program(tmp_path, "my-redis", "Redis server v=6.2.14 sha=0")
    make_program(tmp_path, "valkey-server", "Valkey server v=9.1.2 sha=0")
    assert valkey.find_server(str(own), path=str(tmp_path)).path == own


def test_a_wrong_choice_of_the_operator_is_named_and_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(NoServer, match=r"DARKROOM_REDIS_SERVER names /nowhere/redis"):
        valkey.find_server("/nowhere/redis")
    old = make_program(tmp_path, "redis-server", "Redis server v=5.0.14 sha=0")
    with pytest.raises(NoServer, match=r"6\.2"):
        valkey.find_server(str(old))


def test_data_of_different_servers_never_meet() -> None:
    folders = {
        Server(Path("x"), family, (major, 0, 0)).data_folder_name
        for family in ("redis", "valkey")
        for major in (7, 8, 9)
    }
    assert len(folders) == 6


def test_the_socket_lies_in_the_home_folder_for_us_alone(tmp_path: Path) -> None:
    assert valkey.socket_path(tmp_path) == tmp_path / "run" / "valkey.sock"
    with temporary_valkey() as server:
        assert server.socket_path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["deep" * 40, "with space", "hash#tag", "ünï"])
def test_a_home_no_socket_can_lie_in_gets_a_short_private_place_for_it(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    path = valkey.socket_path(home)
    try:
        assert len(os.fsencode(path)) <= valkey.LONGEST_SOCKET_PATH_BYTES
        assert valkey.PLAIN_PATH.fullmatch(str(path))
        assert path.parent.stat().st_mode & 0o777 == 0o700
        # Commands run beside the server must come to the same place, other homes to another.
        assert valkey.socket_path(home) == path
        assert valkey.socket_path(tmp_path / (name + "#2")) != path
    finally:
        path.parent.rmdir()
        valkey.socket_path(tmp_path / (name + "#2")).parent.rmdir()


def test_a_place_that_others_could_reach_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    place = valkey.socket_path(home).parent
    try:
        place.chmod(0o777)
        with pytest.raises(NoServer, match="remove it"):
            valkey.socket_path(home)
        place.rmdir()
        place.symlink_to(tmp_path)
        with pytest.raises(NoServer, match="remove it"):
            valkey.socket_path(home)
    finally:
        place.unlink() if place.is_symlink() else place.rmdir()


def test_nobody_answers_behind_a_socket_left_over(tmp_path: Path) -> None:
    assert not valkey.answers(tmp_path / "absent.sock")
    with temporary_valkey() as server:
        assert valkey.answers(server.socket_path)
        server.kill()
        assert server.socket_path.exists()
        assert not valkey.answers(server.socket_path)
        # A new start takes the stale socket over.
        server.start()
        assert valkey.answers(server.socket_path)
