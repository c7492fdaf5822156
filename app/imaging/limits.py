"""How large a picture from outside may be."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB

FILE_MAX_BYTES = 20 * MIB
PIXELS_MAX = 40_000_000
SIDE_MAX_PX = 16_384
RECIPE_MAX_BYTES = 256 * KIB

VIDEO_MAX_BYTES = 256 * MIB

HELPER_MEMORY_BYTES = 1536 * MIB
HELPER_CPU_S = 20
HELPER_WALL_S = 30.0


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """The largest file, picture and side accepted; a value equal to a limit passes."""

    file_bytes: int = FILE_MAX_BYTES
    pixels: int = PIXELS_MAX
    side_px: int = SIDE_MAX_PX
    recipe_bytes: int = RECIPE_MAX_BYTES


DEFAULT_LIMITS = ImageLimits()
