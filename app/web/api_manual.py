"""The API's OpenAPI description, put in the order a person reads it. Pure: dictionaries in, dataclasses out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
# A description may refer to itself; nobody reads deeper.
MAX_DEPTH = 4

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One parameter or one field of a body. `name` is a path such as `params.steps`."""

    name: str
    kind: str
    where: str
    required: bool
    note: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    anchor: str
    summary: str
    description: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]
    example: str


@dataclass(frozen=True)
class Chapter:
    title: str
    operations: tuple[Operation, ...]


def manual_of(spec: Schema) -> tuple[Chapter, ...]:
    """The chapters of an OpenAPI 3 description, by tag, in the order of the description."""
    reader = _Reader(spec.get("components", {}).get("schemas", {}))
    chapters: dict[str, list[Operation]] = {}
    for path, methods in spec.get("paths", {}).items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                title = next(iter(operation.get("tags", ())), "Other")
                chapters.setdefault(title, []).append(reader.operation(method, path, operation))
    return tuple(Chapter(title, tuple(operations)) for title, operations in chapters.items())


class _Reader:
    def __init__(self, schemas: Schema) -> None:
        self._schemas = schemas

    def operation(self, method: str, path: str, facts: Schema) -> Operation:
        body_kind, body = _body(facts)
        parameters = (
            Field(
                name=parameter["name"],
                kind=self._kind(parameter.get("schema", {})),
                where=parameter["in"],
                required=bool(parameter.get("required")),
                note=_note(parameter.get("schema", {}), parameter.get("description", "")),
            )
            for parameter in facts.get("parameters", ())
        )
        answers = facts.get("responses", {})
        good: Schema = next((answer for status, answer in sorted(answers.items()) if str(status).startswith("2")), {})
        return Operation(
            method=method.upper(),
            path=path,
            anchor=facts.get("operationId")
            or f"{method}-{path.strip('/').replace('/', '-')}".replace("{", "").replace("}", ""),
            summary=facts.get("summary", ""),
            description=facts.get("description", ""),
            inputs=(*parameters, *self._fields(body, "body")),
            outputs=tuple(self._fields(_content(good)[1], "answer")),
            answers=tuple((str(status), answer.get("description", "")) for status, answer in sorted(answers.items())),
            example=_example(method, path, body_kind),
        )

    def _fields(self, schema: Schema, where: str, prefix: str = "", depth: int = 0) -> Iterator[Field]:
        schema = self._resolve(schema)
        if schema.get("type") == "array":
            yield from self._fields(schema.get("items", {}), where, f"{prefix}[].", depth + 1)
            return
        required = set(schema.get("required", ()))
        for name, inner in schema.get("properties", {}).items():
            target = self._resolve(inner)
            yield Field(prefix + name, self._kind(inner), where, name in required, _note(target, ""))
            nested = self._resolve(target.get("items", {})) if target.get("type") == "array" else target
            if depth < MAX_DEPTH and "properties" in nested:
                suffix = "[]." if target.get("type") == "array" else "."
                yield from self._fields(nested, where, f"{prefix}{name}{suffix}", depth + 1)

    def _resolve(self, schema: Schema) -> Schema:
        """The schema behind a reference, or the one that says something among alternatives with null."""
        for _ in range(MAX_DEPTH):
            if "$ref" in schema:
                schema = self._schemas.get(str(schema["$ref"]).rpartition("/")[2], {})
                continue
            options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
            if len(options) != 1:
                break
            schema = {**schema, **options[0]}
            schema.pop("anyOf", None) if isinstance(schema, dict) else None
        return schema

    def _kind(self, schema: Schema) -> str:
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return " or ".join(dict.fromkeys(self._kind(option) for option in options))
        schema = self._resolve(schema)
        if "enum" in schema:
            return " | ".join(json.dumps(value) for value in schema["enum"])
        if "const" in schema:
            return json.dumps(schema["const"])
        kind = schema.get("type", "any")
        if kind == "array":
            return f"list of {self._kind(schema.get('items', {}))}"
        return str(schema.get("format") or kind) if kind == "string" else str(kind)


_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
)


def _note(schema: Schema, description: str) -> str:
    parts = [description or str(schema.get("description", ""))]
    parts += [words.format(schema[key]) for key, words in _BOUNDS if schema.get(key) is not None]
    if schema.get("default") is not None:
        parts.append(f"default {json.dumps(schema['default'])}")
    return "; ".join(part.rstrip(".") for part in parts if part)


def _body(facts: Schema) -> tuple[str, Schema]:
    return _content(facts.get("requestBody", {}))


def _content(holder: Schema) -> tuple[str, Schema]:
    for kind, media in holder.get("content", {}).items():
        return str(kind), media.get("schema", {})
    return "", {}


def _example(method: str, path: str, body_kind: str) -> str:
    lines = [f"curl -X {method.upper()} $DARKROOM{path}", '-H "Authorization: Bearer $DARKROOM_KEY"']
    if body_kind == "application/json":
        lines += ['-H "Content-Type: application/json"', "-d @body.json"]
    elif body_kind:
        lines.append("-F file=@picture.png")
    return " \\\n  ".join(lines)
