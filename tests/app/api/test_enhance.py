from __future__ import annotations

import re
import uuid

import pytest

from app.db import db
from app.generation.models import Batch
from app.workspaces.models import Workspace
from tests.app.api.conftest import Browser, Caller
from tests.support.engine import Engine

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_without_a_key_the_rules_write_and_say_so(call: Caller) -> None:
    answer = call.post("/api/prompts/enhance", {"prompt": "a {red|white} fox", "count": 3})

    (item,) = answer["items"]
    assert len(set(item["prompts"])) == 3
    assert all(text.startswith("a {red|white} fox") for text in item["prompts"])
    assert answer["writers"] == [{"id": "builtin", "name": "Built-in rules", "is_rules": True}]
    assert (answer["cost"], answer["cost_text"], item["error"]) == ("0.00", "free", None)


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
