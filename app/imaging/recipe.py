"""How a picture was made, carried inside its own file.

A recipe is a JSON object. These keys have a meaning here and in the text other programs read; more may stand beside:
`prompt` (as sent), `negative_prompt`, `seed`, `model`, `width_px`, `height_px`, `version`, and
`params` with `steps`, `sampler`, `scheduler`, `cfg_scale`, `strength`. One read from another program has `tool`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.imaging import foreign
from app.imaging.containers import sniff
from app.imaging.embedding import RECIPE, read_texts, write_texts
from app.imaging.foreign import a1111
from app.imaging.limits import RECIPE_MAX_BYTES

CARRIES_RECIPE = frozenset({"image/png", "image/jpeg", "image/webp", "video/mp4"})


def write_recipe(data: bytes, mime: str, recipe: Mapping[str, Any]) -> bytes:
    """The same file with its recipe, for programs (JSON) and for people (`parameters`); pixels stay byte for byte.

    mime: one of CARRIES_RECIPE. JPEG and WebP lose other EXIF and XMP.
    Raises ValueError for another format, a file that does not keep to its format, a recipe that is not JSON or is over
    RECIPE_MAX_BYTES.
    """
    try:
        text = json.dumps(recipe, allow_nan=False, separators=(",", ":"))
    except (TypeError, RecursionError) as error:
        raise ValueError("a recipe holds JSON values only") from error
    if len(text) > RECIPE_MAX_BYTES:
        raise ValueError(f"a recipe takes at most {RECIPE_MAX_BYTES} bytes, not {len(text)}")
    return write_texts(data, mime, recipe=text, parameters=parameters_text(recipe))


def with_recipe(data: bytes, mime: str, recipe: Mapping[str, Any]) -> bytes:
    """As `write_recipe`, but the file as it is where it has no place for one: WebM, fragmented MP4, too long a recipe.

    For deliveries and stores, to which the picture matters more than the note in it.
    """
    try:
        return write_recipe(data, mime, recipe)
    except ValueError:
        return data


def read_recipe(data: bytes, mime: str) -> dict[str, Any] | None:
    """The recipe in a file, ours or another program's; None when there is none. Never raises."""
    if sniff(data) != mime:
        return None
    return recipe_from_texts(read_texts(data))


def recipe_from_texts(texts: Mapping[str, str]) -> dict[str, Any] | None:
    """The recipe among texts read earlier (`DecodedImage.embedded`). Never raises.

    One that another program wrote comes under our names, with the program's under `tool`.
    """
    ours = _json_object(texts.get(RECIPE, ""))
    if ours is not None:
        return ours
    theirs = foreign.read(texts)
    return theirs.stored() if theirs else None


def parameters_text(recipe: Mapping[str, Any]) -> str:
    """The widespread three-part text: prompt, negative prompt, and one line of settings."""
    params = recipe.get("params")
    params = params if isinstance(params, Mapping) else {}
    settings = []
    for label, name, nested in a1111.SETTINGS:
        value = (params if nested else recipe).get(name)
        if value not in (None, ""):
            settings.append(f"{label}: {a1111.quoted(value)}")
    if recipe.get("width_px") and recipe.get("height_px"):
        settings.append(f"Size: {recipe['width_px']}x{recipe['height_px']}")
    settings.append(f"Version: {a1111.quoted('Darkroom ' + str(recipe.get('version') or ''))}".rstrip())

    lines = [str(recipe.get("prompt") or "")]
    if recipe.get("negative_prompt"):
        lines.append(f"{a1111.NEGATIVE}{recipe['negative_prompt']}")
    return "\n".join([*lines, ", ".join(settings)])


def _json_object(text: str) -> dict[str, Any] | None:
    if not text or len(text) > RECIPE_MAX_BYTES:
        return None
    try:
        value = json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _not_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
