"""InvokeAI: JSON named `invokeai_metadata`, before version 3 `sd-metadata` with the picture's part under `image`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.imaging.embedding.names import INVOKEAI, INVOKEAI_OLD
from app.imaging.foreign import shape
from app.imaging.foreign.shape import Lora, Recipe

# Before there were two fields, what to keep out stood in square brackets.
_KEPT_OUT = re.compile(r"\[([^\[\]]{1,4000})\]")


def read(texts: Mapping[str, str]) -> Recipe | None:
    """Its recipe. Never raises."""
    new = shape.json_object(texts.get(INVOKEAI, ""))
    old = shape.json_object(texts.get(INVOKEAI_OLD, ""))
    recipe = _new(new) if new is not None else _old(old) if old is not None else None
    return recipe if recipe and recipe.says_something else None


def _new(data: Mapping[str, Any]) -> Recipe:
    return Recipe(
        tool="InvokeAI",
        prompt=shape.prose(data.get("positive_prompt")),
        negative_prompt=shape.prose(data.get("negative_prompt")),
        seed=shape.whole(data.get("seed")),
        steps=shape.whole(data.get("steps")),
        # Models without classifier-free guidance have another kind of it.
        cfg_scale=shape.number(data.get("cfg_scale", data.get("guidance"))),
        sampler=shape.name(data.get("scheduler")),
        strength=shape.number(data.get("strength")),
        width_px=shape.side(data.get("width")),
        height_px=shape.side(data.get("height")),
        model=_model(data.get("model")),
        loras=tuple(_loras(data.get("loras"))),
    )


def _loras(rows: Any) -> list[Lora]:
    loras = []
    for row in map(shape.table, shape.items(rows, shape.LORAS_MOST)):
        name = _model(row.get("model", row.get("lora")))
        if name:
            loras.append(Lora(name, shape.number(row.get("weight"))))
    return loras


def _model(value: Any) -> str | None:
    """A model by name, or as a row that has one."""
    row = shape.table(value)
    return shape.file_name(row.get("name") or row.get("model_name") or value)


def _old(data: Mapping[str, Any]) -> Recipe:
    image = shape.table(data.get("image"))
    prompt, negative = _parted(image.get("prompt"))
    return Recipe(
        tool="InvokeAI",
        prompt=prompt,
        negative_prompt=negative,
        seed=shape.whole(image.get("seed")),
        steps=shape.whole(image.get("steps")),
        cfg_scale=shape.number(image.get("cfg_scale")),
        sampler=shape.name(image.get("sampler")),
        strength=shape.number(image.get("strength")),
        width_px=shape.side(image.get("width")),
        height_px=shape.side(image.get("height")),
        model=shape.name(data.get("model_weights")),
    )


def _parted(value: Any) -> tuple[str, str]:
    """A text, or a list of weighted texts; what stands in brackets is the negative prompt."""
    parts = value if isinstance(value, list) else [value]
    words = [shape.prose(shape.table(part).get("prompt") if isinstance(part, dict) else part) for part in parts[:32]]
    text = shape.prose(", ".join(filter(None, words)))
    return " ".join(_KEPT_OUT.sub("", text).split()), ", ".join(_KEPT_OUT.findall(text))
