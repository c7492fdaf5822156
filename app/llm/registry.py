"""The language models of the running app, in the order of the settings. The built-in rules are always the last.

A new provider is an adapter, a line in ADAPTERS and, for its prices, rows in models.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from flask import Flask, current_app

from app.config import Settings
from app.llm import offers
from app.llm.builtin import Builtin
from app.llm.chain import Chain
from app.llm.contract import LanguageModel

BUILTIN = "builtin"


class NoMeans(Exception):
    """A provider is not set up; the sentence says what it lacks."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name of the settings: its model, or why it has none."""

    id: str
    model: LanguageModel | None
    lacks: str = ""


def _anthropic(settings: Settings, model: str) -> LanguageModel:
    from app.llm.anthropic import Anthropic

    key = _key(settings, "anthropic", "ANTHROPIC_API_KEY")
    return Anthropic(offers.known("anthropic", model), key=key, base_url=settings.base_url_for("anthropic"))


def _compatible(provider: str, needs: str, settings: Settings, model: str) -> LanguageModel:
    from app.llm import openai_compatible as adapter

    base_url = settings.base_url_for(provider)
    if not base_url:
        raise NoMeans(f"{needs} is not set")
    key = settings.key_for(provider) if provider == "compatible" else _key(settings, provider, needs)
    dialect = adapter.DIALECTS[provider]
    return adapter.OpenAICompatible(offers.known(provider, model), dialect=dialect, key=key, base_url=base_url)


def _ollama(settings: Settings, model: str) -> LanguageModel:
    from app.llm.ollama import Ollama

    if not settings.ollama_host:
        raise NoMeans("OLLAMA_HOST is not set")
    return Ollama(offers.known("ollama", model), host=settings.ollama_host)


def _key(settings: Settings, provider: str, name: str) -> str:
    key = settings.key_for(provider)
    if not key:
        raise NoMeans(f"{name} is not set")
    return key


ADAPTERS: Mapping[str, Callable[[Settings, str], LanguageModel]] = {
    "anthropic": _anthropic,
    "openai": partial(_compatible, "openai", "OPENAI_API_KEY"),
    "mistral": partial(_compatible, "mistral", "MISTRAL_API_KEY"),
    "codestral": partial(_compatible, "codestral", "CODESTRAL_API_KEY"),
    "compatible": partial(_compatible, "compatible", "DARKROOM_COMPATIBLE_BASE_URL"),
    "ollama": _ollama,
}
# What is used when the settings name no models: whatever there is a key for, the cheapest first.
DEFAULTS = (
    "anthropic:claude-haiku-5-5",
    "openai:gpt-6-luna",
    "mistral:mistral-small-latest",
    "codestral:codestral-latest",
    "ollama:hermes3:8b",
    "ollama:minicpm-v",
)


def configure(app: Flask, settings: Settings) -> None:
    """Make the models that the settings name and have the means for."""
    app.extensions["language_models"] = tuple(_chain(settings))


def language_model(own: Mapping[str, str] | None = None) -> LanguageModel:
    """All of them as one: the first that answers.

    own: somebody's own keys by provider. Their models stand in front, and none of those providers is asked with
    another key.
    """
    return Chain([*_own_models(own), *_others(own)] if own else models())


def model_to_name(own: Collection[str]) -> LanguageModel:
    """The same to look at, not to ask: it has names and prices. own: the providers at which somebody has a key."""
    return language_model(dict.fromkeys(ADAPTERS.keys() & own, "unopened"))


def models() -> list[LanguageModel]:
    """All that are set up, in the order in which they are tried."""
    return [each.model for each in names() if each.model is not None]


def names() -> list[Named]:
    """All that the settings name, also those that lack something."""
    found: tuple[Named, ...] = current_app.extensions["language_models"]
    return list(found)


def _own_models(keys: Mapping[str, str]) -> Iterator[LanguageModel]:
    """What these keys open: the models that the settings name of their providers, or else the usual ones."""
    settings: Settings = current_app.extensions["settings"]
    theirs = settings.with_keys(keys)
    named = [name for name in settings.language_chain if _provider_of(name) in keys]
    usual = [name for name in DEFAULTS if _provider_of(name) in set(keys) - set(map(_provider_of, named))]
    for name in (*named, *usual):
        provider, _, model = name.partition(":")
        yield ADAPTERS[provider](theirs, model)


def _others(keys: Mapping[str, str]) -> Iterator[LanguageModel]:
    return (model for model in models() if _provider_of(model.id) not in keys)


def _provider_of(model_id: str) -> str:
    return model_id.partition(":")[0]


def _chain(settings: Settings) -> Iterator[Named]:
    chosen = settings.language_chain
    for name in chosen or DEFAULTS:
        if name == BUILTIN:
            break
        provider, _, model = name.partition(":")
        try:
            yield Named(name, ADAPTERS[provider](settings, model))
        except NoMeans as lack:
            # A default without a key is no news; a name that somebody wrote is.
            if chosen:
                yield Named(name, None, str(lack))
    yield Named(BUILTIN, Builtin())
