"""The process in which Sketch paints: `python -m app.providers.sketch.painter`, started by `easels`.

NumPy holds the interpreter's lock in short bursts, so threads that paint side by side mostly wait for one another, and
so does everything else in their process, the renewal of leases first of all. Processes share nothing but the cores.
"""

from __future__ import annotations

import socket
import sys
import traceback
from typing import Any

from app.providers.contract import ErrorKind, Handle, Outputs, ProviderError
from app.providers.sketch import job as jobs
from app.providers.sketch.work import worked
from app.sidecar import wire
from app.sidecar.process import connection, die_with


def main() -> None:
    die_with(int(sys.argv[1]))
    with connection() as easel:
        wire.send(easel, {"ready": True})
        try:
            while True:
                asked, _ = wire.receive(easel)
                _paint(easel, asked["job"])
        except (wire.Disconnected, BrokenPipeError, ConnectionResetError):
            return  # nobody wants it any more


def _paint(easel: socket.socket, handle: dict[str, Any]) -> None:
    try:
        for step in worked(jobs.from_handle(Handle(handle)), fast=False):
            if isinstance(step, Outputs):
                mimes = [item.mime for item in step.items]
                wire.send(easel, {"mimes": mimes, "notes": dict(step.notes)}, [item.data for item in step.items])
            else:
                wire.send(easel, {"fraction": step.fraction}, [step.preview] if step.preview else [])
    except ProviderError as error:
        wire.send(easel, {"error": _told(error)})
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - the boundary of this process: whoever waits is told at once
        traceback.print_exc()
        sentence = "Something went wrong on our side while painting this. It was logged; try again."
        wire.send(easel, {"error": _told(ProviderError(ErrorKind.BUG, sentence, detail=repr(error)))})


def _told(error: ProviderError) -> dict[str, Any]:
    return {
        "kind": error.kind,
        "sentence": error.sentence,
        "retryable": error.retryable,
        "may_have_cost": error.may_have_cost,
        "retry_after_s": error.retry_after_s,
        "detail": error.detail,
    }


if __name__ == "__main__":
    main()
