"""The shape of an API key: a prefix scanners can find, 256 random bits, and a checksum that catches typing errors."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "darkroom_live_"
SHOWN_CHARACTERS = 12
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_LENGTH = 43  # 62 ** 43 > 2 ** 256
_CHECK_LENGTH = 6  # 62 ** 6 > 2 ** 32
PATTERN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECK_LENGTH}}}")


def new_key() -> str:
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    return PREFIX + secret + _checksum(secret)


def is_well_formed(key: str) -> bool:
    """Whether the checksum fits; spares the database every key that was mistyped or made up."""
    if not PATTERN.fullmatch(key):
        return False
    secret = key.removeprefix(PREFIX)[:_SECRET_LENGTH]
    return key == PREFIX + secret + _checksum(secret)


def shown_part(key: str) -> str:
    """What a list of keys may show: the product's prefix and the first characters of the secret."""
    return key[: len(PREFIX) + SHOWN_CHARACTERS]


def digest(secret: str) -> str:
    """SHA-256 in hex. Enough without salt or stretching, as what goes in has at least 80 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(secret: str) -> str:
    number = zlib.crc32(secret.encode("ascii"))
    digits = []
    for _ in range(_CHECK_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
