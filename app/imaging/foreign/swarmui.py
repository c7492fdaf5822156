"""SwarmUI: JSON where the A1111 family keeps its text, with everything under `sui_image_params`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from app.imaging.embedding.names import PARAMETERS
from app.imaging.foreign import shape
from app.imaging.foreign.shape import Lora, Recipe

_PARAMS = "sui_image_params"


def read(texts: Mapping[str, str]) -> Recipe | None:
    """Its recipe. Never raises."""
    text = texts.get(PARAMETERS, "")
    if _PARAMS not in text:
        return None
    params = shape.table((shape.json_object(text) or {}).get(_PARAMS))
    recipe = Recipe(
        tool="SwarmUI",
        prompt=shape.prose(params.get("prompt")),
        negative_prompt=shape.prose(params.get("negativeprompt")),
        seed=shape.whole(params.get("seed")),
        steps=shape.whole(params.get("steps")),
        cfg_scale=shape.number(params.get("cfgscale")),
        sampler=shape.name(params.get("sampler")),
        scheduler=shape.name(params.get("scheduler")),
        strength=shape.number(params.get("initimagecreativity")),
        width_px=shape.side(params.get("width")),
        height_px=shape.side(params.get("height")),
        model=shape.file_name(params.get("model")),
        loras=_loras(params.get("loras"), params.get("loraweights")),
    )
    return recipe if recipe.says_something else None


def _loras(names: object, weights: object) -> tuple[Lora, ...]:
    """Two lists side by side; older versions wrote them as texts with commas."""
    pairs = zip_longest(_listed(names), _listed(weights))
    return tuple(Lora(found, shape.number(weight)) for name, weight in pairs if (found := shape.file_name(name)))


def _listed(value: object) -> Sequence[object]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",", shape.LORAS_MOST)][: shape.LORAS_MOST]
    return shape.items(value, shape.LORAS_MOST)
