"""The language models of the running app, in the order of the settings. The built-in rules are always the last."""

from __future__ import annotations

from flask import Flask, current_app

from app.config import Settings
from app.llm.builtin import Builtin
from app.llm.chain import Chain
from app.llm.contract import LanguageModel


def configure(app: Flask, settings: Settings) -> None:
    """Make the models that the settings name and have the means for."""
    app.extensions["language_models"] = (Builtin(),)


def language_model() -> LanguageModel:
    """All of them as one: the first that answers."""
    return Chain(models())


def named(model_id: str) -> LanguageModel | None:
    """One of them by its id, `provider:model`, without the others behind it."""
    return next((model for model in models() if model.id == model_id), None)


def models() -> list[LanguageModel]:
    """All of them, in the order in which they are tried."""
    found: tuple[LanguageModel, ...] = current_app.extensions["language_models"]
    return list(found)
