"""The catalogue and the adapters of the running app.

A new provider is one adapter package, a line in ADAPTERS and its rows in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask, current_app

from app.config import Settings
from app.providers.catalogue import Catalogue, reading
from app.providers.contract import Provider


def _sketch(settings: Settings) -> Provider:
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


# Made on first use: a web process never needs to load what only workers paint with.
ADAPTERS: Mapping[str, Callable[[Settings], Provider]] = {"sketch": _sketch}


def configure(app: Flask, settings: Settings) -> None:
    """Load the catalogue (a broken row stops the start) and prepare the adapters."""
    app.extensions["catalogue"] = reading.load()
    app.extensions["providers"] = {}


def catalogue() -> Catalogue:
    found: Catalogue = current_app.extensions["catalogue"]
    return found


def provider(provider_id: str) -> Provider:
    """The adapter of a provider, the same object for the whole process."""
    made: dict[str, Provider] = current_app.extensions["providers"]
    if provider_id not in made:
        made[provider_id] = ADAPTERS[provider_id](current_app.extensions["settings"])
    return made[provider_id]
