"""Wildcard files from a person's disk."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.datastructures import FileStorage

from app.errors import Invalid
from app.forms import read as read_body
from app.limits import MIB, WILDCARD_FILE_BYTES
from app.wildcards.forms import WildcardBody


def read(files: Iterable[FileStorage], *, folder: str = "") -> list[WildcardBody]:
    """Files as what they say and where they go: in `folder`, by the last part of their name. Raises Invalid."""
    bodies: dict[str, WildcardBody] = {}
    for file in files:
        # A form without a chosen file sends one without a name. Some browsers send whole paths.
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        if not name:
            continue
        body = read_body(WildcardBody, {"path": _path(folder, name), "text": _text(file, name)})
        if body.path in bodies:
            raise _refused(f"Two of the files are called {name}. Rename one, or send them one after the other.")
        bodies[body.path] = body
    if not bodies:
        raise _refused("Choose one or more .txt or .yaml files.")
    return list(bodies.values())


def _path(folder: str, name: str) -> str:
    folder = folder.strip().strip("/")
    return f"{folder}/{name}" if folder else name


def _text(file: FileStorage, name: str) -> str:
    # One byte more than allowed tells "too large" without reading the rest.
    data = file.stream.read(WILDCARD_FILE_BYTES + 1)
    if len(data) > WILDCARD_FILE_BYTES:
        raise _refused(f"{name} is larger than {WILDCARD_FILE_BYTES // MIB} MiB; split it.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused(f"{name} is not written in UTF-8; save it as UTF-8 and send it again.") from None


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"files": sentence})
