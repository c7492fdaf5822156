"""Sketch as a provider: takes a request, notes the charge, and paints when it is followed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from app.providers.contract import (
    Cancelled,
    ErrorKind,
    Handle,
    NotSubmitted,
    Operation,
    Output,
    Outputs,
    Progress,
    ProviderError,
    Request,
)
from app.providers.sketch import job as jobs
from app.providers.sketch import motion, pictures, stills
from app.providers.sketch.behaviour import GARBAGE, HANG, Behaviour, staged
from app.providers.sketch.job import Job
from app.providers.sketch.ledger import REFUSED, Ledger
from app.providers.sketch.steps import Done, Step, Work

_SLICE_S = 0.25
# Progress without a picture is worth telling only when it moved this far.
_WORTH_TELLING = 0.3
# ... or when nothing was told for this long: the follower renews its lease and can stop us only then.
_SILENCE_S = 1.0

_OPERATIONS: dict[Operation, Callable[[Job, bool], Work]] = {
    Operation.TXT2IMG: stills.txt2img,
    Operation.IMG2IMG: stills.img2img,
    Operation.INPAINT: stills.inpaint,
    Operation.OUTPAINT: stills.outpaint,
    Operation.ITERATE: stills.iterate,
    Operation.UPSCALE: stills.upscale,
    Operation.IMG2VID: motion.img2vid,
    Operation.INTERPOLATE: motion.interpolate,
}


class Sketch:
    """The built-in provider. Safe for many threads and processes over one ledger file."""

    id = "sketch"

    def __init__(self, ledger: Path, behaviour: Behaviour | None = None) -> None:
        self.ledger = Ledger(ledger)
        self.behaviour = behaviour or Behaviour()

    def submit(self, request: Request) -> Handle:
        """Check the request and enter it in the ledger; nothing is painted yet. Raises ProviderError(user_fixable) for
        parameters out of range and (capacity) when told to be full; neither is charged."""
        job = jobs.from_request(request)
        job.check()
        stored = jobs.to_json(job)
        if self.behaviour.failure(job.reference) == ErrorKind.CAPACITY:
            self.ledger.enter(job.reference, job.operation, stored, outcome=REFUSED)
            raise staged(ErrorKind.CAPACITY)
        self.ledger.enter(job.reference, job.operation, stored)
        return jobs.to_handle(job.reference, stored, time.time())

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        """Wait as told, then paint, showing the picture small first. Painting starts afresh at every call: the same
        job gives the same bytes. Raises Cancelled as soon as any process has asked for that."""
        job = jobs.from_handle(handle)
        try:
            yield from self._waited(job)
            yield from self._worked(job)
        except Cancelled:
            self.ledger.close(job.reference, "cancelled")
            raise
        except ProviderError as error:
            self.ledger.close(job.reference, f"failed: {error.kind}")
            raise
        except MemoryError as error:
            self.ledger.close(job.reference, f"failed: {ErrorKind.CAPACITY}")
            sentence = "Sketch ran out of memory on this picture: try a smaller size or fewer at once."
            raise ProviderError(ErrorKind.CAPACITY, sentence, retryable=True, retry_after_s=5.0) from error

    def cancel(self, handle: Handle) -> None:
        self.ledger.cancel(jobs.from_handle(handle).reference)

    def find(self, reference: str) -> Handle | NotSubmitted:
        charge = self.ledger.accepted(reference)
        if charge is None:
            return NotSubmitted()
        return jobs.to_handle(reference, charge.request, charge.at.timestamp())

    def _waited(self, job: Job) -> Iterator[Progress]:
        """The latency ordered by setting, counted from the submit so that following again does not wait again."""
        wait = self.behaviour.wait_s(job.reference)
        hangs = self.behaviour.failure(job.reference) == HANG
        if not wait and not hangs:
            return
        while hangs or (left := job.submitted_at + wait - time.time()) > 0:
            self._heed(job)
            spent = 1.0 if hangs else 1 - left / wait
            yield Progress(0.03 * min(1.0, max(0.0, spent)), message="waiting")
            time.sleep(_SLICE_S if hangs else min(_SLICE_S, max(0.0, left)))

    def _worked(self, job: Job) -> Iterator[Progress | Outputs]:
        failure = self.behaviour.failure(job.reference)
        if failure == GARBAGE:
            self.ledger.close(job.reference, "finished")
            yield Outputs((Output(b"\x00not a picture" * 64, "image/png"),))
            return
        if failure is not None and failure not in (HANG, ErrorKind.CAPACITY):
            raise staged(failure)
        told, last = 0.0, time.monotonic()
        for step in _OPERATIONS[job.operation](job, job.fast(self.behaviour.fast)):
            self._heed(job)
            if isinstance(step, Done):
                self.ledger.close(job.reference, "finished")
                yield Outputs((step.output,), cost=Decimal(0), notes=step.notes)
                return
            overdue = time.monotonic() - last > _SILENCE_S
            if step.shown is not None or overdue or step.fraction - told >= _WORTH_TELLING:
                told, last = step.fraction, time.monotonic()
                yield _progress(step)

    def _heed(self, job: Job) -> None:
        if self.ledger.is_cancelled(job.reference):
            raise Cancelled(job.reference)


def _progress(step: Step) -> Progress:
    return Progress(round(step.fraction, 3), preview=None if step.shown is None else pictures.preview(step.shown))
