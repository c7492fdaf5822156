"""Which passwords are refused: too short, too well known, or about the person or the product. No other rule."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

MIN_LENGTH = 12
ADMIN_MIN_LENGTH = 15
MAX_LENGTH = 128
LIST = Path(__file__).resolve().parent.parent / "data" / "common-passwords.txt"

# A known word stays one with this much in front of and behind it: years, «123!», a birthday.
_MAX_TRIMMINGS = 8
_TRIMMINGS = re.compile(r"^[\W\d_]*(.*?)[\W\d_]*$", re.DOTALL)
_PRODUCT_WORDS = ("darkroom",)
_WALKS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq12wsxcde34rfvbgt56yhn",
    "a1b2c3d4e5f6g7h8i9",
    "1a2b3c4d5e6f7g8h9i",
    "147258369",
    "789456123",
    "102030405060708090",
    "112233445566778899",
    "123123123",
)
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})


def normalized(password: str) -> str:
    """The spelling that is hashed: keyboards compose characters in different ways."""
    return unicodedata.normalize("NFKD", password)


def complaint(password: str, *, email: str = "", is_admin: bool = False) -> str | None:
    """What is wrong with a password, as a sentence, or None.

    email: the address of the account, refused as a password. is_admin: asks for more length.
    """
    shortest = ADMIN_MIN_LENGTH if is_admin else MIN_LENGTH
    if len(password) < shortest:
        return f"Use at least {shortest} characters; a few unrelated words do well."
    if len(password) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    if is_personal(password, email):
        return "Leave your e-mail address and the name of this product out of the password."
    if is_common(password):
        return "This password is among those tried first. Use a few unrelated words instead."
    return None


def is_common(password: str) -> bool:
    """Whether it is a well-known password, or one by the usual recipes: repeated, walked, decorated."""
    folded = password.casefold()
    # Trimmed before it is read as letters: in «p@ssw0rd2024!» the year and the mark are trimmings.
    return any(_is_known(form) for form in {folded, folded.translate(_LEET), _stem(folded).translate(_LEET)})


def is_personal(password: str, email: str) -> bool:
    """Whether little is left of it without the address and the product's name."""
    rest = password.casefold()
    local_part = email.casefold().partition("@")[0]
    for word in (email.casefold(), local_part, *_PRODUCT_WORDS):
        # A two-letter address would forbid half of all passwords.
        if len(word) >= 4:
            rest = rest.replace(word, "")
    return rest != password.casefold() and len(rest) < MIN_LENGTH - 4


@cache
def common_words() -> frozenset[str]:
    """The shipped list, lower case."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(word.casefold() for line in lines if not line.startswith("#") for word in line.split())


def _is_known(form: str) -> bool:
    if form in common_words() or _is_walk(form) or _is_repeated(form):
        return True
    # Some known words end in digits themselves, which the stem would lose.
    first = max(4, len(form) - _MAX_TRIMMINGS)
    if any(form[:cut] in common_words() and not re.search(r"[^\W\d_]", form[cut:]) for cut in range(first, len(form))):
        return True
    stem = _stem(form)
    return stem in common_words() or _is_walk(stem) or _is_repeated(stem) or _is_two_words(stem)


def _stem(form: str) -> str:
    """A password without the digits and signs around it; empty if those are most of it."""
    found = _TRIMMINGS.match(form)
    stem = found.group(1) if found else form
    return stem if len(form) - len(stem) <= _MAX_TRIMMINGS else ""


def _is_walk(form: str) -> bool:
    """Neighbouring keys or letters, either way, from anywhere, going round."""
    if len(form) < 4:
        return False
    for walk in _WALKS:
        around = walk * (len(form) // len(walk) + 2)
        if form in around or form[::-1] in around:
            return True
    return False


def _is_repeated(form: str) -> bool:
    """One short or known piece again and again: aaaaaaaaaaaa, abcabcabcabc, passwordpassword."""
    whole = (form + form).find(form, 1)
    if not form or whole == len(form):
        return False
    piece = form[:whole]
    return len(piece) <= 4 or piece in common_words() or _is_walk(piece)


def _is_two_words(stem: str) -> bool:
    """Two of the best-known words in a row are still guessed early."""
    words = common_words()
    return any(stem[:cut] in words and stem[cut:] in words for cut in range(3, len(stem) - 2))
