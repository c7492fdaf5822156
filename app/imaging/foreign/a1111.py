"""AUTOMATIC1111's web UI and its relatives (Forge, SD.Next, Fooocus): a text of three parts named `parameters`.

The prompt, `Negative prompt: …`, and a last line of settings. Ours writes this text too, for them to read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.imaging.embedding.names import PARAMETERS
from app.imaging.foreign import shape
from app.imaging.foreign.shape import Lora, Recipe
from app.imaging.limits import RECIPE_MAX_BYTES

NEGATIVE = "Negative prompt: "
# Key in the text, our name, and whether it lives under `params`.
SETTINGS: tuple[tuple[str, str, bool], ...] = (
    ("Steps", "steps", True),
    ("Sampler", "sampler", True),
    ("Schedule type", "scheduler", True),
    ("CFG scale", "cfg_scale", True),
    ("Seed", "seed", False),
    ("Model", "model", False),
    ("Denoising strength", "strength", True),
)
_SETTINGS_MAX_CHARS = 20_000
_SETTING = re.compile(r'([A-Z][\w \-/]{0,60}):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_LORA = re.compile(r"<(?:lora|lyco):([^:<>]{1,200})(?::(-?\d{1,3}(?:\.\d{1,6})?))?[^<>]{0,40}>")


def read(texts: Mapping[str, str]) -> Recipe | None:
    """Such a text as a recipe. Never raises."""
    text = texts.get(PARAMETERS, "")
    found = parse(text)
    if found is None:
        return None
    params = shape.table(found["params"])
    recipe = Recipe(
        tool="Darkroom" if "Version: Darkroom" in text[-200:] or 'Version: "Darkroom' in text[-200:] else "A1111",
        prompt=shape.prose(found["prompt"]),
        negative_prompt=shape.prose(found.get("negative_prompt")),
        seed=shape.whole(found.get("seed")),
        steps=shape.whole(params.get("steps")),
        cfg_scale=shape.number(params.get("cfg_scale")),
        sampler=shape.name(params.get("sampler")),
        scheduler=shape.name(params.get("scheduler")),
        strength=shape.number(params.get("strength")),
        width_px=shape.side(found.get("width_px")),
        height_px=shape.side(found.get("height_px")),
        model=shape.name(_text(found.get("model"))),
        loras=_loras(found["prompt"]),
    )
    return recipe if recipe.says_something else None


def parse(text: str) -> dict[str, Any] | None:
    """The parts of such a text under our names, or None when its last line holds no settings we know."""
    if len(text) > RECIPE_MAX_BYTES:
        return None
    *lines, last = text.strip().split("\n")
    if len(last) > _SETTINGS_MAX_CHARS:
        return None
    settings = {found[1]: _unquoted(found[2].strip()) for found in _SETTING.finditer(last)}
    if "Seed" not in settings and "Steps" not in settings:
        return None

    recipe: dict[str, Any] = {}
    params: dict[str, Any] = {}
    for label, name, nested in SETTINGS:
        if label in settings:
            (params if nested else recipe)[name] = _number(settings[label])
    size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", settings.get("Size", ""))
    if size:
        recipe["width_px"], recipe["height_px"] = int(size[1]), int(size[2])
    recipe["params"] = params

    prompt, marked, negative = "\n".join(lines).partition(NEGATIVE)
    recipe["prompt"] = prompt.strip()
    if marked:
        recipe["negative_prompt"] = negative.strip()
    return recipe


def _loras(prompt: str) -> tuple[Lora, ...]:
    found = [Lora(name.strip(), shape.number(weight or None)) for name, weight in _LORA.findall(prompt)]
    return tuple(found[: shape.LORAS_MOST])


def _text(value: Any) -> Any:
    """A model may be called by a number."""
    return str(value) if isinstance(value, (int, float)) else value


def quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r'[,:"\n]', text) else text


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text


def _number(text: str) -> int | float | str:
    if re.fullmatch(r"-?\d{1,20}", text):
        return int(text)
    if re.fullmatch(r"-?\d{1,20}\.\d{1,20}", text):
        return float(text)
    return text
