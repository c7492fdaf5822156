from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.supervisor.output import LONGEST_LINE_BYTES, LogFile, Terminal, Voice


@pytest.fixture
def pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    return reader, writer


def heard(tmp_path: Path, pipe: tuple[int, int], *chunks: bytes) -> tuple[str, str]:
    """(terminal, file) after the process `web` said these chunks and ended."""
    reader, writer = pipe
    voice = Voice("web", LogFile(tmp_path / "web.log"), Terminal(os.fdopen(writer, "w", closefd=False)))
    for chunk in chunks:
        voice.hear(chunk)
    voice.end()
    try:
        terminal = os.read(reader, 1_000_000).decode()
    except BlockingIOError:
        terminal = ""
    return terminal, (tmp_path / "web.log").read_text()


def test_lines_cut_by_the_pipe_are_put_together(tmp_path: Path, pipe: tuple[int, int]) -> None:
    terminal, file = heard(tmp_path, pipe, b"WARN", b"ING low\nIN", b"FO fine\nERR", b"OR last")
    assert terminal == "web: WARNING low\nweb: ERROR last\n"
    assert file == "WARNING low\nINFO fine\nERROR last\n"


def test_a_structured_warning_is_shown_as_a_sentence(tmp_path: Path, pipe: tuple[int, int]) -> None:
    line = {"event": "broker_away", "level": "warning", "task": "generation.place", "timestamp": "2026-01-01T00:00:00Z"}
    terminal, file = heard(tmp_path, pipe, json.dumps(line).encode() + b"\n")
    assert terminal == "web: warning: broker_away task=generation.place\n"
    assert json.loads(file) == line


def test_a_structured_line_below_a_warning_stays_in_the_file(tmp_path: Path, pipe: tuple[int, int]) -> None:
    terminal, file = heard(tmp_path, pipe, b'{"event": "an ERROR is only mentioned", "level": "info"}\n')
    assert terminal == ""
    assert "mentioned" in file


def test_a_line_without_end_does_not_grow_in_memory(tmp_path: Path, pipe: tuple[int, int]) -> None:
    _, file = heard(tmp_path, pipe, *[b"x" * 10_000] * 20)
    assert file.count("x") == 200_000
    assert max(map(len, file.splitlines())) <= LONGEST_LINE_BYTES + 10_000


def test_a_log_file_starts_anew_at_its_limit_and_keeps_a_few_old_ones(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "web.log", limit_bytes=100, keep=2)
    for number in range(40):
        log.write(f"line {number:04}\n".encode())
    log.close()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["web.log", "web.log.1", "web.log.2"]
    assert all(file.stat().st_size <= 100 for file in files)
    assert files[0].read_text().endswith("line 0039\n")
    assert files[1].read_text() < files[0].read_text()


def test_a_log_file_goes_on_where_an_earlier_run_ended(tmp_path: Path) -> None:
    for text in (b"one\n", b"two\n"):
        log = LogFile(tmp_path / "web.log")
        log.write(text)
        log.close()
    assert (tmp_path / "web.log").read_text() == "one\ntwo\n"


def test_a_log_that_cannot_be_written_loses_lines_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    log = LogFile(tmp_path / "logs" / "web.log")
    log.write(b"lost\n")
    (tmp_path / "logs").unlink()
    log.write(b"kept\n")
    assert (tmp_path / "logs" / "web.log").read_text() == "kept\n"


def test_a_terminal_nobody_reads_holds_nothing_up(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    terminal = Terminal(os.fdopen(writer, "w", closefd=False))
    for _ in range(100):
        terminal.say("x" * 3_000)
    os.close(reader)
    terminal.say("to nobody at all")
