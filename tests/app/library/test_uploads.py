"""What people bring along: read for its recipe, unpacked, kept apart from what was made here."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from app import limits
from app.accounts.models import User
from app.errors import Invalid
from app.extensions import storage
from app.library import uploads, zips
from app.library.uploads import NotTaken
from app.workspaces import queries
from app.workspaces.models import Workspace
from tests.app.imaging.foreign import samples
from tests.support.engine import Engine


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return queries.workspaces_of(owner.id)[0]


def a_png(colour: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (24, 16), colour).save(data, "PNG")
    return data.getvalue()


def a_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def sent(data: bytes, name: str = "pictures.zip") -> FileStorage:
    return FileStorage(io.BytesIO(data), name)


@pytest.mark.parametrize(
    ("mime", "wishes"),
    [
        ("image/png", {}),
        ("image/webp", {"params": {"format": "webp"}}),
        ("image/jpeg", {"params": {"format": "jpeg"}}),
        ("video/mp4", {"model": "sketch-video", "operation": "img2vid", "params": {"duration_s": 1}}),
    ],
)
def test_our_own_file_downloaded_and_brought_back_has_the_same_recipe(
    engine: Engine, workspace: Workspace, mime: str, wishes: dict[str, Any]
) -> None:
    if wishes.get("operation") == "img2vid":
        wishes = wishes | {"image": uploads.add_bytes(workspace, a_png(), shown_name="source").id}
    engine.submit(workspace, 'a {red} fox, "dawn" light — 狐', seed=7, negative_prompt="text", **wishes)
    engine.turn()
    (made,) = (asset for asset in engine.assets() if asset.source == "generated")
    assert made.mime == mime
    brought = uploads.add_bytes(workspace, storage().path(made.key).read_bytes(), shown_name="again")
    assert brought.recipe == made.recipe
    assert (brought.source, brought.kind, brought.mime) == ("uploaded", made.kind, mime)
    assert (brought.width_px, brought.height_px) == (made.width_px, made.height_px)


def test_another_programs_recipe_is_kept_with_its_name(workspace: Workspace) -> None:
    data = samples.as_png(prompt=json.dumps(samples.COMFYUI))
    recipe = uploads.add_bytes(workspace, data, shown_name="out.png").recipe
    assert (recipe["tool"], recipe["prompt"], recipe["seed"]) == ("ComfyUI", "a lighthouse at dusk", 885533221144668)


def test_a_recipe_made_to_be_unstorable_is_stored_without_what_cannot_be(workspace: Workspace) -> None:
    deep: Any = "end"
    for _ in range(400):
        deep = [deep]
    hostile = json.dumps({"prompt": "a\x00fox \ud800", "seed": 1, "\x00": {"deep": deep}})
    recipe = uploads.add_bytes(workspace, samples.as_png(darkroom=hostile), shown_name="x").recipe
    assert (recipe["prompt"], recipe["seed"]) == ("afox ", 1)


def test_a_zip_gives_its_pictures_and_says_what_was_left_out(workspace: Workspace) -> None:
    archive = a_zip(
        {
            "foxes/red.png": a_png(),
            "../../etc/blue.png": a_png("blue"),
            "notes.txt": b"no picture",
            "inner.zip": a_zip({"x.png": a_png()}),
            "__MACOSX/._red.png": b"x",
            "foxes/.DS_Store": b"x",
        }
    )
    taken, left_out = uploads.add_zip(workspace, sent(archive))
    assert [(asset.shown_name, asset.source) for asset in taken] == [("red.png", "uploaded"), ("blue.png", "uploaded")]
    assert left_out == [
        NotTaken("notes.txt", "This file is not a picture we take: send PNG, JPEG, WebP or GIF."),
        NotTaken("inner.zip", "A ZIP within a ZIP is not opened: send it by itself."),
    ]


@pytest.mark.parametrize(
    "archive",
    [b"", b"no zip", a_png(), a_zip({}), a_zip({"a.png": a_png()})[:-30], a_zip({f"{n}.png": b"x" for n in range(51)})],
    ids=["nothing", "text", "a picture", "empty", "cut off", "too many"],
)
def test_what_is_no_zip_of_pictures_is_refused_as_a_whole(archive: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        list(zips.members(archive))
    assert set(refusal.value.fields) == {"file"}


def test_a_directory_of_millions_is_refused_unread() -> None:
    archive = bytearray(a_zip({"a.png": a_png()}))
    at = archive.rfind(b"PK\x05\x06")
    struct.pack_into("<L", archive, at + 12, 60_000_000)
    with pytest.raises(Invalid, match="more than 50 files"):
        list(zips.members(bytes(archive)))


def test_a_file_that_swells_is_not_unpacked() -> None:
    (member,) = zips.members(a_zip({"zeros.png": bytes(8 * limits.MIB)}))
    assert (member.data, member.refusal) == (
        b"",
        "This file swells to more than a hundred times its size: it is no picture.",
    )


def test_a_file_that_lies_about_its_size_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD_FILE_BYTES", 100_000)
    archive = bytearray(a_zip({"a.png": bytes(200_000)}, zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", archive, archive.find(mark) + offset, 90_000)
    (member,) = zips.members(bytes(archive))
    assert member.refusal


def test_past_the_limit_of_all_files_the_rest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ZIP_BYTES", 2 * limits.MIB)
    noise = bytes(range(256)) * 5_000
    first, second = zips.members(a_zip({"a": noise, "b": noise}, zipfile.ZIP_STORED))
    assert len(first.data) == len(noise)
    assert second.refusal.startswith("The ZIP unpacks to more than")


def test_a_locked_or_damaged_file_says_so() -> None:
    archive = bytearray(a_zip({"a.png": a_png()}, zipfile.ZIP_STORED))
    archive[archive.find(b"IDAT") + 6] ^= 0xFF
    (damaged,) = zips.members(bytes(archive))
    assert damaged.refusal == "This file is damaged: pack it again."
    archive[archive.find(b"PK\x01\x02") + 8] |= 1
    (locked,) = zips.members(bytes(archive))
    assert "password" in locked.refusal
