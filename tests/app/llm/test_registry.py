from __future__ import annotations

import pytest
from apiflask import APIFlask

from app import doctor
from app.config import LANGUAGE_PROVIDERS, BadSettings, Settings
from app.llm import registry
from app.llm.chain import Chain
from app.llm.remote import Remote
from tests.support.language_wires import KEY, ChatWire
from tests.support.wire import Fault, Said


def chain_of(app: APIFlask, **environ: str) -> list[str]:
    registry.configure(app, Settings.from_environ({"DARKROOM_ENV": "test", **environ}))
    return [model.id for model in registry.models()]


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_without_a_key_the_rules_answer(app: APIFlask) -> None:
    assert chain_of(app) == ["builtin"]
    assert registry.language_model().id == "builtin"


def test_keys_make_the_chain_and_the_rules_end_it(app: APIFlask) -> None:
    ids = chain_of(app, OPENAI_API_KEY="k", ANTHROPIC_API_KEY="k", OLLAMA_HOST="127.0.0.1")

    assert ids == [
        "anthropic:claude-haiku-5-5",
        "openai:gpt-6-luna",
        "ollama:hermes3:8b",
        "ollama:minicpm-v",
        "builtin",
    ]


def test_the_setting_orders_the_chain_and_names_what_is_missing(app: APIFlask) -> None:
    models = "mistral:mistral-small-latest, ollama:phi4:14b,builtin,openai:gpt-6-luna"

    assert chain_of(app, OLLAMA_HOST="127.0.0.1", DARKROOM_LANGUAGE_MODELS=models) == ["ollama:phi4:14b", "builtin"]
    assert [(each.id, each.lacks) for each in registry.names() if each.lacks] == [
        ("mistral:mistral-small-latest", "MISTRAL_API_KEY is not set")
    ]


def test_the_settings_know_every_adapter(app: APIFlask) -> None:
    assert set(registry.ADAPTERS) == set(LANGUAGE_PROVIDERS)


@pytest.mark.parametrize("chain", ["gpt-6-luna", "openai:", "claude:opus"])
def test_a_name_that_is_none_stops_the_start(chain: str, database_url: str) -> None:
    with pytest.raises(BadSettings, match="DARKROOM_LANGUAGE_MODELS"):
        Settings.from_environ({"DARKROOM_LANGUAGE_MODELS": chain})


def test_keys_are_never_shown(app: APIFlask) -> None:
    settings = Settings.from_environ({"ANTHROPIC_API_KEY": KEY, "MISTRAL_API_KEY": KEY, "CODESTRAL_API_KEY": KEY})
    registry.configure(app, settings)

    assert KEY not in repr(settings) + str(settings) + repr([vars(each) for each in registry.models()[:-1]])


def test_the_doctor_tells_who_answers(app: APIFlask) -> None:
    with ChatWire("Hello.") as wire:
        chain_of(app, OPENAI_API_KEY=KEY, DARKROOM_OPENAI_BASE_URL=f"{wire.url}/v1")
        told = {finding.what: (finding.ok, finding.says) for finding in doctor._language_models()}
        wire.faults.append(Fault("answer", Said(500)))
        ill = doctor._language_models()[0]

    assert told == {
        "language model openai:gpt-6-luna": (True, "answers, for $0.0002"),
        "language model builtin": (True, "answers"),
    }
    assert not ill.ok
    assert "trouble of its own" in ill.says


def test_somebodys_own_keys_stand_in_front_and_nobody_elses_opens_their_providers(app: APIFlask) -> None:
    chain_of(app, OPENAI_API_KEY="the house's", ANTHROPIC_API_KEY="the house's")
    own = registry.language_model({"mistral": "theirs", "openai": "theirs"})
    assert isinstance(own, Chain)
    assert [model.id for model in own.models] == [
        "openai:gpt-6-luna",
        "mistral:mistral-small-latest",
        "anthropic:claude-haiku-5-5",
        "builtin",
    ]
    keys = [model._outbound.headers["Authorization"] for model in own.models if isinstance(model, Remote)]
    assert keys == ["Bearer theirs", "Bearer theirs", "Bearer the house's"]
    assert registry.language_model({}).id == "anthropic:claude-haiku-5-5"


def test_the_setting_says_which_models_ones_own_key_opens(app: APIFlask) -> None:
    app.extensions["settings"] = Settings.from_environ(
        {"DARKROOM_ENV": "test", "DARKROOM_LANGUAGE_MODELS": "openai:gpt-6-sol"}
    )
    assert registry.language_model({"openai": "theirs"}).id == "openai:gpt-6-sol"
