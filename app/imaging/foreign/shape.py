"""What a foreign recipe comes to, and how its values are taken out of whatever the file holds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.imaging.limits import RECIPE_MAX_BYTES

PROMPT_MOST_CHARS = 20_000
NAME_MOST_CHARS = 200
LORAS_MOST = 32
# Seeds of other programs go to 64 bits.
SEED_MOST = 2**64 - 1
SIDE_MOST_PX = 65_535


@dataclass(frozen=True, slots=True)
class Lora:
    name: str
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What every program knows of a picture. tool: who wrote it. Sizes in pixels; None for what is not said."""

    tool: str
    prompt: str = ""
    negative_prompt: str = ""
    seed: int | None = None
    steps: int | None = None
    cfg_scale: float | None = None
    sampler: str | None = None
    scheduler: str | None = None
    strength: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    model: str | None = None
    loras: tuple[Lora, ...] = ()

    @property
    def says_something(self) -> bool:
        return bool(self.prompt) or self.seed is not None

    def stored(self) -> dict[str, Any]:
        """As kept with a picture: under the names our own recipes have, without what is not said."""
        params = {name: getattr(self, name) for name in ("steps", "cfg_scale", "sampler", "scheduler", "strength")}
        whole: dict[str, Any] = {
            "tool": self.tool,
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt or None,
            "seed": self.seed,
            "model": self.model,
            "width_px": self.width_px,
            "height_px": self.height_px,
            "params": {name: value for name, value in params.items() if value is not None},
            "loras": [{"name": lora.name, "weight": lora.weight} for lora in self.loras] or None,
        }
        return {name: value for name, value in whole.items() if value is not None}


def json_object(text: str) -> dict[str, Any] | None:
    """A JSON object from a text that may be anything; None when it is none. NaN, which ComfyUI writes, becomes null."""
    if not text or len(text) > RECIPE_MAX_BYTES:
        return None
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any, most: int) -> list[Any]:
    return value[:most] if isinstance(value, list) else []


def prose(value: Any) -> str:
    """A prompt; nothing for what is no text, or so long that it is none."""
    return value.strip() if isinstance(value, str) and len(value) <= PROMPT_MOST_CHARS else ""


def name(value: Any) -> str | None:
    """A name of a model, a sampler: one line."""
    if not isinstance(value, str) or len(value) > NAME_MOST_CHARS:
        return None
    return " ".join(value.split()) or None


def file_name(value: Any) -> str | None:
    """A model's name without the folders and the ending of its file."""
    found = name(value)
    if found is None:
        return None
    last = found.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".safetensors", ".ckpt", ".pt", ".gguf", ".sft"):
        last = last.removesuffix(ending)
    return last or None


def whole(value: Any, most: int = SEED_MOST) -> int | None:
    """A whole number from 0 to `most`, also when it is written as a text or as 20.0."""
    if isinstance(value, str) and len(value) <= 24:
        value = int(value) if value.isascii() and value.isdigit() else None
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= most else None


def number(value: Any) -> float | None:
    if isinstance(value, str) and len(value) <= 24:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # The comparison first: a number of a thousand digits does not fit a float.
    return float(value) if -1e6 <= value <= 1e6 else None


def side(value: Any) -> int | None:
    return whole(value, SIDE_MOST_PX) or None
