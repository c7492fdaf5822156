from __future__ import annotations

from pathlib import Path

import pytest
from flask_security.utils import hash_password
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from app.accounts.passwords import (
    ADMIN_MIN_LENGTH,
    MAX_LENGTH,
    MIN_LENGTH,
    common_words,
    complaint,
    is_common,
    is_personal,
    normalized,
)
from app.config import Settings

GOOD = "seven quiet herons wade"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct-staple-lamp",
        "unusual-tangerine-42",
        "kfjwnqpeorit",
        "пароль из многих слов",
        "   spaces  are kept   ",
        "🦊🌙🏔️🌊🔥❄️🌿🍂🪨🐚🕯️🧭",
    ],
)
def test_length_is_all_that_a_password_needs(password: str) -> None:
    assert complaint(password, email="anna@example.org") is None


def test_length_is_judged_at_its_bounds() -> None:
    text = "kfjwnqpeoritzuhvmcbxkaldgy" * 6
    assert complaint(text[: MIN_LENGTH - 1])
    assert complaint(text[:MIN_LENGTH]) is None
    assert complaint(text[: ADMIN_MIN_LENGTH - 1], is_admin=True)
    assert complaint(text[:ADMIN_MIN_LENGTH], is_admin=True) is None
    assert complaint(text[:MAX_LENGTH]) is None
    assert complaint(text[: MAX_LENGTH + 1])


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password1234!",
        "p@ssw0rd2024!",
        "passwordpassword",
        "111111111111",
        "123456789012",
        "098765432109",
        "abcabcabcabc",
        "qwertyuiop12",
        "qwertyuiopqwerty",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "iloveyou!!!!",
        "Christopher1",
        "Summer2024!!",
        "2024Liverpool",
        "purplemonkey",
        "batmanbatman",
        "correcthorsebatterystaple",
        "manchesterunited",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert "tried first" in (complaint(password) or "")


def test_well_over_three_thousand_common_passwords_are_refused() -> None:
    listed = set(common_words())
    decorated = {word + "123" for word in listed} | {word.capitalize() + "2024!" for word in listed}
    everything = listed | decorated
    assert len(listed) > 1_500
    assert len(everything) > 3_000
    assert all(is_common(password) for password in everything)


@pytest.mark.parametrize(
    "password", ["anna.keller@example.org", "anna.keller12345", "darkroom123456", "Darkroom-Darkroom", "my darkroom 1"]
)
def test_the_address_and_the_product_are_no_passwords(password: str) -> None:
    assert "Leave your e-mail" in (complaint(password, email="Anna.Keller@example.org") or "")


def test_a_password_may_mention_the_address_if_enough_is_left() -> None:
    assert not is_personal("anna.keller and seven quiet herons", "anna.keller@example.org")
    assert not is_personal("al and seven herons", "al@example.org")


@given(st.text(min_size=0, max_size=200))
def test_any_text_gets_an_answer(password: str) -> None:
    assert (complaint(password, email="anna@example.org") is None) in {True, False}
    assert normalized(normalized(password)) == normalized(password)


def test_two_keyboards_spell_one_password() -> None:
    assert normalized("caf\u00e9") == normalized("cafe\u0301")


def test_a_stored_password_costs_what_it_should(tmp_path: Path) -> None:
    settings = Settings.from_environ({"DARKROOM_ENV": "test", "DARKROOM_HOME": str(tmp_path)})
    with create_app(settings).app_context():
        stored = hash_password(GOOD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
