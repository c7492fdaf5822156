"""Sessions, iterations and the gallery as programs meet them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app.api.conftest import Caller
from tests.support.engine import Engine

CONFIG: dict[str, Any] = {
    "prompt": "a lighthouse at dusk",
    "models": ["sketch", "sketch-sepia"],
    "width": 96,
    "height": 64,
}


@pytest.fixture
def session(engine: Engine, call: Caller) -> dict[str, Any]:
    """Two columns with their originals."""
    made = call.post("/api/sessions", {"flow_type": "compare", "initial_config": CONFIG})
    engine.turn()
    found: dict[str, Any] = call.get(f"/api/sessions/{made['id']}")
    return found


def _images(session: dict[str, Any], number: int = 0) -> list[str]:
    return [take["image_id"] for column in session["columns"] for take in column["images"] if take["number"] == number]


def test_a_session_holds_a_column_for_each_model(session: dict[str, Any]) -> None:
    assert [column["model"] for column in session["columns"]] == CONFIG["models"]
    assert (session["status"], session["originals"], session["name"]) == ("finished", 2, "a lighthouse at dusk")
    assert [column["images"][0]["key"] for column in session["columns"]] == ["sketch-0", "sketch-sepia-0"]


def test_the_same_key_begins_one_session(engine: Engine, call: Caller) -> None:
    body = {"initial_config": CONFIG}
    first = call("POST", "/api/sessions", body, headers={"Idempotency-Key": "once"})
    again = call("POST", "/api/sessions", body, headers={"Idempotency-Key": "once"})
    assert (again.get_json()["id"], again.headers["Idempotency-Replayed"]) == (first.get_json()["id"], "true")
    assert len(call.get("/api/sessions")["items"]) == 1


def test_one_call_iterates_pictures_in_their_own_columns(engine: Engine, call: Caller, session: dict[str, Any]) -> None:
    body = {"session_id": session["id"], "images": _images(session), "prompt": "make the sky more purple"}
    made = call("POST", "/api/iterate", body, headers={"Idempotency-Key": "i"})
    assert made.status_code == 202
    assert [each["number"] for each in made.get_json()["iterations"]] == [1, 1]
    assert [each["image_id"] for each in made.get_json()["iterations"]] == body["images"]
    assert [each["model"] for each in made.get_json()["iterations"]] == CONFIG["models"]
    again = call("POST", "/api/iterate", body, headers={"Idempotency-Key": "i"})
    assert again.get_json()["iterations"] == made.get_json()["iterations"]
    assert again.headers["Idempotency-Replayed"] == "true"
    other = {**body, "prompt": "something else"}
    refused = call.refused("POST", "/api/iterate", other, headers={"Idempotency-Key": "i"})
    assert refused == (409, "idempotency_key_reused")
    engine.turn()
    take = call.get(f"/api/gallery/{session['id']}")["columns"][0]["images"][1]
    assert (take["prompt"], take["from_number"]) == ("make the sky more purple", 0)
    assert take["context"] == [{"prompt": CONFIG["prompt"], "image": _images(session)[0], "outcome": ""}]
    job = call.get(f"/api/status/{take['job_id']}")
    assert (job["operation"], job["status"]) == ("iterate", "succeeded")


def test_the_eighth_is_refused_while_the_other_column_goes_on(
    engine: Engine, call: Caller, session: dict[str, Any]
) -> None:
    first, second = _images(session)
    for each in range(7):
        call.post("/api/iterate", {"session_id": session["id"], "images": [first], "prompt": f"variation {each}"})
    body = {"session_id": session["id"], "images": [first, second], "prompt": "one more"}
    answer = call.post("/api/iterate", body)
    assert [each["image_id"] for each in answer["iterations"]] == [second]
    assert [(each["image_id"], each["code"]) for each in answer["refused"]] == [(first, "column_full")]
    assert call.refused("POST", "/api/iterate", {**body, "images": [first]}) == (409, "column_full")


def test_pictures_are_extended_by_preset_or_by_sides(engine: Engine, call: Caller, session: dict[str, Any]) -> None:
    body = {"session_id": session["id"], "images": _images(session)[:1]}
    call.post("/api/outpaint", {**body, "preset": "1:1"})
    call.post("/api/outpaint", {**body, "sides": {"left": 32}})
    engine.turn()
    sizes = [(asset.width_px, asset.height_px) for asset in engine.assets()[-2:]]
    assert sorted(sizes) == [(96, 96), (128, 64)]
    assert call.refused("POST", "/api/outpaint", body) == (422, "invalid")
    assert call.refused("POST", "/api/outpaint", {**body, "preset": "2:1"}) == (422, "invalid")


def test_without_a_session_a_picture_goes_on_by_the_model_that_made_it(engine: Engine, call: Caller) -> None:
    made = call.post("/api/generate", {"prompt": "a fox", "model": "sketch-neon", "width": 64, "height": 64})
    engine.turn()
    image = call.get(f"/api/status/{made['id']}")["images"][0]["id"]
    on = call.post("/api/iterate", {"images": [image], "prompt": "darker"})
    wide = call.post("/api/outpaint", {"images": [image], "preset": "16:9", "model": "sketch"})
    assert [each["model"] for each in (*on["iterations"], *wide["iterations"])] == ["sketch-neon", "sketch"]
    assert (on["session_id"], on["iterations"][0]["number"]) == (None, None)


def test_a_session_without_a_prompt_is_begun_by_generating(engine: Engine, call: Caller) -> None:
    made = call.post("/api/sessions", {"initial_config": {"models": ["sketch", "sketch-neon"]}})
    assert made["status"] == "empty"
    body = {"prompt": "a fox", "session_id": made["id"], "width": 64, "height": 64}
    assert call.post("/api/generate", body)["count"] == 2
    assert call.refused("POST", "/api/generate", body) == (409, "session_begun")
    assert call.get(f"/api/sessions/{made['id']}")["originals"] == 2


def test_generating_fans_out_without_any_session(engine: Engine, call: Caller) -> None:
    made = call.post(
        "/api/generate", {"prompt": "a fox", "models": ["sketch", "sketch-neon"], "width": 64, "height": 64}
    )
    assert made["count"] == 2
    both = {"prompt": "a fox", "model": "sketch", "models": ["sketch-neon"]}
    assert call.refused("POST", "/api/generate", both) == (422, "invalid")


def test_a_session_is_renamed_deleted_and_restored(call: Caller, session: dict[str, Any]) -> None:
    path = f"/api/sessions/{session['id']}"
    assert call.done("PATCH", path, {"name": "Lamps"})["name"] == "Lamps"
    call.done("DELETE", path)
    assert call.refused("GET", path) == (404, "not_found")
    assert call.get("/api/gallery")["items"] == []
    assert call.post(f"{path}/restore")["name"] == "Lamps"


def test_the_gallery_puts_sessions_of_one_prompt_together(
    engine: Engine, call: Caller, session: dict[str, Any]
) -> None:
    call.post("/api/sessions", {"initial_config": {**CONFIG, "prompt": "an owl"}})
    call.post("/api/sessions", {"initial_config": {**CONFIG, "prompt": "A lighthouse  at dusk"}})
    groups = call.get("/api/gallery")["items"]
    assert [(len(group["sessions"]), group["prompt"]) for group in groups] == [
        (2, "A lighthouse  at dusk"),
        (1, "an owl"),
    ]


def test_a_picture_of_another_session_is_missing_in_this_one(
    engine: Engine, call: Caller, session: dict[str, Any]
) -> None:
    other = call.post("/api/sessions", {"initial_config": CONFIG})
    body = {"session_id": other["id"], "images": _images(session)[:1], "prompt": "darker"}
    assert call.refused("POST", "/api/iterate", body) == (404, "not_found")
