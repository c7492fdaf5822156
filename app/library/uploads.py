"""Pictures that people bring along: from a file or an address, cleaned, stored, and read for the recipe they carry."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage

from app import limits
from app.db import db
from app.errors import AppError
from app.imaging import recipe as recipes
from app.imaging.errors import ImageRefused
from app.imaging.pool import PoolBusy
from app.library import service, zips
from app.library.models import Asset
from app.storage import StorageFull
from app.texts import UNSTORABLE, clean_name
from app.workspaces.models import Workspace


class PictureRefused(AppError):
    """An upload that is no picture we take; says what would be."""

    def __init__(self, refusal: ImageRefused, role: str) -> None:
        super().__init__(refusal.sentence, fields={role: refusal.sentence})
        self.status = refusal.status
        self.code = refusal.code


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A file of an archive that was left out, and why."""

    name: str
    sentence: str


def add_file(workspace: Workspace, file: FileStorage, *, role: str = "file", source: str = "uploaded") -> Asset:
    """Store an uploaded file. source: "mask" for what says where to repaint. Raises PictureRefused and StorageFull."""
    # One byte more than allowed tells "too large" without reading the rest.
    data = file.stream.read(limits.UPLOAD_FILE_BYTES + 1)
    return add_bytes(workspace, data, shown_name=file.filename or "", role=role, source=source)


def add_bytes(
    workspace: Workspace, data: bytes, *, shown_name: str, role: str = "file", source: str = "uploaded"
) -> Asset:
    """Store a picture's bytes. The name is only ever shown: it is never part of a path."""
    try:
        files, embedded = service.store_upload(data)
    except ImageRefused as error:
        raise PictureRefused(error, role) from error
    asset = service.add_upload(
        workspace.owner_id,
        workspace.id,
        files,
        source=source,
        shown_name=_shown(shown_name),
        recipe=_recipe(embedded),
    )
    db.session.commit()
    return asset


def add_zip(workspace: Workspace, file: FileStorage) -> tuple[Sequence[Asset], Sequence[NotTaken]]:
    """Store every picture in a ZIP; one that cannot be taken does not keep the others out. Raises Invalid."""
    data = file.stream.read(limits.UPLOAD_REQUEST_BYTES + 1)
    taken: list[Asset] = []
    left_out: list[NotTaken] = []
    for member in zips.members(data):
        name = _shown(member.name)
        if member.refusal:
            left_out.append(NotTaken(name, member.refusal))
            continue
        try:
            taken.append(add_bytes(workspace, member.data, shown_name=name))
        except PictureRefused as error:
            left_out.append(NotTaken(name, error.message))
        except PoolBusy as error:
            left_out.append(NotTaken(name, error.sentence))
        except StorageFull:
            left_out.append(NotTaken(name, "There is no room left for it."))
    return taken, left_out


def known(owner_id: uuid.UUID, asset_id: uuid.UUID) -> Asset:
    """A picture uploaded or made before, for use as an input. Raises NotFound."""
    return service.image_for(owner_id, asset_id)


def _shown(name: str) -> str:
    # The last part only: browsers of old sent whole paths. Cut, not refused: a long name is no reason to lose a file.
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return clean_name(last[: 4 * limits.FILE_NAME_CHARS].replace("\x00", ""), 4 * limits.FILE_NAME_CHARS)[
        : limits.FILE_NAME_CHARS
    ]


def _recipe(embedded: dict[str, str]) -> dict[str, Any]:
    """The recipe that the file carried, ours or another program's."""
    found = recipes.recipe_from_texts(embedded) or {}
    storable: dict[str, Any] = _storable(found, limits.JSON_DEPTH)
    return storable


def _storable(value: Any, depth: int) -> Any:
    """JSON may spell characters that no database keeps, and nest as deep as nobody reads."""
    if isinstance(value, str):
        return UNSTORABLE.sub("", value)
    if isinstance(value, (dict, list)) and not depth:
        return None
    if isinstance(value, dict):
        return {_storable(name, 0): _storable(each, depth - 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_storable(each, depth - 1) for each in value]
    return value
