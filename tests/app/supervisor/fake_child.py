"""A process for the tree to keep: it notes its start and stop in a journal, and misbehaves as told.

Usage: fake_child.py NAME JOURNAL WORD...
Words: ready=FILE after=SECONDS exit=STATUS say=TEXT stubborn slow-to-stop parent
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

name, journal, *words = sys.argv[1:]
options = dict(word.partition("=")[::2] for word in words)


def note(what: str) -> None:
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{what} {name} {os.getpid()}\n".encode())
    os.close(descriptor)


def stop(*_: object) -> None:
    if "slow-to-stop" in options:
        time.sleep(0.3)
    note("stop")
    os._exit(0)


signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in options else stop)
note("start")
if "parent" in options:
    # In a group of its own it would be nobody's; in this one it is the tree's.
    subprocess.Popen([sys.executable, "-S", __file__, f"{name}-grandchild", journal, "stubborn"])
if "say" in options:
    os.write(sys.stdout.fileno(), options["say"].encode() + b"\n")
if "exit" in options:
    time.sleep(float(options.get("after", "0")))
    note("exit")
    sys.exit(int(options["exit"]))
if "ready" in options:
    time.sleep(float(options.get("after", "0")))
    note("ready")
    with open(options["ready"], "w"):
        pass
time.sleep(60)
