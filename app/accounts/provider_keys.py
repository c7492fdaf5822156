"""People's own keys at providers: sealed when they come in, opened by a worker for a call, shown to nobody.

Functions flush; the page, task or command around them commits.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa
import structlog
from flask import has_request_context

from app.accounts import audit, keyring
from app.accounts.domain import MAX_CHECK_WORDS, AuditAction
from app.accounts.models import ProviderKey, User
from app.background import TaskName, ring, ring_once
from app.config import LANGUAGE_PROVIDERS
from app.db import after_commit, db, rows_changed, utc_now
from app.errors import NotFound
from app.extensions import settings
from app.llm import key_check
from app.llm.contract import LanguageError
from app.provider_heads import Head, heads
from app.providers import registry
from app.providers.contract import ProviderError

log = structlog.get_logger(__name__)

# A page does not wait longer than this for the answer of a worker.
CHECK_PATIENCE = timedelta(seconds=30)
_SHOWN = 4
# Those that language models answer at.
WORDS = frozenset(LANGUAGE_PROVIDERS)


def keyed_providers() -> list[Head]:
    """Those that people can have a key at."""
    return [head for head in heads() if head.key_setting and head.own_keys]


def words() -> str:
    """Under which these providers are looked for."""
    return " ".join(dict.fromkeys(f"{head.name} {head.called}".lower() for head in keyed_providers()))


def keyed(provider_id: str) -> Head:
    """Raises NotFound."""
    found = next((head for head in keyed_providers() if head.id == provider_id), None)
    if found is None:
        raise NotFound("provider")
    return found


def key_of(owner_id: uuid.UUID, provider_id: str) -> str | None:
    """The person's key itself, for a call in a worker. None: they have none, or it cannot be read any more (which is
    logged); then the call must not be made on anybody else's."""
    row = _row(owner_id, provider_id)
    return _opened(row) if row is not None else None


def keys_for_words(owner_id: uuid.UUID) -> dict[str, str]:
    """The person's keys themselves at providers of language models, for a call in a worker."""
    rows = db.session.scalars(
        sa.select(ProviderKey).where(ProviderKey.user_id == owner_id, ProviderKey.provider.in_(WORDS))
    )
    return {row.provider: key for row in rows if (key := _opened(row)) is not None}


def has_key(owner_id: uuid.UUID, provider_id: str) -> bool:
    return _row(owner_id, provider_id) is not None


def providers_of(owner_id: uuid.UUID) -> frozenset[str]:
    """The providers at which a person has a key of their own. Opens none."""
    return frozenset(db.session.scalars(sa.select(ProviderKey.provider).where(ProviderKey.user_id == owner_id)))


def holders() -> dict[str, set[uuid.UUID]]:
    """Who has a key of their own, by provider id. Opens none."""
    found: dict[str, set[uuid.UUID]] = defaultdict(set)
    for provider, user_id in db.session.execute(sa.select(ProviderKey.provider, ProviderKey.user_id)):
        found[provider].add(user_id)
    return dict(found)


def keys_of(user: User) -> dict[str, ProviderKey]:
    """The person's rows by provider id."""
    return {
        row.provider: row for row in db.session.scalars(sa.select(ProviderKey).where(ProviderKey.user_id == user.id))
    }


def row_of(user: User, provider_id: str) -> ProviderKey:
    """Raises NotFound."""
    row = _row(user.id, provider_id)
    if row is None:
        raise NotFound("key")
    return row


def save(user: User, provider_id: str, key: str) -> ProviderKey:
    """Keep a key, in place of the one there was. Raises NotFound for a provider nobody has keys at."""
    provider = keyed(provider_id).id
    # One at a time for each person, or two at once would both be the first.
    rows_changed(sa.update(User).where(User.id == user.id).values(email=User.email))
    row = _row(user.id, provider)
    action = AuditAction.PROVIDER_KEY_REPLACED if row is not None else AuditAction.PROVIDER_KEY_ADDED
    if row is None:
        row = ProviderKey(user_id=user.id, provider=provider)
        db.session.add(row)
    row.sealed_key = keyring.seal(settings(), key, owner_id=user.id, provider=provider)
    row.last_four = key[-_SHOWN:]
    row.created_at = utc_now()
    row.check_asked_at = row.checked_at = row.check_ok = None
    row.check_said = ""
    db.session.flush()
    audit.record(action, user, about=("provider_key", row.id), provider=provider)
    return row


def delete(user: User, provider_id: str) -> None:
    """What waits to run on it is ended by the engine, and never runs on another one. Raises NotFound."""
    row = row_of(user, provider_id)
    audit.record(AuditAction.PROVIDER_KEY_DELETED, user, about=("provider_key", row.id), provider=row.provider)
    db.session.delete(row)
    after_commit(_ring_placement)


def ask_for_check(row: ProviderKey) -> None:
    """Have a worker try the key, once this is committed."""
    row.check_asked_at = utc_now()
    row.checked_at = row.check_ok = None
    row.check_said = ""
    key_id = row.id
    after_commit(lambda: _ring(key_id))


def is_being_checked(row: ProviderKey) -> bool:
    return row.check_asked_at is not None and row.checked_at is None and utc_now() - row.check_asked_at < CHECK_PATIENCE


def check(key_id: uuid.UUID) -> None:
    """Try a key at its provider, and note what came of it. For the worker; commits. Harmless when called twice."""
    row = db.session.get(ProviderKey, key_id)
    # However late the worker comes to it: the answer stands there when the person looks again.
    if row is None or row.check_asked_at is None or row.checked_at is not None:
        return
    provider, sealed, key = row.provider, row.sealed_key, _opened(row)
    # The connection goes back to the pool: a provider may take its time.
    db.session.rollback()
    ok, said = _tried(provider, key)
    rows_changed(
        sa.update(ProviderKey)
        # Another key may have been entered meanwhile: nothing is known of that one.
        .where(ProviderKey.id == key_id, ProviderKey.sealed_key == sealed)
        .values(checked_at=utc_now(), check_ok=ok, check_said=said[:MAX_CHECK_WORDS])
    )
    db.session.commit()


def reseal_all() -> tuple[int, int]:
    """Bring every key under the newest of the ring. Returns how many were, and how many nothing opens. Commits."""
    keyring.begin_rotation(settings())
    done = lost = 0
    for key_id, sealed in db.session.execute(sa.select(ProviderKey.id, ProviderKey.sealed_key)).all():
        try:
            anew = keyring.reseal(settings(), sealed)
        except keyring.Unreadable:
            lost += 1
            continue
        done += rows_changed(
            sa.update(ProviderKey)
            .where(ProviderKey.id == key_id, ProviderKey.sealed_key == sealed)
            .values(sealed_key=anew)
        )
    audit.record(AuditAction.PROVIDER_KEYS_RESEALED, None, resealed=done, unreadable=lost)
    db.session.commit()
    keyring.end_rotation(settings())
    return done, lost


def _ring_placement() -> None:
    ring_once(TaskName.PLACE)


def _ring(key_id: uuid.UUID) -> None:
    ring(TaskName.CHECK_PROVIDER_KEY, key_id)


def _tried(provider_id: str, key: str | None) -> tuple[bool, str]:
    if key is None:
        return False, "It cannot be read any more. Enter it again."
    try:
        if provider_id in key_check.PROVIDERS:
            return True, key_check.check(settings(), provider_id, key)
        return True, registry.check(provider_id, key)
    except (ProviderError, LanguageError) as error:
        return False, error.sentence
    except Exception:
        # The boundary of a worker: whatever went wrong, the person must not wait for an answer that never comes.
        log.exception("provider_key_check_broke", provider=provider_id)
        return False, "Something went wrong on our side. It was logged; test it again."


def _opened(row: ProviderKey) -> str | None:
    if has_request_context():
        raise RuntimeError("people's keys are opened by a worker, never while a request is answered")
    try:
        return keyring.unseal(settings(), row.sealed_key, owner_id=row.user_id, provider=row.provider)
    except keyring.Unreadable:
        log.error("provider_key_unreadable", provider=row.provider, key_row=str(row.id))
        return None


def _row(owner_id: uuid.UUID, provider_id: str) -> ProviderKey | None:
    return db.session.scalar(
        sa.select(ProviderKey).where(ProviderKey.user_id == owner_id, ProviderKey.provider == provider_id)
    )
