"""How a picture was made, carried inside its own file.

A recipe is a JSON object. These keys have a meaning here and in the text other programs read; more may stand beside:
`prompt` (as sent), `negative_prompt`, `seed`, `model`, `width_px`, `height_px`, `version`, and
`params` with `steps`, `sampler`, `scheduler`, `cfg_scale`, `strength`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from app.imaging.containers import sniff
from app.imaging.embedding import PARAMETERS, RECIPE, read_texts, write_texts
from app.imaging.limits import RECIPE_MAX_BYTES

CARRIES_RECIPE = frozenset({"image/png", "image/jpeg", "image/webp", "video/mp4"})

# Key in the text other programs write, our name, and whether it lives under `params`.
_PARAMETERS: tuple[tuple[str, str, bool], ...] = (
    ("Steps", "steps", True),
    ("Sampler", "sampler", True),
    ("Schedule type", "scheduler", True),
    ("CFG scale", "cfg_scale", True),
    ("Seed", "seed", False),
    ("Model", "model", False),
    ("Denoising strength", "strength", True),
)
_SETTINGS_MAX_CHARS = 20_000
_NEGATIVE = "Negative prompt: "
_SETTING = re.compile(r'([A-Z][\w \-/]{0,60}):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')


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
    """The recipe in a file, ours or one of the A1111 family's; None when there is none. Never raises."""
    if sniff(data) != mime:
        return None
    return recipe_from_texts(read_texts(data))


def recipe_from_texts(texts: Mapping[str, str]) -> dict[str, Any] | None:
    """The recipe among texts read earlier (`DecodedImage.embedded`). Never raises."""
    ours = _json_object(texts.get(RECIPE, ""))
    return ours if ours is not None else parse_parameters(texts.get(PARAMETERS, ""))


def parameters_text(recipe: Mapping[str, Any]) -> str:
    """The widespread three-part text: prompt, negative prompt, and one line of settings."""
    params = recipe.get("params")
    params = params if isinstance(params, Mapping) else {}
    settings = []
    for label, name, nested in _PARAMETERS:
        value = (params if nested else recipe).get(name)
        if value not in (None, ""):
            settings.append(f"{label}: {_quoted(value)}")
    if recipe.get("width_px") and recipe.get("height_px"):
        settings.append(f"Size: {recipe['width_px']}x{recipe['height_px']}")
    settings.append(f"Version: {_quoted('Darkroom ' + str(recipe.get('version') or ''))}".rstrip())

    lines = [str(recipe.get("prompt") or "")]
    if recipe.get("negative_prompt"):
        lines.append(f"{_NEGATIVE}{recipe['negative_prompt']}")
    return "\n".join([*lines, ", ".join(settings)])


def parse_parameters(text: str) -> dict[str, Any] | None:
    """A recipe from such a text, or None when its last line holds no settings we know."""
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
    for label, name, nested in _PARAMETERS:
        if label in settings:
            (params if nested else recipe)[name] = _number(settings[label])
    size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", settings.get("Size", ""))
    if size:
        recipe["width_px"], recipe["height_px"] = int(size[1]), int(size[2])
    recipe["params"] = params

    prompt, marked, negative = "\n".join(lines).partition(_NEGATIVE)
    recipe["prompt"] = prompt.strip()
    if marked:
        recipe["negative_prompt"] = negative.strip()
    return recipe


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


def _quoted(value: object) -> str:
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
