"""Keys at providers are sealed for one person and one provider, and opened by no other."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.accounts import keyring
from app.config import BadSettings, Settings

ANNA, BERT = uuid.UUID(int=1), uuid.UUID(int=2)
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=80)
WHOSE = st.tuples(st.uuids(version=4), st.sampled_from(["openai", "fal", "bfl"]))


def given_ring(*keys: str) -> Settings:
    return Settings.from_environ({"DARKROOM_ENV": "test", "DARKROOM_KEY_RING": ",".join(keys)})


RING = given_ring(keyring.new_key())


@hypothesis_settings(max_examples=50)
@given(KEYS, WHOSE, WHOSE)
def test_a_sealed_key_opens_for_whom_it_was_sealed_and_for_nobody_else(
    key: str, whose: tuple[uuid.UUID, str], asked_for: tuple[uuid.UUID, str]
) -> None:
    sealed = keyring.seal(RING, key, owner_id=whose[0], provider=whose[1])
    assert key not in sealed
    assert keyring.unseal(RING, sealed, owner_id=whose[0], provider=whose[1]) == key
    if asked_for != whose:
        with pytest.raises(keyring.Unreadable):
            keyring.unseal(RING, sealed, owner_id=asked_for[0], provider=asked_for[1])


@hypothesis_settings(max_examples=50)
@given(KEYS, st.data())
def test_a_sealed_key_with_any_letter_changed_opens_no_more(key: str, data: st.DataObject) -> None:
    sealed = keyring.seal(RING, key, owner_id=ANNA, provider="fal")
    at = data.draw(st.integers(0, len(sealed) - 5))  # the last letters hold bits that mean nothing
    letter = data.draw(st.sampled_from([each for each in "AZaz09-_" if each != sealed[at]]))
    with pytest.raises(keyring.Unreadable):
        keyring.unseal(RING, sealed[:at] + letter + sealed[at + 1 :], owner_id=ANNA, provider="fal")


def test_the_same_key_is_never_sealed_alike() -> None:
    assert len({keyring.seal(RING, "k" * 20, owner_id=ANNA, provider="fal") for _ in range(5)}) == 5


def test_a_rotation_brings_everything_under_the_newest_key() -> None:
    old, new = keyring.new_key(), keyring.new_key()
    sealed = keyring.seal(given_ring(old), "a key of somebody", owner_id=ANNA, provider="fal")
    anew = keyring.reseal(given_ring(new, old), sealed)
    assert keyring.unseal(given_ring(new), anew, owner_id=ANNA, provider="fal") == "a key of somebody"
    with pytest.raises(keyring.Unreadable):
        keyring.unseal(given_ring(new), sealed, owner_id=ANNA, provider="fal")


def test_a_ring_of_our_own_is_made_once_for_us_alone(tmp_path: Path) -> None:
    settings = Settings.from_environ({"DARKROOM_ENV": "test", "DARKROOM_HOME": str(tmp_path)})
    start = threading.Barrier(8)
    sealed = []

    def seal() -> None:
        start.wait()
        sealed.append(keyring.seal(settings, "a key of somebody", owner_id=ANNA, provider="fal"))

    threads = [threading.Thread(target=seal) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {keyring.unseal(settings, each, owner_id=ANNA, provider="fal") for each in sealed} == {"a key of somebody"}
    assert [path.name for path in tmp_path.iterdir()] == ["key-ring"]
    assert (tmp_path / "key-ring").stat().st_mode & 0o777 == 0o600


def test_a_ring_of_our_own_keeps_the_newest_two(tmp_path: Path) -> None:
    settings = Settings.from_environ({"DARKROOM_ENV": "test", "DARKROOM_HOME": str(tmp_path)})
    sealed = keyring.seal(settings, "a key of somebody", owner_id=ANNA, provider="fal")
    for _ in range(3):
        keyring.begin_rotation(settings)
        sealed = keyring.reseal(settings, sealed)
        keyring.end_rotation(settings)
    assert keyring.unseal(settings, sealed, owner_id=ANNA, provider="fal") == "a key of somebody"
    assert len((tmp_path / "key-ring").read_text().split()) == 2
    assert (tmp_path / "key-ring").stat().st_mode & 0o777 == 0o600


def test_a_mounted_file_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    ring = tmp_path / "mounted"
    ring.write_text(f"{keyring.new_key()}\n{keyring.new_key()}\n")
    before = ring.read_text()
    settings = Settings.from_environ({"DARKROOM_ENV": "test", "DARKROOM_KEY_RING_FILE": str(ring)})
    keyring.check(settings)
    sealed = keyring.seal(settings, "a key of somebody", owner_id=BERT, provider="fal")
    keyring.begin_rotation(settings)
    keyring.end_rotation(settings)
    assert ring.read_text() == before
    assert keyring.unseal(settings, sealed, owner_id=BERT, provider="fal") == "a key of somebody"


def test_the_start_is_refused_without_a_ring_or_with_a_bad_one(tmp_path: Path) -> None:
    production = {
        "DARKROOM_ENV": "production",
        "DARKROOM_HOME": str(tmp_path),
        "DARKROOM_SECRET_KEY": "k" * 40,
        "DARKROOM_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    with pytest.raises(BadSettings, match="DARKROOM_KEY_RING"):
        Settings.from_environ(production)
    assert Settings.from_environ(production | {"DARKROOM_KEY_RING": keyring.new_key()}).env == "production"
    with pytest.raises(BadSettings, match="DARKROOM_KEY_RING must hold"):
        keyring.check(given_ring("not a key"))
    missing = Settings.from_environ(production | {"DARKROOM_KEY_RING_FILE": str(tmp_path / "nowhere")})
    with pytest.raises(BadSettings, match="DARKROOM_KEY_RING_FILE cannot be read"):
        keyring.check(missing)
