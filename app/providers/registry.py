"""The catalogue and the adapters of the running app.

A new provider is one adapter and its file in the catalogue, which names it.
"""

from __future__ import annotations

from pkgutil import resolve_name

from flask import Flask, current_app

from app.config import Settings
from app.providers.catalogue import Catalogue, reading
from app.providers.contract import Provider

# One a key: people's own keys come and go.
_MOST_KEPT = 256


def configure(app: Flask, settings: Settings) -> None:
    """Load the catalogue (a broken row stops the start) and prepare the adapters."""
    app.extensions["catalogue"] = reading.load()
    app.extensions["providers"] = {}


def catalogue() -> Catalogue:
    found: Catalogue = current_app.extensions["catalogue"]
    return found


def provider(provider_id: str, key: str | None = None) -> Provider:
    """The adapter of a provider, the same object for the whole process.

    key: a person's own; None for the operator's, of which there may be none (Sketch needs none).
    """
    made: dict[tuple[str, str], Provider] = current_app.extensions["providers"]
    chosen: Settings = current_app.extensions["settings"]
    whose = key if key is not None else chosen.key_for(provider_id)
    if (provider_id, whose) not in made:
        if len(made) >= _MOST_KEPT:
            made.clear()
        made[provider_id, whose] = _made(provider_id, whose)
    return made[provider_id, whose]


def check(provider_id: str, key: str) -> str:
    """Try a key at its provider. Answers with a sentence; raises ProviderError when it is not accepted."""
    return _made(provider_id, key).check()


def _made(provider_id: str, key: str) -> Provider:
    """Imports the adapter: a web process never needs what only workers paint with."""
    chosen: Settings = current_app.extensions["settings"]
    row = catalogue().providers[provider_id]
    adapter = resolve_name(row.adapter)
    made: Provider = adapter(chosen) if row.kind == "builtin" else adapter(chosen.base_url_for(provider_id), key)
    return made
