from __future__ import annotations

import errno
import hashlib
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.storage import DiskStorage, StorageFull, StorageUnusable, open_storage


@pytest.fixture(params=[True, False], ids=["durable", "fast"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> DiskStorage:
    return DiskStorage(tmp_path / "files", durable=request.param)


def everything_below(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_what_is_put_can_be_read_in_every_way(store: DiskStorage) -> None:
    stored = store.put(b"pixels", "png")
    assert stored.sha256 == hashlib.sha256(b"pixels").hexdigest()
    assert stored.size_bytes == 6
    assert store.read(stored.key) == b"pixels"
    assert store.path(stored.key).read_bytes() == b"pixels"
    assert store.exists(stored.key)
    with store.open(stored.key) as handle:
        assert handle.read() == b"pixels"


def test_keys_are_random_and_spread_over_folders(store: DiskStorage) -> None:
    keys = {store.put(b"same", "webp").key for _ in range(50)}
    assert len(keys) == 50
    for key in keys:
        assert re.fullmatch(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}\.webp", key)
    assert set(store.iter_keys()) == keys


def test_nothing_is_left_but_the_file(store: DiskStorage) -> None:
    stored = store.put(b"x", "png")
    assert everything_below(store.root) == [stored.key]


def test_deleting_is_final_and_may_be_repeated(store: DiskStorage) -> None:
    key = store.put(b"x", "png").key
    store.delete(key)
    store.delete(key)
    assert not store.exists(key)
    assert list(store.iter_keys()) == []
    with pytest.raises(FileNotFoundError):
        store.read(key)


def test_an_empty_file_is_a_file(store: DiskStorage) -> None:
    assert store.read(store.put(b"", "png").key) == b""


def test_a_storage_nobody_wrote_to_is_empty(store: DiskStorage) -> None:
    assert list(store.iter_keys()) == []
    assert store.sweep_temporary(0) == 0
    assert store.free_bytes() > 0


GOOD = "ab/cd/abcd" + "0" * 28 + ".png"


@pytest.mark.parametrize(
    "key",
    [
        "",
        ".",
        "../secret.png",
        "ab/cd/../../../etc/passwd",
        "/etc/passwd",
        f"/{GOOD}",
        f"{GOOD}/",
        f"{GOOD}\n",
        f"{GOOD}\0",
        f"./{GOOD}",
        GOOD.upper(),
        GOOD.replace("/", "\\"),
        "ab/ce/abcd" + "0" * 28 + ".png",
        "ab/cd/abcd" + "0" * 27 + ".png",
        "ab/cd/abcd" + "0" * 28,
        "ab/cd/abcd" + "0" * 28 + ".p/g",
        "ab/cd/abcd" + "0" * 28 + ".PNG",
        "ab/cd/abcd" + "０" * 28 + ".png",
        ".incoming/" + "0" * 32 + ".png",
        "日本.png",
        "x" * 5000,
    ],
)
def test_no_key_but_our_own_is_ever_a_path(store: DiskStorage, key: str) -> None:
    uses: list[Callable[[str], object]] = [store.path, store.read, store.open, store.exists, store.delete]
    for use in uses:
        with pytest.raises(ValueError, match="not a storage key"):
            use(key)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text() | st.from_regex(r"\A[0-9a-f.]{2}/[0-9a-f.]{2}/[0-9a-f./]{32}\.[a-z./]{1,5}\Z"))
def test_a_path_never_leaves_the_root(tmp_path: Path, key: str) -> None:
    store = DiskStorage(tmp_path / "files")
    try:
        path = store.path(key)
    except ValueError:
        return
    assert path.resolve().is_relative_to(store.root.resolve())
    assert len(path.relative_to(store.root).parts) == 3


@pytest.mark.parametrize("ext", ["", ".png", "PNG", "p/g", "../x", "toolong", "p g", "png\n", "pñg"])
def test_odd_extensions_are_refused(store: DiskStorage, ext: str) -> None:
    with pytest.raises(ValueError, match="not an extension"):
        store.put(b"x", ext)
    assert everything_below(store.root.parent) == []


def test_leftovers_of_interrupted_writes_are_swept_by_age(store: DiskStorage) -> None:
    kept = store.put(b"x", "png").key
    for name, age_s in (("old", 7200), ("new", 10)):
        leftover = store.root / ".incoming" / f"{name}.png"
        leftover.write_bytes(b"half")
        os.utime(leftover, (time.time() - age_s,) * 2)
    assert list(store.iter_keys()) == [kept]
    assert store.sweep_temporary(3600) == 1
    assert everything_below(store.root) == [".incoming/new.png", kept]


def test_foreign_files_in_the_folder_are_not_ours(store: DiskStorage) -> None:
    key = store.put(b"x", "png").key
    folder = store.path(key).parent
    (folder / "notes.txt").write_text("mine")
    (store.root / "lost+found").mkdir()
    (folder / f"{folder.parent.name}{folder.name}{'0' * 28}.png").symlink_to("/etc/hostname")
    assert list(store.iter_keys()) == [key]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_full_disk_is_told_as_such_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, step: str
) -> None:
    store = DiskStorage(tmp_path / "files")
    before = store.put(b"safe", "png").key

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "rename")), fail)
    with pytest.raises(StorageFull) as caught:
        store.put(b"lost", "png")
    assert caught.value.status == 507
    assert caught.value.sentence.endswith(".")
    monkeypatch.undo()
    assert everything_below(store.root) == [before]
    assert store.read(before) == b"safe"


def test_other_failures_of_the_disk_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DiskStorage(tmp_path / "files")

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        store.put(b"lost", "png")
    assert everything_below(store.root) == []
    with pytest.raises(StorageUnusable, match="Input/output error"):
        store.check()


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False)
    if mount.returncode != 0:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_volume_that_fills_up_keeps_what_it_has(small_volume: Path) -> None:
    store = DiskStorage(small_volume)
    kept = [store.put(bytes([index]) * 300_000, "png").key for index in range(5)]
    with pytest.raises(StorageFull):
        store.put(bytes(900_000), "png")
    assert everything_below(small_volume) == sorted(kept)
    assert [store.read(key)[0] for key in kept] == list(range(5))
    store.delete(kept[0])
    store.put(bytes(300_000), "png")


def test_a_write_is_flushed_together_with_its_folder_when_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    store = DiskStorage(tmp_path / "files")
    key = store.put(b"x", "png").key
    assert str(tmp_path) in synced  # the new root is noted in its parent
    assert str(store.root / ".incoming" / Path(key).name) in synced
    assert synced[-1] == str(store.path(key).parent)
    synced.clear()
    DiskStorage(tmp_path / "files", durable=False).put(b"x", "png")
    assert synced == []


def test_many_threads_write_into_a_new_storage_at_once(store: DiskStorage) -> None:
    keys: list[str] = []
    threads = [
        threading.Thread(target=lambda: keys.extend(store.put(b"x", "png").key for _ in range(20))) for _ in "1234"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 80
    assert set(store.iter_keys()) == set(keys)


def test_a_check_leaves_no_trace(store: DiskStorage) -> None:
    store.check()
    assert everything_below(store.root) == []


def test_a_folder_that_cannot_be_written_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(StorageUnusable):
        DiskStorage(tmp_path / "files").check()


def test_an_address_names_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    opened = open_storage(f"file://{str(folder).replace(' ', '%20')}")
    assert opened.path(opened.put(b"x", "png").key).is_relative_to(folder)


@pytest.mark.parametrize(
    "url",
    ["", "/srv/files", "file://srv/files", "file:", "file:///srv/files?x=1", "s3://bucket/path", "http://example.com/"],
)
def test_other_addresses_are_refused_by_the_name_of_the_setting(url: str) -> None:
    with pytest.raises(StorageUnusable, match="DARKROOM_STORAGE_URL"):
        open_storage(url)
