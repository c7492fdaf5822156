"""Is everything there that Darkroom needs, and does what must always hold hold? For people at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from app.db import db, utc_now
from app.extensions import redis_client, settings, storage
from app.generation import invariants as engine
from app.imaging import upscale
from app.llm import registry as language_models
from app.llm.contract import Ask, LanguageError, Message
from app.offers import lifetimes
from app.providers.registry import catalogue, provider

# The shortest question there is: asking costs a few thousandths of a cent.
_HELLO = Ask("Answer with one word.", (Message("user", "Hello"),), max_tokens=16, timeout_s=20)
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    what: str
    says: str


def examine() -> list[Finding]:
    """One finding for each thing Darkroom relies on."""
    return [
        _tried("database", _database),
        _tried("redis", _redis),
        _tried("storage", _storage),
        *_providers(),
        _tried("models", _lifetimes),
        _tried("upscaler", _upscaler),
        *_language_models(),
    ]


def invariants(*, settled: bool = False) -> list[Finding]:
    """What must always hold, one finding for each breach."""
    broken = engine.check(settled=settled)
    return [Finding(False, "invariant", sentence) for sentence in broken] or [Finding(True, "invariants", "all hold")]


def _language_models() -> list[Finding]:
    """Each is asked for one word, all at once: the slowest decides how long it takes."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(_language_model, language_models.names()))


def _language_model(named: language_models.Named) -> Finding:
    what = f"language model {named.id}"
    if named.model is None:
        return Finding(False, what, named.lacks)
    try:
        answer = named.model.answer(_HELLO)
    except LanguageError as error:
        return Finding(False, what, error.sentence)
    return Finding(True, what, "answers" if answer.cost == 0 else f"answers, for ${answer.cost:f}")


def _tried(what: str, look: Callable[[], str]) -> Finding:
    with _any_failure(what) as outcome:
        outcome.append(Finding(True, what, look()))
    return outcome[0]


@contextmanager
def _any_failure(what: str) -> Iterator[list[Finding]]:
    outcome: list[Finding] = []
    try:
        yield outcome
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it is what the doctor is here to say
        outcome.append(Finding(False, what, f"{type(error).__name__}: {error}"))


def _database() -> str:
    db.session.execute(sa.text("SELECT 1"))
    tables = len(sa.inspect(db.engine).get_table_names())
    db.session.rollback()
    return f"{db.engine.dialect.name}, {tables} tables"


def _redis() -> str:
    version = redis_client().info("server").get("redis_version", "unknown version")
    return f"answers, {version}"


def _storage() -> str:
    storage().check()
    return f"writable, {storage().free_bytes() / 2**30:.1f} GiB free"


def _providers() -> list[Finding]:
    """Each is asked whether it takes the operator's key. To have none at one of them is no fault."""
    return [_tried(f"provider {name}", partial(_provider, name)) for name in catalogue().providers]


def _provider(name: str) -> str:
    row = catalogue().providers[name]
    models = sum(model.provider == name for model in catalogue().models)
    if row.kind == "cloud" and not settings().key_for(name):
        return f"no key; {models} models of {row.name} wait for one"
    return f"{provider(name).check()} {models} models"


def _lifetimes() -> str:
    soon = lifetimes.ending(utc_now().date())
    return " ".join(each.sentence() for each in soon) or "none ends within 30 days"


def _upscaler() -> str:
    return "network found" if upscale.available() else "network files missing: enlarging will be refused"
