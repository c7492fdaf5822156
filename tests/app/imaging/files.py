"""Picture and video files for the tests, made from pixels on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from app.imaging.containers import PNG_SIGNATURE, png_chunk


def photo(width: int = 64, height: int = 48, mode: str = "RGB", seed: int = 7) -> Image.Image:
    """Smooth colours with grain, the same for the same arguments."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 255, (height // 16 + 2, width // 16 + 2, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = random.integers(-4, 5, (height, width, 1))
    image = Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((width, height)))
        return image
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def blank_png(width: int, height: int, extra: bytes = b"") -> bytes:
    """A one-bit PNG of any size in a few kilobytes, as bombs are made; `extra` chunks stand before the pixels."""
    row = b"\0" * (1 + (width + 7) // 8)
    squeeze = zlib.compressobj(9)
    packed = b"".join(squeeze.compress(row * 256) for _ in range(height // 256))
    packed += squeeze.compress(row * (height % 256)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return PNG_SIGNATURE + png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def video(
    width: int = 96, height: int = 64, frames: int = 12, fps: int = 12, kind: str = "mp4", **options: str
) -> bytes:
    """A short clip of a bright square crossing a dark field."""
    import av

    codec = "libx264" if kind == "mp4" else "libvpx-vp9"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip"  # a real file, as moving the index to the front reads back what was written
        with av.open(path, "w", format=kind, options=options) as container:
            stream = container.add_stream(codec, rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for index in range(frames):
                pixels = np.full((height, width, 3), 20, dtype=np.uint8)
                left = index * (width - 16) // max(1, frames - 1)
                pixels[8:24, left : left + 16] = (240, 120, 40)
                for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                    container.mux(packet)
            for packet in stream.encode():
                container.mux(packet)
        return path.read_bytes()
