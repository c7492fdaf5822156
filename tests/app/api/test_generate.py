from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from app.accounts.models import User
from app.api.idempotency import REPLAYED
from app.db import db
from app.generation.models import Batch, Job
from app.workspaces import queries as workspace_queries
from app.workspaces.models import Workspace
from tests.app.api.conftest import Caller
from tests.support.engine import Engine

FOX = {"prompt": "a {red|green|blue} fox, {dawn|dusk} light", "width": 64, "height": 64}
ONE = {"prompt": "a red fox", "width": 64, "height": 64}

pytestmark = pytest.mark.usefixtures("engine")


def count(of: type[Batch] | type[Job]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(of)) or 0


def test_one_picture_from_request_to_bytes(call: Caller, engine: Engine, workspace: Workspace) -> None:
    answer = call("POST", "/api/generate", {**ONE, "seed": 7})
    assert answer.status_code == 202
    accepted = answer.json
    assert (accepted["count"], accepted["status"], accepted["gpu_id"], accepted["seed"]) == (1, "waiting", None, 7)
    assert accepted["job_ids"] == [accepted["id"]]
    assert accepted["price_estimate"] == "0.00"
    waiting = call.get(f"/api/status/{accepted['id']}")
    assert waiting["reason"]
    assert (waiting["progress"], waiting["images"], waiting["price"]) == (0.0, [], None)
    engine.turn()
    job = call.get(f"/api/status/{accepted['id']}")
    assert (job["status"], job["progress"], job["seed"], job["gpu_id"]) == ("succeeded", 1.0, 7, "sketch")
    assert (job["prompt"], job["prompt_sent"], job["price"], job["error"]) == ("a red fox", "a red fox", "0.00", None)
    assert job["workspace_id"] == str(workspace.id)
    (image,) = job["images"]
    assert (image["width"], image["height"], image["mime"]) == (64, 64, "image/png")
    for url in (image["url"], image["thumbnail_url"], image["preview_url"]):
        assert call("GET", url).mimetype.startswith("image/")
    assert call.get(f"/api/generate/{job['id']}") == job


def test_macros_become_jobs_that_know_their_choices(call: Caller, engine: Engine) -> None:
    accepted = call.post("/api/generate", FOX)
    assert accepted["count"] == 6
    assert [job["id"] for job in accepted["jobs"]] == accepted["job_ids"]
    engine.turn()
    jobs = [call.get(f"/api/status/{job_id}") for job_id in accepted["job_ids"]]
    assert [job["variant"] for job in jobs] == list(range(6))
    assert [choice["text"] for choice in jobs[3]["choices"]] == ["green", "dusk"]
    assert jobs[3]["choices"][0]["label"] == "{red|green|blue}"
    assert jobs[3]["prompt"] == FOX["prompt"]
    assert jobs[3]["prompt_sent"] == "a green fox, dusk light"
    assert len({job["seed"] for job in jobs}) == 6


def test_the_batch_call_says_where_each_job_went(call: Caller) -> None:
    answer = call.post("/api/generate/batch", {**ONE, "count": 3, "params": {"format": "webp"}})
    assert answer["total_count"] == 3
    assert answer["gpu_assignments"] == dict.fromkeys(answer["job_ids"])


def test_programs_words_for_model_and_operation_are_understood(call: Caller) -> None:
    accepted = call.post("/api/generate", {**ONE, "model_family": "sketch", "task_type": "txt2img", "batch_size": 2})
    job = call.get(f"/api/status/{accepted['id']}")
    assert (job["model"], job["operation"], accepted["count"]) == ("sketch", "txt2img", 2)


def test_two_different_words_for_one_thing_are_refused(call: Caller) -> None:
    for body in (
        {"model": "sketch", "model_family": "sketch-video"},
        {"operation": "txt2img", "task_type": "img2img"},
    ):
        assert call.refused("POST", "/api/generate", ONE | body)[0] == 422, body
    assert count(Batch) == 0


def test_a_picture_made_before_can_be_the_start(call: Caller, engine: Engine) -> None:
    first = call.post("/api/generate", ONE)
    engine.turn()
    (image,) = call.get(f"/api/status/{first['id']}")["images"]
    upscaled = call.post("/api/generate", {"model": "sketch-upscale", "image": image["id"]})
    job = call.get(f"/api/status/{upscaled['id']}")
    assert (job["operation"], job["inputs"], job["width"]) == ("upscale", {"image": image["id"]}, 128)
    engine.turn()
    (larger,) = call.get(f"/api/status/{upscaled['id']}")["images"]
    assert call.get(f"/api/images/{larger['id']}")["parents"][0]["id"] == image["id"]


@pytest.mark.parametrize("path", ["/api/generate", "/api/generate/batch"])
def test_a_repeated_key_makes_one_batch(call: Caller, path: str) -> None:
    headers = {"Idempotency-Key": "fox 1"}
    first = call("POST", path, FOX, headers=headers)
    again = call("POST", path, dict(reversed(FOX.items())), headers=headers)
    assert first.json == again.json
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert (count(Batch), count(Job)) == (1, 6)
    assert call.refused("POST", path, ONE, headers=headers) == (409, "idempotency_key_reused")


def test_without_a_key_every_call_is_its_own(call: Caller) -> None:
    assert call.post("/api/generate", ONE)["batch_id"] != call.post("/api/generate", ONE)["batch_id"]


def test_a_key_that_cannot_be_kept_is_refused(call: Caller) -> None:
    for key in ("x" * 201, "zwölf", ""):
        answer = call("POST", "/api/generate", ONE, headers={"Idempotency-Key": key})
        assert answer.status_code == 422, key
        assert set(answer.json["error"]["fields"]) == {"Idempotency-Key"}, key
    assert call("POST", "/api/generate", ONE, headers={"Idempotency-Key": "x" * 200}).status_code == 202


def test_each_wrong_wish_is_named_and_makes_nothing(call: Caller) -> None:
    wishes: list[tuple[dict[str, Any], str, str]] = [
        ({"prompt": " "}, "bad_parameter", "prompt"),
        ({"prompt": "---"}, "bad_parameter", "prompt"),
        ({"prompt": "a {red|green"}, "unclosed_group", "prompt"),
        ({"prompt": "{a|b|c|d|e|f|g|h|i|j}" * 4}, "too_many_combinations", "prompt"),
        ({"prompt": "{a|b|c|d|e|f|g|h|i|j}" * 40}, "too_many_combinations", "prompt"),
        ({"model": "dall-e-0"}, "unknown_model", "model"),
        ({"operation": "upscale"}, "unsupported_operation", "model"),
        ({"operation": "img2img"}, "missing_input", "image"),
        ({"params": {"warp": 9}}, "bad_parameter", "params.warp"),
        ({"params": {"format": "bmp"}}, "bad_parameter", "params.format"),
        ({"width": 8}, "invalid", "width"),
        ({"width": 4096}, "bad_parameter", "width"),
        ({"seed": -1}, "invalid", "seed"),
        ({"batch_size": 0}, "invalid", "batch_size"),
        ({"owner_id": "x"}, "unknown_field", "owner_id"),
        ({"style_id": "not an id"}, "invalid", "style_id"),
    ]
    for wish, code, field in wishes:
        answer = call("POST", "/api/generate", ONE | wish)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, code), wish
        assert set(answer.json["error"]["fields"]) == {field}, wish
        assert len(answer.text) < 600, wish
    assert count(Batch) == 0


@pytest.mark.parametrize("pick", ["even", "random"])
def test_some_of_more_combinations_than_any_number_holds(call: Caller, pick: str) -> None:
    wish = {"prompt": "{a|b|c|d|e|f|g|h|i|j}" * 40, "pick": pick, "pick_count": 3}
    accepted = call.post("/api/generate", ONE | wish)
    jobs = [call.get(f"/api/status/{job_id}") for job_id in accepted["job_ids"]]
    assert len({job["prompt_sent"] for job in jobs}) == 3


def test_things_of_somebody_else_are_missing_also_inside_a_body(
    call: Caller, engine: Engine, stranger: User, workspace: Workspace
) -> None:
    theirs = workspace_queries.workspaces_of(stranger.id)[0]
    style = workspace_queries.styles_of(theirs.id)[0]
    engine.submit(theirs)
    engine.turn()
    picture = str(engine.assets()[0].id)
    before = count(Batch)
    for wish in (
        {"workspace_id": str(theirs.id)},
        {"style_id": str(style.id)},
        {"image": picture},
        {"image": picture, "mask": picture, "operation": "inpaint"},
    ):
        assert call.refused("POST", "/api/generate", ONE | wish) == (404, "not_found")
    assert count(Batch) == before


@pytest.mark.parametrize("settings_more", [{"DARKROOM_DAILY_LIMIT": "5"}], indirect=True)
def test_past_the_days_limit_nothing_is_made(call: Caller) -> None:
    answer = call("POST", "/api/generate", FOX)
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "daily_limit")
    assert int(answer.headers["Retry-After"]) > 0
    assert call.post("/api/generate", {**ONE, "batch_size": 5})["count"] == 5
    assert call.get("/api/me")["usage"] == {
        "used": 5, "limit": 5, "left": 0, "resets_at": call.get("/api/me")["usage"]["resets_at"],
    }  # fmt: skip


def test_another_spelling_of_an_id_is_missing(call: Caller) -> None:
    job_id = call.post("/api/generate", ONE)["id"]
    for text in (f"{{{job_id}}}", f"urn:uuid:{job_id}", f"{job_id}0", job_id.upper(), job_id.replace("-", ""), "x"):
        assert call.refused("GET", f"/api/status/{text}") == (404, "not_found"), text


@pytest.mark.parametrize(
    "settings_more", [{"DARKROOM_RATE_LIMITS": "true", "DARKROOM_RATE_GENERATE": "2 per minute"}], indirect=True
)
def test_generating_has_an_allowance(call: Caller) -> None:
    assert [call("POST", "/api/generate", ONE).status_code for _ in range(3)] == [202, 202, 429]


def test_a_mask_of_another_size_than_its_picture_is_refused_before_anything_runs(call: Caller) -> None:
    def brought(size: tuple[int, int], purpose: str) -> str:
        file = io.BytesIO()
        Image.new("RGB", size, "white").save(file, "PNG")
        file.seek(0)
        form = {"file": (file, "fox.png"), "purpose": purpose}
        return str(call("POST", "/api/images", data=form).json["id"])

    picture = brought((64, 48), "picture")
    wish = {**ONE, "operation": "inpaint", "image": picture}
    answer = call("POST", "/api/generate", {**wish, "mask": brought((48, 64), "mask")})
    assert answer.status_code == 422
    assert "48 × 64 pixels and the picture 64 × 48" in answer.json["error"]["fields"]["mask"]
    assert call.post("/api/generate", {**wish, "mask": brought((64, 48), "mask")})["count"] == 1
