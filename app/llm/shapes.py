"""Whether data has the shape a JSON schema asks for, said so that a model can mend it.

The part of JSON Schema that providers' structured outputs take: types, enum, required, additionalProperties: false,
items, and the bounds of lists, texts and numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_FENCED = re.compile(r"^```[a-z]*\s*\n(?P<inside>.*?)\n?```\s*$", re.DOTALL)


def read(text: str, schema: Mapping[str, Any]) -> tuple[Any, str]:
    """What a model wrote as data, and what is wrong with it; an empty sentence when nothing is.

    Models like to wrap JSON in a fence or in a sentence: that much is forgiven.
    """
    found = _FENCED.match(text.strip())
    bare = found["inside"] if found else text[text.find("{") : text.rfind("}") + 1]
    try:
        data = json.loads(bare)
    except (ValueError, RecursionError) as error:
        return None, f"It is not JSON: {error}."
    return data, next(faults(data, schema), "")


def faults(data: Any, schema: Mapping[str, Any], where: str = "the answer") -> Iterator[str]:
    """A sentence for each way in which data misses its schema."""
    kind = schema.get("type")
    if kind is not None and not _is(data, kind):
        yield f"{where} must be of type {kind}."
        return
    if "enum" in schema and data not in schema["enum"]:
        yield f"{where} must be one of {json.dumps(schema['enum'])}."
    if isinstance(data, dict):
        yield from _object(data, schema, where)
    elif isinstance(data, list):
        yield from _bounds(len(data), schema, where, "minItems", "maxItems", "items")
        for place, item in enumerate(data):
            yield from faults(item, schema.get("items", {}), f"item {place + 1} of {where}")
    elif isinstance(data, str):
        yield from _bounds(len(data), schema, where, "minLength", "maxLength", "characters")
    elif isinstance(data, int | float):
        yield from _bounds(data, schema, where, "minimum", "maximum", "")


def _object(data: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in data:
            yield f'{where} lacks "{name}".'
    for name, value in data.items():
        if name in properties:
            yield from faults(value, properties[name], f'"{name}"')
        elif schema.get("additionalProperties") is False:
            yield f'{where} must not have "{name[:40]}".'


def _bounds(size: float, schema: Mapping[str, Any], where: str, least: str, most: str, of_what: str) -> Iterator[str]:
    unit = f" {of_what}" if of_what else ""
    if size < schema.get(least, size):
        yield f"{where} must have at least {schema[least]}{unit}; it has {size}."
    if size > schema.get(most, size):
        yield f"{where} must have at most {schema[most]}{unit}; it has {size}."


def _is(data: Any, kind: str) -> bool:
    if isinstance(data, bool) and kind in {"integer", "number"}:
        return False
    return isinstance(data, _TYPES[kind])
