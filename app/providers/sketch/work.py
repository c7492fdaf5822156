"""A job from its parameters to its outputs, with what is worth telling on the way. Knows no ledger and no processes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from decimal import Decimal

from app.providers.contract import ErrorKind, Operation, Outputs, Progress, ProviderError
from app.providers.sketch import motion, pictures, stills
from app.providers.sketch.job import Job
from app.providers.sketch.steps import Done, Step, Work

# Progress without a picture is worth telling only when it moved this far.
_WORTH_TELLING = 0.1

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


def worked(job: Job, *, fast: bool) -> Generator[Progress | Outputs]:
    """Yield progress, then the outputs. The same job gives the same bytes in every process. Raises ProviderError."""
    told = 0.0
    try:
        for step in _OPERATIONS[job.operation](job, fast):
            if isinstance(step, Done):
                yield Outputs((step.output,), cost=Decimal(0), notes=step.notes)
                return
            if step.shown is not None or step.fraction - told >= _WORTH_TELLING:
                told = step.fraction
                yield _progress(step)
    except MemoryError as error:
        sentence = "Sketch ran out of memory on this picture: try a smaller size or fewer at once."
        raise ProviderError(ErrorKind.CAPACITY, sentence, retryable=True, retry_after_s=5.0) from error


def _progress(step: Step) -> Progress:
    shown = None if step.shown is None else pictures.preview(step.shown)
    return Progress(round(step.fraction, 3), preview=shown, resumable=False)
