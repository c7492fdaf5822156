"""The ring of keys that people's own keys at providers are encrypted with: the newest seals, every one opens.

The operator gives it as a setting or a mounted file; an embedded server makes a file of its own on first use. It is
read anew for each use, so that a rotation needs no restart where the ring is a file.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import uuid
from pathlib import Path

from app.config import BadSettings, Settings

_KEY_BYTES = 32
# What an embedded server keeps of its ring: what was sealed while a rotation ran is opened by the one before.
_KEPT = 2
_OWN_FILE = "key-ring"


class Unreadable(Exception):
    """No key of the ring opens it, or it was sealed for another person or provider."""


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")


def check(settings: Settings) -> None:
    """Refuse to start with a ring that cannot be used. Raises BadSettings."""
    if _is_given(settings):
        _keys(settings)


def seal(settings: Settings, key: str, *, owner_id: uuid.UUID, provider: str) -> str:
    """Encrypt a key together with whose it is and where, so that one row's cannot stand in another."""
    from cryptography.fernet import Fernet

    plain = json.dumps({"owner": str(owner_id), "provider": provider, "key": key})
    return Fernet(_keys(settings)[0]).encrypt(plain.encode()).decode("ascii")


def unseal(settings: Settings, sealed: str, *, owner_id: uuid.UUID, provider: str) -> str:
    """The key of this person at this provider. Raises Unreadable."""
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet

    try:
        plain = json.loads(MultiFernet([Fernet(each) for each in _keys(settings)]).decrypt(sealed))
    except (InvalidToken, ValueError) as error:
        raise Unreadable from error
    if (plain["owner"], plain["provider"]) != (str(owner_id), provider):
        raise Unreadable
    return str(plain["key"])


def reseal(settings: Settings, sealed: str) -> str:
    """The same under the newest key. Raises Unreadable."""
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet

    try:
        return MultiFernet([Fernet(each) for each in _keys(settings)]).rotate(sealed).decode("ascii")
    except (InvalidToken, ValueError) as error:
        raise Unreadable from error


def begin_rotation(settings: Settings) -> None:
    """Put a new key in front of a ring of our own; one that the operator gave has it in front already."""
    if not _is_given(settings):
        _write(_own_file(settings), [new_key(), *_keys(settings)])


def end_rotation(settings: Settings) -> None:
    """Drop what nothing is sealed with any more from a ring of our own."""
    if not _is_given(settings):
        _write(_own_file(settings), _keys(settings)[:_KEPT])


def _is_given(settings: Settings) -> bool:
    return bool(settings.key_ring.get_secret_value()) or settings.key_ring_file is not None


def _keys(settings: Settings) -> list[str]:
    """Newest first; at least one. Raises BadSettings."""
    if given := settings.key_ring.get_secret_value():
        return _checked(given, "DARKROOM_KEY_RING")
    if settings.key_ring_file is not None:
        try:
            return _checked(settings.key_ring_file.read_text(encoding="utf-8"), "DARKROOM_KEY_RING_FILE")
        except (OSError, UnicodeDecodeError) as error:
            raise BadSettings(f"DARKROOM_KEY_RING_FILE cannot be read: {type(error).__name__}") from None
    path = _own_file(settings)
    if not path.exists():
        _make(path)
    return _checked(path.read_text(encoding="ascii"), str(path))


def _checked(text: str, where: str) -> list[str]:
    keys = text.replace(",", " ").split()
    if not keys or not all(_is_key(key) for key in keys):
        raise BadSettings(
            f"{where} must hold keys of 32 bytes each in URL-safe base64, the newest first; "
            "`darkroom key-ring new` makes one"
        )
    return keys


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _own_file(settings: Settings) -> Path:
    return settings.home / _OWN_FILE


def _make(path: Path) -> None:
    """Two processes that come together must agree: whole or not at all, and only the first."""
    draft = _draft(path, [new_key()])
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write(path: Path, keys: list[str]) -> None:
    _draft(path, keys).replace(path)


def _draft(path: Path, keys: list[str]) -> Path:
    """A file beside it, from its first byte on readable by us alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft
