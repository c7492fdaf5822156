from __future__ import annotations

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from app.accounts.keys import PREFIX, digest, is_well_formed, new_key, shown_part

BASE62 = string.ascii_letters + string.digits


def test_a_key_can_be_found_by_scanners_and_is_never_the_same() -> None:
    keys = {new_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(re.fullmatch(r"darkroom_live_[0-9A-Za-z]{49}", key) for key in keys)
    assert all(is_well_formed(key) for key in keys)


@given(position=st.integers(0, 48), character=st.sampled_from(BASE62))
def test_one_wrong_character_is_noticed_without_the_database(position: int, character: str) -> None:
    key = new_key()
    at = len(PREFIX) + position
    changed = key[:at] + character + key[at + 1 :]
    assert is_well_formed(changed) == (changed == key)


def test_other_texts_are_no_keys() -> None:
    key = new_key()
    for text in ("", PREFIX, "Bearer", PREFIX + "0" * 49, PREFIX + "é" * 49, key + "x", key[1:], key.upper()):
        assert not is_well_formed(text)


def test_what_is_shown_and_kept_does_not_give_the_key_away() -> None:
    key = new_key()
    assert shown_part(key) == key[:26]
    assert re.fullmatch(r"[0-9a-f]{64}", digest(key))
