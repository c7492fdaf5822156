"""The catalogue and the adapters of the running app.

A new provider is one adapter package, a line in ADAPTERS and its rows in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask, current_app

from app.config import Settings
from app.providers.catalogue import Catalogue, reading
from app.providers.contract import Provider


def _sketch(settings: Settings, key: str) -> Provider:
    from app.providers.sketch import Behaviour, Sketch

    kinds = tuple(kind.strip() for kind in settings.sketch_failure_kinds.split(",") if kind.strip())
    behaviour = Behaviour(
        latency_s=settings.sketch_latency_s,
        jitter_s=settings.sketch_jitter_s,
        failure_rate=settings.sketch_failure_rate,
        failure_kinds=kinds,
        fast=settings.sketch_fast,
    )
    return Sketch(settings.home / "sketch-ledger.db", behaviour)


def _openai(settings: Settings, key: str) -> Provider:
    from app.providers.openai import OpenAI

    return OpenAI(settings.openai_base_url, key)


def _gemini(settings: Settings, key: str) -> Provider:
    from app.providers.gemini import Gemini

    return Gemini(settings.gemini_base_url, key)


def _bfl(settings: Settings, key: str) -> Provider:
    from app.providers.bfl import Bfl

    return Bfl(settings.bfl_base_url, key)


def _recraft(settings: Settings, key: str) -> Provider:
    from app.providers.recraft import Recraft

    return Recraft(settings.recraft_base_url, key)


def _fal(settings: Settings, key: str) -> Provider:
    from app.providers.fal import Fal

    return Fal(settings.fal_base_url, key)


# Loaded on first use: a web process never needs what only workers paint with.
ADAPTERS: Mapping[str, Callable[[Settings, str], Provider]] = {
    "sketch": _sketch,
    "openai": _openai,
    "gemini": _gemini,
    "bfl": _bfl,
    "recraft": _recraft,
    "fal": _fal,
}


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
        made[provider_id, whose] = ADAPTERS[provider_id](chosen, whose)
    return made[provider_id, whose]


def check(provider_id: str, key: str) -> str:
    """Try a key at its provider. Answers with a sentence; raises ProviderError when it is not accepted."""
    return ADAPTERS[provider_id](current_app.extensions["settings"], key).check()
