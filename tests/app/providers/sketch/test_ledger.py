from __future__ import annotations

import subprocess
import sys
import threading

from app.providers.sketch.ledger import REFUSED, Ledger

WRITER = """
import sys
from pathlib import Path
from app.providers.sketch.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for i in range(40):
    ledger.enter(f"{sys.argv[2]}-{i}", "txt2img", {"seed": i})
"""


def test_a_second_submit_with_the_same_reference_shows_as_a_second_charge(tmp_path):
    ledger = Ledger(tmp_path / "ledger.db")
    for reference in ("a", "a", "b"):
        ledger.enter(reference, "txt2img", {"prompt": "fox"})
    assert ledger.count_by_reference() == {"a": 2, "b": 1}
    assert [charge.reference for charge in ledger.charges()] == ["a", "a", "b"]


def test_what_was_refused_is_on_record_but_not_charged(tmp_path):
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.enter("a", "txt2img", {}, outcome=REFUSED)
    assert [charge.outcome for charge in ledger.charges()] == ["refused"]
    assert ledger.count_by_reference() == {}
    assert ledger.accepted("a") is None


def test_the_newest_submit_carries_the_outcome(tmp_path):
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.enter("a", "txt2img", {"seed": 1})
    ledger.enter("a", "txt2img", {"seed": 2})
    ledger.close("a", "finished")
    assert [charge.outcome for charge in ledger.charges()] == ["accepted", "finished"]
    assert ledger.accepted("a").request == {"seed": 2}


def test_threads_and_processes_write_at_once_and_lose_nothing(tmp_path):
    path = tmp_path / "fresh" / "ledger.db"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"process{i}"]) for i in range(2)]
    ledger = Ledger(path)

    def write(name):
        for i in range(50):
            ledger.enter(f"{name}-{i}", "txt2img", {"seed": i})

    threads = [threading.Thread(target=write, args=(f"thread{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    counts = ledger.count_by_reference()
    assert len(counts) == 4 * 50 + 2 * 40
    assert set(counts.values()) == {1}
