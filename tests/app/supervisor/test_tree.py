from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from app.config import Settings
from app.supervisor import valkey
from app.supervisor.processes import embedded_valkey

pytestmark = pytest.mark.faults

# Conditions come true within a second, on a machine that is not busy with something else.
PATIENCE_S = 60


class RunningTree:
    """A tree in a process of its own, and what can be seen of it from outside."""

    def __init__(self, home: Path, *children: dict[str, Any]) -> None:
        self.home = home
        self._output = home / "terminal"
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.app.supervisor.fake_tree", str(home), json.dumps(children)],
                stdout=output,
                stderr=output,
            )

    @property
    def terminal(self) -> str:
        return self._output.read_text()

    def journal(self, *kinds: str) -> list[tuple[str, str, int]]:
        """(what, who, pid) in the order in which it happened; only those kinds, if any are named."""
        path = self.home / "journal"
        lines = path.read_text().splitlines() if path.exists() else []
        entries = [(what, name, int(pid)) for what, name, pid in (line.split() for line in lines)]
        return [entry for entry in entries if not kinds or entry[0] in kinds]

    def pids(self) -> set[int]:
        return {pid for _, _, pid in self.journal()}

    def wait(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"{what}\n{self.terminal}"
            time.sleep(0.02)

    def wait_until_ready(self) -> None:
        self.wait(lambda: "all ready" in self.terminal, "the tree never became ready")

    def wait_for(self, what: str, name: str, times: int = 1) -> int:
        """Wait until it happened that often; return the pid of the last time."""

        def found() -> list[int]:
            return [pid for kind, who, pid in self.journal() if (kind, who) == (what, name)]

        self.wait(lambda: len(found()) >= times, f"{name} did not {what} {times} times")
        return found()[-1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Callable[..., RunningTree]]:
    started: list[RunningTree] = []

    def start(*children: dict[str, Any]) -> RunningTree:
        started.append(RunningTree(tmp_path, *children))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.wait()


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "State:\tZ" not in status


def test_children_start_in_order_each_after_the_one_before_is_ready_and_what_they_need_stops_last(
    tree: Callable[..., RunningTree], tmp_path: Path
) -> None:
    running = tree(
        {"name": "first", "words": [f"ready={tmp_path / 'up'}", "after=0.2"], "needed_to_the_end": True},
        {"name": "upgrade", "words": ["exit=0", "after=0.1"], "once": True},
        {"name": "last", "words": ["slow-to-stop"]},
    )
    running.wait_until_ready()
    running.wait_for("start", "last")
    assert running.end() == 0
    assert [(what, name) for what, name, _ in running.journal()] == [
        ("start", "first"),
        ("ready", "first"),
        ("start", "upgrade"),
        ("exit", "upgrade"),
        ("start", "last"),
        ("stop", "last"),
        ("stop", "first"),
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_everything_cleanly(tree: Callable[..., RunningTree], number: signal.Signals) -> None:
    running = tree({"name": "one", "words": ["parent"]}, {"name": "two"})
    running.wait_for("start", "one-grandchild")
    running.wait_for("start", "two")
    assert running.end(number) == 0
    assert {name for _, name, _ in running.journal("stop")} == {"one", "two"}
    running.wait(lambda: not any(map(is_alive, running.pids())), "something is left")


def test_nothing_is_left_when_the_supervisor_is_killed(tree: Callable[..., RunningTree]) -> None:
    running = tree({"name": "stubborn", "words": ["stubborn", "parent"]}, {"name": "meek"})
    running.wait_for("start", "stubborn-grandchild")
    running.wait_for("start", "meek")
    running.end(signal.SIGKILL)
    running.wait(lambda: not any(map(is_alive, running.pids())), "something is left")
    # The folder is free again at once, without anybody tidying up.
    again = tree({"name": "again"})
    again.wait_for("start", "again")


def test_a_guard_that_is_killed_is_replaced_and_still_clears_up(tree: Callable[..., RunningTree]) -> None:
    running = tree({"name": "stubborn", "words": ["stubborn", "parent"]})
    running.wait_for("start", "stubborn-grandchild")

    def guards() -> list[int]:
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
        commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        return [pid for pid, command in commands.items() if b"guard.py" in command]

    [first] = guards()
    os.kill(first, signal.SIGKILL)
    running.wait(lambda: [pid for pid in guards() if pid != first], "no new guard")
    time.sleep(0.2)  # it reads what it is to watch
    running.end(signal.SIGKILL)
    running.wait(lambda: not any(map(is_alive, running.pids())), "something is left")


def test_a_child_that_dies_is_started_again_and_the_others_stay(tree: Callable[..., RunningTree]) -> None:
    running = tree({"name": "steady"}, {"name": "mortal"})
    running.wait_until_ready()
    for times in (1, 2):
        os.kill(running.wait_for("start", "mortal", times), signal.SIGKILL)
    running.wait_for("start", "mortal", 3)
    assert len([entry for entry in running.journal("start") if entry[1] == "steady"]) == 1
    assert "mortal was killed by SIGKILL; starting it again in 0.2 s" in running.terminal
    running.wait(lambda: "mortal is back" in running.terminal, "its return was not told")


def test_what_a_dead_child_leaves_behind_dies_before_it_is_started_again(tree: Callable[..., RunningTree]) -> None:
    running = tree({"name": "mother", "words": ["parent"]})
    orphan = running.wait_for("start", "mother-grandchild")
    os.kill(running.wait_for("start", "mother"), signal.SIGKILL)
    running.wait_for("start", "mother", 2)
    running.wait(lambda: not is_alive(orphan), "the orphan lives")


def test_a_child_that_ignores_the_stop_is_killed_after_its_time(tree: Callable[..., RunningTree]) -> None:
    running = tree({"name": "stubborn", "words": ["stubborn"], "stop_within_s": 0.3})
    running.wait_for("start", "stubborn")
    assert running.end() == 0
    assert not any(map(is_alive, running.pids()))


def test_a_second_signal_stops_at_once(tree: Callable[..., RunningTree]) -> None:
    running = tree({"name": "stubborn", "words": ["stubborn"], "stop_within_s": 600})
    running.wait_for("start", "stubborn")
    running.process.send_signal(signal.SIGINT)
    running.wait(lambda: "Stopping" in running.terminal, "the stop was not told")
    time.sleep(0.5)  # sooner it would count as the same key press
    assert running.end(signal.SIGINT) == 0
    assert not any(map(is_alive, running.pids()))


def test_a_failed_upgrade_stops_the_start_and_shows_its_last_words(tree: Callable[..., RunningTree]) -> None:
    running = tree(
        {"name": "before"},
        {"name": "upgrade", "words": ["exit=3", "say=no such column: colour"], "once": True},
        {"name": "after"},
    )
    assert running.process.wait(PATIENCE_S) == 1
    assert "upgrade ended with status 3" in running.terminal
    assert "no such column: colour" in running.terminal
    assert "after" not in {name for _, name, _ in running.journal()}
    assert not any(map(is_alive, running.pids()))


def test_a_child_that_never_becomes_ready_stops_the_start_after_three_attempts(
    tree: Callable[..., RunningTree], tmp_path: Path
) -> None:
    running = tree({"name": "broken", "words": [f"ready={tmp_path / 'never'}", "exit=1", "say=bad address"]})
    assert running.process.wait(PATIENCE_S) == 1
    assert len(running.journal("start")) == 3
    assert "broken cannot be started: it ended with status 1 (bad address)" in running.terminal
    assert "bad address" in running.terminal


def test_output_goes_to_files_and_important_lines_to_the_terminal_too(tree: Callable[..., RunningTree]) -> None:
    running = tree({"name": "chatty", "words": ["say=INFO nothing\nWARNING disk is nearly full"]})
    running.wait(lambda: "chatty: WARNING disk is nearly full" in running.terminal, "the warning was not shown")
    assert "INFO nothing" not in running.terminal
    assert "INFO nothing" in (running.home / "logs" / "chatty.log").read_text()


def greeter(*words: str, **more: Any) -> dict[str, Any]:
    return {"name": "letter", "words": words, "once": True, "greets": True, **more}


def test_what_is_printed_for_the_person_is_told_below_the_greeting_and_kept_in_no_file(
    tree: Callable[..., RunningTree], tmp_path: Path
) -> None:
    running = tree(
        greeter("say=the key is 4711", "exit=0"), {"name": "slow", "words": [f"ready={tmp_path / 'up'}", "after=0.5"]}
    )
    running.wait(lambda: "4711" in running.terminal, "the letter was not told")
    assert running.terminal.splitlines() == ["all ready", "the key is 4711"]
    assert [(what, name) for what, name, _ in running.journal("exit", "ready")] == [
        ("exit", "letter"),
        ("ready", "slow"),
    ]
    assert running.end() == 0
    assert "all ready" in (running.home / "logs" / "supervisor.log").read_text()
    assert not any("4711" in path.read_text() for path in (running.home / "logs").iterdir())


def test_children_are_looked_after_while_the_greeting_is_still_being_written(tree: Callable[..., RunningTree]) -> None:
    running = tree(greeter(), {"name": "mortal"})
    running.wait_until_ready()
    os.kill(running.wait_for("start", "mortal"), signal.SIGKILL)
    running.wait_for("start", "mortal", 2)
    assert is_alive(running.wait_for("start", "letter"))
    assert running.end() == 0
    assert not any(map(is_alive, running.pids()))


@pytest.mark.parametrize(
    ("letter", "end"),
    [
        (greeter("say=half of it", "exit=1", "after=0.2"), "ended with status 1 (half of it)"),
        (greeter("stubborn", ready_within_s=0.5), "was killed by SIGKILL"),
    ],
    ids=["fails", "hangs"],
)
def test_a_greeting_that_cannot_be_had_is_told_and_harms_nothing(
    tree: Callable[..., RunningTree], letter: dict[str, Any], end: str
) -> None:
    running = tree(letter, {"name": "steady"})
    running.wait(lambda: f"letter {end}" in running.terminal, "the failure was not told")
    assert running.terminal.splitlines() == ["all ready", f"letter {end}; to try again, beside this: darkroom letter"]
    # Long enough for a restart, had one been planned.
    time.sleep(0.5)
    assert [name for _, name, _ in running.journal("start")].count("letter") == 1
    assert is_alive(running.wait_for("start", "steady"))
    assert running.end() == 0


def embedded(home: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(valkey.socket_path(home)))


def test_a_killed_valkey_comes_back_with_its_data(tree: Callable[..., RunningTree], tmp_path: Path) -> None:
    running = tree({"name": "valkey"}, {"name": "client"})
    running.wait_until_ready()
    client = embedded(tmp_path)
    client.set("kept", "yes")
    os.kill(client.info()["process_id"], signal.SIGKILL)
    running.wait(lambda: "valkey is back" in running.terminal, "valkey did not come back")
    assert client.get("kept") == b"yes"
    assert len([entry for entry in running.journal("start") if entry[1] == "client"]) == 1


def test_a_valkey_that_cannot_read_its_data_starts_empty_and_keeps_the_data_aside(
    tree: Callable[..., RunningTree], tmp_path: Path
) -> None:
    child, _ = embedded_valkey(Settings.from_environ({"DARKROOM_HOME": str(tmp_path)}))
    data = Path(child.command[child.command.index("--dir") + 1])
    (data / "appendonlydir").mkdir()
    (data / "appendonlydir" / "appendonly.aof.manifest").write_text("file nonsense\n")
    running = tree({"name": "valkey"})
    running.wait_until_ready()
    assert embedded(tmp_path).dbsize() == 0
    [aside] = tmp_path.glob("*.unreadable-*")
    assert (aside / "appendonlydir" / "appendonly.aof.manifest").exists()
    assert str(aside) in running.terminal
