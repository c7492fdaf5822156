from __future__ import annotations

from app.accounts.domain import Scope
from app.accounts.models import User
from app.providers.registry import catalogue
from tests.app.api.conftest import Caller, CallerFor


def test_models_tell_what_they_do_take_and_cost(call: Caller) -> None:
    models = {model["id"]: model for model in call.get("/api/models")["items"]}
    assert set(models) == {row.id for row in catalogue().models}
    sketch = models["sketch"]
    assert "txt2img" in sketch["operations"]
    assert sketch["price"]["amount"] == "0.00"
    assert sketch["size"]["default"] == 768
    strength = next(parameter for parameter in sketch["parameters"] if parameter["name"] == "strength")
    assert (strength["minimum"], strength["maximum"], strength["operations"]) == (0, 1, ["img2img"])


def test_without_gpu_nodes_the_lists_are_empty_and_the_built_in_lane_is_there(call: Caller) -> None:
    assert call.get("/api/loras") == {"items": [], "next": None}
    gpus = call.get("/api/gpus")
    assert gpus["items"] == []
    (lane,) = gpus["lanes"]
    assert (lane["id"], lane["slots"], "sketch" in lane["models"]) == ("sketch", 2, True)


def test_a_caller_can_ask_who_it_is(owner: User, caller_for: CallerFor) -> None:
    me = caller_for(owner, Scope.READ).get("/api/me")
    assert (me["email"], me["scopes"], me["confirmed"]) == (owner.email, ["read"], True)
    assert (me["usage"]["used"], me["usage"]["limit"]) == (0, None)
    assert not {"password", "fs_uniquifier", "is_admin"} & set(me)
