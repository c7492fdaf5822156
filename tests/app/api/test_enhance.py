from __future__ import annotations

import re
import uuid

import pytest
from apiflask import APIFlask

from app.accounts import provider_keys
from app.accounts.models import User
from app.db import db
from app.enhancing import writing
from app.generation.models import Batch
from app.workspaces.models import Workspace
from tests.app.api.conftest import Browser, Caller
from tests.support.engine import Engine
from tests.support.talking import ScriptedTalker, stand_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def talker(app: APIFlask) -> ScriptedTalker:
    talker = stand_in(app)
    talker.data = {"prompts": ["a fox in snow"]}
    return talker


def test_without_a_key_the_rules_write_and_say_so(call: Caller) -> None:
    answer = call.post("/api/prompts/enhance", {"prompt": "a {red|white} fox", "count": 3})

    (item,) = answer["items"]
    assert len(set(item["prompts"])) == 3
    assert all(text.startswith("a {red|white} fox") for text in item["prompts"])
    assert answer["writers"] == [{"id": "builtin", "name": "Built-in rules", "is_rules": True}]
    assert (answer["cost"], answer["cost_text"], item["error"]) == ("0.00", "free", None)


def test_a_models_words_are_waited_for_as_long_as_the_caller_likes(
    call: Caller, engine: Engine, talker: ScriptedTalker, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = call("POST", "/api/prompts/enhance?wait=0", {"prompt": "a fox", "count": 1})
    asked = answered.get_json()
    assert (answered.status_code, asked["state"], asked["items"]) == (202, "waiting", [])
    address = answered.headers["Location"]
    assert address.endswith(f"/api/prompts/enhance/{asked['id']}")
    assert call.get(address)["state"] == "waiting"

    monkeypatch.setattr("app.enhancing.service.time.sleep", lambda _: writing.write(uuid.UUID(asked["id"])))
    answer = call.get(f"{address}?wait=5")
    assert (answer["state"], answer["items"][0]["prompts"], answer["cost"]) == ("done", ["a fox in snow"], "0.0021")
    again = call.post("/api/prompts/enhance", {"prompt": "a fox", "count": 1})
    assert (again["state"], again["id"], again["items"][0]["cached"]) == ("done", None, True)


def test_a_failure_is_told_as_one_to_who_waits_and_as_a_state_to_who_looks(
    call: Caller, engine: Engine, talker: ScriptedTalker, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker.data = {"prompts": []}
    asked = call.post("/api/prompts/enhance?wait=0", {"prompt": "a fox"})
    monkeypatch.setattr("app.enhancing.service.time.sleep", lambda _: writing.write(uuid.UUID(asked["id"])))
    assert call.refused("POST", "/api/prompts/enhance", {"prompt": "a fox"}) == (502, "language_model_failed")
    told = call.get(f"/api/prompts/enhance/{asked['id']}")
    assert (told["state"], told["items"][0]["prompts"]) == ("failed", [])
    assert "did not keep" in told["error"]


def test_keys_are_opened_in_workers_only(app: APIFlask, call: Caller, owner: User) -> None:
    provider_keys.save(owner, "openai", "a key of one's own")
    db.session.commit()
    assert provider_keys.keys_for_words(owner.id) == {"openai": "a key of one's own"}
    assert call.post("/api/prompts/enhance?wait=0", {"prompt": "a fox"})["state"] == "waiting"
    with app.test_request_context(), pytest.raises(RuntimeError, match="worker"):
        provider_keys.keys_for_words(owner.id)


def test_the_price_is_told_before(call: Caller) -> None:
    told = call.post("/api/prompts/enhance/estimate", {"prompts": ["a fox", "an owl"]})

    assert (told["price_estimate"], told["price_text"], told["writer"]["is_rules"]) == ("0.00", "free", True)


def test_the_model_says_how_to_write(call: Caller) -> None:
    def written(**wishes: object) -> str:
        found: str = call.post("/api/prompts/enhance", {"prompt": "a fox", "count": 1, **wishes})["items"][0][
            "prompts"
        ][0]
        return found

    assert "camera" in written(model="sketch-video").casefold()
    assert ". " not in written(model="sketch")
    assert ". " in written(model="sketch", family="flux")
    assert call.refused("POST", "/api/prompts/enhance", {"prompt": "a fox", "model": "nonsense"})[0] == 422


@pytest.mark.parametrize(
    "body",
    [{}, {"prompt": "a fox", "prompts": ["an owl"]}, {"prompt": "a fox", "count": 11}, {"prompt": "a {red|fox"}],
)
def test_what_makes_no_sense_is_refused(call: Caller, body: dict[str, object]) -> None:
    assert call.refused("POST", "/api/prompts/enhance", body)[0] == 422


def test_original_and_enhanced_stay_with_what_was_made(
    call: Caller, browser: Browser, engine: Engine, workspace: Workspace
) -> None:
    sent = {"prompt": "a red fox in deep snow", "enhanced_from": "a fox", "width": 64, "height": 64}
    batch_id = call.post("/api/generate", sent)["batch_id"]
    engine.turn()
    (asset,) = engine.assets()

    recipe = call.get(f"/api/images/{asset.id}")["recipe"]
    assert (recipe["enhanced_from"], recipe["template"]) == ("a fox", "a red fox in deep snow")
    for page in (f"/images/{asset.id}", f"/images/{asset.id}/inspector"):
        assert re.search(r"Enhanced from</h3>\s*<p[^>]*>a fox</p>", browser("GET", page).text), page
    batch = db.session.get_one(Batch, uuid.UUID(batch_id))
    assert batch.request["enhanced_from"] == "a fox"
    assert [job.enhanced_from for job in engine.jobs(batch)] == ["a fox"]
