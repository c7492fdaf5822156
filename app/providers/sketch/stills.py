"""The operations that end in one picture."""

from __future__ import annotations

import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.providers.contract import ErrorKind, ProviderError
from app.providers.sketch import canvas, pictures, plain
from app.providers.sketch.arrays import Pixels
from app.providers.sketch.blending import eroded, seamless, to_bytes, towards
from app.providers.sketch.brief import VERSION
from app.providers.sketch.edits import edited
from app.providers.sketch.job import MAX_FRAME_PX, MAX_SIDE_PX, Job, refusal
from app.providers.sketch.steps import Done, Step, Work

# Short sides of the previews, and how much of the whole work is done when each is shown.
_PREVIEWS = ((72, 0.04), (200, 0.16))
_FEATHER = 0.02
_LOOK_S = 0.25


def txt2img(job: Job, fast: bool) -> Work:
    picture = yield from _painting(job, job.width_px, job.height_px, fast)
    yield _done(job, picture, fast)


def img2img(job: Job, fast: bool) -> Work:
    source = pictures.pixels(pictures.fitted(pictures.load(job.files["image"], "image"), job.width_px, job.height_px))
    yield Step(0.02, source)
    strength = job.strength
    painted = (
        source if strength == 0 else (yield from _painting(job, job.width_px, job.height_px, fast, show=strength > 0.7))
    )
    yield _done(job, towards(source, painted, strength), fast)


def inpaint(job: Job, fast: bool) -> Work:
    """Repaint what the mask shows white (at least half); everything else stays byte for byte."""
    image = pictures.load(job.files["image"], "image")
    mask = pictures.load(job.files["mask"], "mask").convert("L")
    if mask.size != image.size:
        raise refusal(
            f"The mask is {mask.width} × {mask.height} and the picture {image.width} × {image.height}: "
            "they must have the same size."
        )
    hole = np.asarray(mask) >= 128
    if not hole.any():
        raise refusal("The mask marks nothing: paint over what should change.")
    source = pictures.pixels(image)
    yield Step(0.02, source)
    # A large picture is repainted smaller and the repainted part enlarged: time and memory grow with its pixels.
    scale = min(1.0, MAX_SIDE_PX / max(image.size))
    if scale == 1.0:
        yield _done(job, (yield from _repainted(job, source, hole, fast)), fast)
        return
    small = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    # A pixel that holds any of the hole belongs to it, so that the thinnest line does not vanish on the way.
    where = np.asarray(Image.fromarray(hole.astype(np.uint8) * 255).resize(small, Image.Resampling.BOX)) > 0
    painted = yield from _repainted(job, pictures.scaled(source, *small), where, fast)
    yield _done(job, np.where(hole[:, :, None], pictures.scaled(painted, *image.size), source), fast)


def _repainted(job: Job, source: Pixels, hole: npt.NDArray[np.bool_], fast: bool) -> Generator[Step, None, Pixels]:
    """The source with the prompt's scene in the hole."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    top, bottom = _span(int(rows[0]), int(rows[-1]) + 1, source.shape[0])
    left, right = _span(int(columns[0]), int(columns[-1]) + 1, source.shape[1])
    patch = yield from _painting(job, right - left, bottom - top, fast, show=False)
    painted = source.copy()
    painted[top:bottom, left:right] = patch
    joined = seamless(source, painted, ~hole, strength=0.2)
    feather = min(16, max(2, round(min(right - left, bottom - top) * _FEATHER)))
    depth = eroded(hole, feather)[:, :, None]
    result = to_bytes(source + (joined - source) * depth)
    return np.where(hole[:, :, None], result, source)


def outpaint(job: Job, fast: bool) -> Work:
    """The picture unmoved and untouched in a larger one; its edge colours run on into the prompt's scene."""
    source = pictures.pixels(pictures.load(job.files["image"], "image"))
    left, top, right, bottom = job.expand
    h, w = source.shape[0] + top + bottom, source.shape[1] + left + right
    if max(h, w) > MAX_FRAME_PX:
        raise refusal(f"The expanded picture would be {w} × {h}: keep each side within {MAX_FRAME_PX} pixels.")
    frame = np.zeros((h, w, 3), dtype=np.uint8)
    frame[top : h - bottom, left : w - right] = source
    yield Step(0.02, frame)
    # What is new in a large frame is painted smaller and enlarged: time and memory grow with its pixels.
    scale = min(1.0, MAX_SIDE_PX / max(h, w))
    high, wide = round(h * scale), round(w * scale)
    first, near = min(round(top * scale), high - 1), min(round(left * scale), wide - 1)
    kept = pictures.scaled(source, *(max(1, round(length * scale)) for length in source.shape[1::-1]))
    place = np.s_[first : first + kept.shape[0], near : near + kept.shape[1]]
    small, keep = np.zeros((high, wide, 3), dtype=np.uint8), np.zeros((high, wide), dtype=bool)
    small[place], keep[place] = kept[: high - first, : wide - near], True
    painted = yield from _painting(job, wide, high, fast, show=False)
    joined = to_bytes(seamless(np.where(keep[:, :, None], small, painted), painted, keep, strength=0.8, hold=1.0))
    result = pictures.scaled(joined, w, h)
    result[top : h - bottom, left : w - right] = source
    yield _done(job, result, fast)


def iterate(job: Job, fast: bool) -> Work:
    source = pictures.pixels(pictures.load(job.files["image"], "image"))
    yield Step(0.05, source)
    yield _done(job, edited(source, job.prompt, job.negative_prompt, job.seed), fast)


def upscale(job: Job, fast: bool) -> Work:
    """Enlarged by the small network, which works beside us so that we can still tell how far it is and stop it."""
    # The network's library takes long to load, and only this operation needs it.
    from app.imaging.errors import ImageRefused
    from app.imaging.upscale import UpscalerMissing
    from app.imaging.upscale import upscale as enlarge

    image = pictures.load(job.files["image"], "image")
    yield Step(0.02, pictures.pixels(image))
    progress = _Progress()
    with ThreadPoolExecutor(1) as network:
        enlarged = network.submit(enlarge, image, job.factor, on_tile=progress.tell)
        try:
            while not wait((enlarged,), timeout=_LOOK_S).done:
                yield Step(0.02 + 0.93 * progress.fraction)
        finally:
            progress.stopped.set()
    try:
        result = enlarged.result()
    except ImageRefused as error:
        raise refusal(error.sentence) from error
    except UpscalerMissing as error:
        raise ProviderError(ErrorKind.PROVIDER, str(error)) from error
    yield _done(job, pictures.pixels(result.convert("RGB")), fast)


class _Stopped(Exception):
    """Ends the network's work between two tiles."""


class _Progress:
    def __init__(self) -> None:
        self.fraction = 0.0
        self.stopped = threading.Event()

    def tell(self, fraction: float) -> None:
        if self.stopped.is_set():
            raise _Stopped
        self.fraction = fraction


def _painting(job: Job, w: int, h: int, fast: bool, *, show: bool = True) -> Generator[Step, None, Pixels]:
    """Steps while the prompt's picture is painted; returns it."""
    if fast:
        return plain.picture(job.prompt, job.negative_prompt, job.seed, w, h)
    done = 0.0
    for side, share in _PREVIEWS if show else ():
        scale = side / min(w, h)
        if scale < 0.5:
            yield Step(done)
            done = share
            yield Step(done, canvas.picture(job.prompt, job.negative_prompt, job.seed, w, h, scale=scale))
    for step in canvas.paint(job.prompt, job.negative_prompt, job.seed, w, h):
        if isinstance(step, float):
            yield Step(done + (0.95 - done) * step)
        else:
            return step
    raise AssertionError("painting ends with the picture")


def _span(start: int, stop: int, limit: int) -> tuple[int, int]:
    """A span at least 64 pixels long where the picture allows, so that a small hole still gets a scene."""
    missing = max(0, min(64, limit) - (stop - start))
    start = max(0, min(start - missing // 2, limit - (stop - start) - missing))
    return start, max(stop, start + min(64, limit))


def _done(job: Job, picture: Pixels, fast: bool) -> Done:
    return Done(pictures.encode(picture, job.format, quick=fast), {"painter": "Sketch", "version": VERSION})
