"""The operations that end in a video: real H.264 in mp4, one frame after another."""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from app.providers.contract import Output
from app.providers.sketch import pictures
from app.providers.sketch.arrays import Pixels
from app.providers.sketch.blending import to_bytes
from app.providers.sketch.brief import VERSION
from app.providers.sketch.chance import Dice
from app.providers.sketch.job import Job
from app.providers.sketch.steps import Done, Step, Work
from app.providers.sketch.vocabulary import read

_MESH = 12
# The picture is enlarged by this much before it moves, so that no move shows its border.
_MARGIN = 1.12


@dataclass(frozen=True, slots=True)
class Move:
    """A camera move from -1 to 1: pan in shares of the frame, zoom as growth, parallax as how far the near part runs
    ahead of the far one."""

    pan_x: float
    pan_y: float
    zoom: float
    parallax: float


def img2vid(job: Job, fast: bool) -> Work:
    """The source under a slow camera move: near parts move more than far ones, and the light swells."""
    w, h = _even(job)
    image = pictures.fitted(pictures.load(job.files["image"], "image"), w, h)
    move = _move(job)
    warm = Dice(VERSION, job.prompt, job.seed, "glow").between(0.03, 0.07)

    def frame(t: float) -> Pixels:
        eased = -math.cos(math.pi * t)
        return _lit(_moved(image, move, eased * 0.5), 1.0 + warm * math.sin(math.pi * t))

    yield from _film(job, w, h, frame, fast)


def interpolate(job: Job, fast: bool) -> Work:
    """From the first picture to the last: both drift along one camera move while one turns into the other, the calm
    parts sooner than the busy ones."""
    w, h = _even(job)
    first = pictures.fitted(pictures.load(job.files["first"], "first"), w, h)
    last = pictures.fitted(pictures.load(job.files["last"], "last"), w, h)
    move = _move(job)
    lag = _lag(first, last)

    def frame(t: float) -> Pixels:
        # Both ends rest on their picture exactly; the move is at its widest half way.
        if t <= 0 or t >= 1:
            return pictures.pixels(first if t <= 0 else last)
        a = _moved(first, move, 0.5 * t, margin=1 + (_MARGIN - 1) * _smooth(t * 3))
        b = _moved(last, move, 0.5 * (t - 1), margin=1 + (_MARGIN - 1) * _smooth((1 - t) * 3))
        share = np.clip((t * 1.5 - 0.5 * lag - 0.02) / 0.96, 0, 1)
        share = (share * share * (3 - 2 * share))[:, :, None]
        return to_bytes(a + (b.astype(np.float32) - a) * share)

    yield from _film(job, w, h, frame, fast)


def _film(job: Job, w: int, h: int, frame: Callable[[float], Pixels], fast: bool) -> Work:
    fps = job.fps
    count = max(2, round(job.duration_s * fps))
    shown = 0.0
    with _reopenable() as path:
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=Fraction(fps))
            stream.width, stream.height, stream.pix_fmt = w, h, "yuv420p"
            # One thread: the bytes must not depend on how many cores the machine has.
            stream.codec_context.thread_count = 1
            stream.options = {"preset": "ultrafast" if fast else "veryfast", "crf": "20"}
            for i in range(count):
                picture = frame(i / (count - 1))
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
                fraction = (i + 1) / count
                new = fraction - shown >= 0.25 or i == 0
                shown = fraction if new else shown
                yield Step(fraction * 0.97, picture if new else None)
            container.mux(stream.encode())
        data = path.read_bytes()
    notes = {"painter": "Sketch", "version": VERSION, "frames": str(count)}
    yield Done(Output(data, "video/mp4", trusted=True), notes)


@contextmanager
def _reopenable() -> Iterator[Path]:
    """Where a film is written: moving its index to the front, so that a browser can start at once, opens it again.

    On Linux a file without a name, which is gone with this process whatever ends it.
    """
    if sys.platform != "linux":
        with tempfile.TemporaryDirectory(prefix="sketch-") as folder:
            yield Path(folder) / "film.mp4"
    else:
        descriptor = os.memfd_create("film")
        try:
            yield Path(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)


def _even(job: Job) -> tuple[int, int]:
    """H.264 with 4:2:0 colour wants even sides."""
    return job.width_px // 2 * 2, job.height_px // 2 * 2


def _move(job: Job) -> Move:
    """The move the words ask for, else one by seed."""
    dice = Dice(VERSION, read(job.prompt).rest, job.seed, "move")
    words = set(job.prompt.lower().replace(",", " ").split())
    pan_x = dice.between(0.25, 0.5) * dice.sign()
    if "left" in words:
        pan_x = -0.5
    if "right" in words:
        pan_x = 0.5
    pan_y = 0.5 if "up" in words else -0.5 if "down" in words else dice.between(-0.15, 0.15)
    zoom = -0.05 if "out" in words else dice.between(0.03, 0.06)
    return Move(pan_x, pan_y, zoom, 0.0 if words & {"still", "static"} else dice.between(0.4, 0.7))


def _moved(image: Image.Image, move: Move, at: float, *, margin: float = _MARGIN) -> Pixels:
    """The picture as the camera sees it at one point of its move (-0.5..0.5)."""
    w, h = image.size
    slack = (margin - 1) / 2
    grow = 1 / margin * (1 - move.zoom * at)

    def source(x: float, y: float) -> tuple[float, float]:
        # Nearness stands in for depth: the middle and the lower part of a picture are usually the closest.
        near = math.exp(-((x - 0.5) ** 2 + (y - 0.6) ** 2) * 7) * 0.7 + 0.5 * y
        reach = slack * at * 1.3
        sx = 0.5 + (x - 0.5) * grow + reach * move.pan_x * (1 - move.parallax * near)
        sy = 0.5 + (y - 0.5) * grow + reach * move.pan_y * (1 - move.parallax * near)
        return sx * w, sy * h

    grid = [[source(i / _MESH, j / _MESH) for i in range(_MESH + 1)] for j in range(_MESH + 1)]
    mesh = []
    for j in range(_MESH):
        for i in range(_MESH):
            box = (round(i * w / _MESH), round(j * h / _MESH), round((i + 1) * w / _MESH), round((j + 1) * h / _MESH))
            corners = (grid[j][i], grid[j + 1][i], grid[j + 1][i + 1], grid[j][i + 1])
            mesh.append((box, tuple(value for corner in corners for value in corner)))
    return np.asarray(image.transform((w, h), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR))


def _lit(picture: Pixels, gain: float) -> Pixels:
    table = np.clip(np.arange(256) * gain + 0.5, 0, 255).astype(np.uint8)
    out: Pixels = table[picture]
    return out


def _lag(first: Image.Image, last: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(H, W) 0..1: where the two differ most, the change comes last."""
    small = (48, 48)
    a, b = (np.asarray(i.resize(small, Image.Resampling.BOX), dtype=np.float32) for i in (first, last))
    apart = np.abs(a - b).max(axis=2)
    rank = apart / max(1.0, float(apart.max()))
    return np.asarray(Image.fromarray(rank.astype(np.float32)).resize(first.size, Image.Resampling.BICUBIC)).clip(0, 1)


def _smooth(t: float) -> float:
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)
