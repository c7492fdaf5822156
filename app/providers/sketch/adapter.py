"""Sketch as a provider: takes a request, notes the charge, and paints when it is followed."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Self, TypeAlias

from app.config import Settings
from app.providers.contract import (
    Cancelled,
    ErrorKind,
    Handle,
    NotSubmitted,
    Output,
    Outputs,
    Progress,
    ProviderError,
    Request,
)
from app.providers.sketch import job as jobs
from app.providers.sketch.behaviour import GARBAGE, HANG, Behaviour, staged
from app.providers.sketch.easels import Easels
from app.providers.sketch.job import Job
from app.providers.sketch.ledger import REFUSED, Ledger
from app.providers.sketch.work import worked

_SLICE_S = 0.25
# Something is told at least this often: the follower renews its lease and can stop us only then.
_SILENCE_S = 1.0

_Steps: TypeAlias = Generator[Progress | Outputs | None]


class Sketch:
    """The built-in provider. Safe for many threads and processes over one ledger file."""

    id = "sketch"

    def __init__(self, ledger: Path, behaviour: Behaviour | None = None) -> None:
        self.ledger = Ledger(ledger)
        self.behaviour = behaviour or Behaviour()
        self.easels = Easels()

    @classmethod
    def by_settings(cls, settings: Settings) -> Self:
        kinds = tuple(kind.strip() for kind in settings.sketch_failure_kinds.split(",") if kind.strip())
        behaviour = Behaviour(
            latency_s=settings.sketch_latency_s,
            jitter_s=settings.sketch_jitter_s,
            failure_rate=settings.sketch_failure_rate,
            failure_kinds=kinds,
            fast=settings.sketch_fast,
        )
        return cls(settings.home / "sketch-ledger.db", behaviour)

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
            yield from self._worked(job, handle)
        except Cancelled:
            self.ledger.close(job.reference, "cancelled")
            raise
        except ProviderError as error:
            self.ledger.close(job.reference, f"failed: {error.kind}")
            raise

    def cancel(self, handle: Handle) -> None:
        self.ledger.cancel(jobs.from_handle(handle).reference)

    def find(self, reference: str) -> Handle | NotSubmitted:
        charge = self.ledger.accepted(reference)
        if charge is None:
            return NotSubmitted()
        return jobs.to_handle(reference, charge.request, charge.at.timestamp())

    def check(self) -> str:
        return "Sketch is built in and needs no key."

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

    def _worked(self, job: Job, handle: Handle) -> Iterator[Progress | Outputs]:
        failure = self.behaviour.failure(job.reference)
        if failure == GARBAGE:
            self.ledger.close(job.reference, "finished")
            yield Outputs((Output(b"\x00not a picture" * 64, "image/png"),))
            return
        if failure is not None and failure not in (HANG, ErrorKind.CAPACITY):
            raise staged(failure)
        # What takes milliseconds is not worth a walk to another process.
        fast = job.fast(self.behaviour.fast)
        steps: _Steps = worked(job, fast=True) if fast else self.easels.paint(handle.value)
        fraction, told_at = 0.0, time.monotonic()
        with closing(steps):
            for step in steps:
                self._heed(job)
                if isinstance(step, Outputs):
                    self.ledger.close(job.reference, "finished")
                    yield step
                    return
                if step is not None:
                    fraction, told_at = step.fraction, time.monotonic()
                    yield step
                elif time.monotonic() - told_at > _SILENCE_S:
                    told_at = time.monotonic()
                    yield Progress(fraction, resumable=False)

    def _heed(self, job: Job) -> None:
        if self.ledger.is_cancelled(job.reference):
            raise Cancelled(job.reference)
