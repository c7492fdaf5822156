"""What may be said about wildcard files."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from app.forms import Body
from app.limits import WILDCARD_FILE_BYTES, WILDCARD_PATH_CHARS
from app.texts import clean_name, clean_text


def _path(text: str) -> str:
    path = clean_name(text, WILDCARD_PATH_CHARS)
    # Whoever writes the name alone means the plain kind of file.
    return path if not path or "." in path.rpartition("/")[2] else f"{path}.txt"


def _text(text: str) -> str:
    # No encoding has fewer bytes than characters; the bytes are counted where the file is read.
    return clean_text(text.removeprefix("\ufeff"), WILDCARD_FILE_BYTES)


# Where a file is kept, such as animals/forest.txt; without an ending it is a .txt.
Path = Annotated[str, AfterValidator(_path)]
# The whole text of a file.
FileText = Annotated[str, AfterValidator(_text)]


class WildcardBody(Body):
    path: Path
    text: FileText
