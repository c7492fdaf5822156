"""From the files to the catalogue, or to a sentence that names the file and the line to mend."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from app import provider_heads
from app.providers.catalogue import Catalogue


class BadCatalogue(Exception):
    """A row cannot be used; the message names its file and line."""


def load(folder: Path | None = None) -> Catalogue:
    """Read every provider's file: `provider`, `models` and `retired`. Raises BadCatalogue.

    Read once in a process: the files are part of the product, and no row changes.
    """
    return _load(folder or provider_heads.CATALOGUE)


@cache
def _load(folder: Path) -> Catalogue:
    content: dict[str, Any] = {"providers": {}, "models": [], "retired": []}
    origins: dict[tuple[str, int], tuple[Path, int]] = {}
    for path in provider_heads.catalogue_files(folder):
        rows = _read(path)
        head = rows.pop("provider", None)
        content["providers"][path.stem] = {"id": path.stem, **head} if isinstance(head, dict) else head
        for kind in ("models", "retired"):
            for number, row in enumerate(rows.pop(kind, None) or ()):
                origins[kind, len(content[kind])] = (path, number)
                content[kind].append(
                    {"provider": path.stem, **row} if kind == "models" and isinstance(row, dict) else row
                )
        if rows:
            raise BadCatalogue(f"{path.name} has {', '.join(map(repr, rows))}; it takes provider, models and retired.")
    try:
        return Catalogue.model_validate(content)
    except ValidationError as error:
        lines = [_told(item["loc"], item["msg"], origins, folder) for item in error.errors()]
        raise BadCatalogue("The catalogue has broken rows:\n  " + "\n  ".join(lines)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        rows: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=provider_heads.LOADER)  # noqa: S506 - both loaders are safe ones
    except yaml.YAMLError as error:
        raise BadCatalogue(f"{path.name} is not YAML: {error}") from error
    if not isinstance(rows, dict) or next(iter(rows), None) != "provider":
        # Settings follow from the head, which is read without what comes after it.
        raise BadCatalogue(f"{path.name} must begin with its provider; its models follow.")
    return dict(rows)


def _told(
    where: tuple[int | str, ...], message: str, origins: dict[tuple[str, int], tuple[Path, int]], folder: Path
) -> str:
    """One fault with its place: `bfl.yaml, line 12: models > 3 > price > amount: ...`."""
    kind, index = (*where, "", "")[:2]
    if (kind, index) in origins:
        path, number = origins[kind, index]  # type: ignore[index] # the line above says that they are such a pair
        inside: Iterable[int | str] = (kind, number, *where[2:])
    elif kind == "providers" and isinstance(index, str):
        path, inside = folder / f"{index}.yaml", ("provider", *where[2:])
    else:
        return message
    steps = tuple(inside)
    return f"{path.name}, line {_line(path, steps)}: {' > '.join(map(str, steps))}: {message}"


def _line(path: Path, steps: tuple[int | str, ...]) -> int:
    """The line that a path through the file leads to, as far as it leads."""
    node: Any = yaml.compose(path.read_text(encoding="utf-8"), Loader=provider_heads.LOADER)
    line = 0
    for step in steps:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
            continue
        else:
            break
        line = node.start_mark.line
    return line + 1
