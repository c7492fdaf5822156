"""One request to several models: one batch, one reservation, a price summed exactly, all or nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest
from apiflask import APIFlask

from app.billing import service as billing
from app.errors import Invalid
from app.generation import planning, submission
from app.generation.errors import BadParameter
from app.generation.specs import GenerationSpec
from app.providers.catalogue import Catalogue
from app.workspaces.models import Workspace
from tests.support.engine import Engine


@pytest.fixture
def priced(app: APIFlask) -> Iterator[None]:
    """A second model beside Sketch, with a price that no float holds."""
    real = app.extensions["catalogue"]
    sketch = real.find("sketch")
    dear = sketch.model_copy(
        update={
            "id": "dear",
            "name": "Dear",
            "aliases": (),
            "price": sketch.price.model_copy(update={"amount": Decimal("0.0133")}),
            "size": sketch.size.model_copy(update={"default_px": 512}),
        }
    )
    app.extensions["catalogue"] = Catalogue(providers=real.providers, models=(*real.models, dear))
    yield
    app.extensions["catalogue"] = real


@pytest.mark.usefixtures("priced")
def test_every_model_gets_every_prompt_with_the_same_seeds(engine: Engine, workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a {red|blue} fox", models=("sketch", "dear"), batch_size=2)
    batch = submission.submit(workspace, spec, key="k").batch
    jobs = engine.jobs(batch)
    asked = {model: {(j.prompt_sent, j.seed) for j in jobs if j.model == model} for model in ("sketch", "dear")}
    assert batch.job_count == len(jobs) == 8
    assert asked["sketch"] == asked["dear"]
    assert len(asked["dear"]) == 4


@pytest.mark.usefixtures("priced")
def test_the_price_of_several_models_is_summed_exactly(engine: Engine, workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a {red|blue|green} fox", models=("dear", "sketch"))
    counted = planning.count(workspace, spec)
    batch = submission.submit(workspace, spec, key="k").batch
    assert counted.pictures == 6
    assert counted.price == batch.price_estimate == Decimal("0.0399")
    assert [job.price_estimate for job in engine.jobs(batch)] == [Decimal("0.0133"), Decimal(0)] * 3


@pytest.mark.usefixtures("priced")
def test_each_model_has_its_own_size_and_parameters(workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a fox", models=("sketch", "dear"))
    plan = planning.plan(workspace, spec, rng=random.Random(1))
    assert [job.call.width_px for job in plan.jobs] == [768, 512]


def test_a_model_that_cannot_is_named_before_anything_is_reserved(engine: Engine, workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a fox", models=("sketch", "sketch-upscale"), operation="txt2img")
    with pytest.raises(Invalid, match=r"^Sketch Upscaler"):
        submission.submit(workspace, spec, key="k")
    assert billing.usage_today(workspace.owner_id).used == 0


def test_a_model_is_asked_once(engine: Engine, workspace: Workspace) -> None:
    with pytest.raises(BadParameter, match="once"):
        submission.submit(workspace, GenerationSpec(prompt="a fox", models=("sketch", "sketch")), key="k")


def test_six_models_are_the_most(engine: Engine, workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="6"):
        GenerationSpec(prompt="a fox", models=tuple(f"m{each}" for each in range(7)))


@pytest.mark.usefixtures("priced")
def test_run_again_asks_the_same_models(engine: Engine, workspace: Workspace) -> None:
    first = submission.submit(workspace, GenerationSpec(prompt="a fox", models=("dear", "sketch")), key="k").batch
    again = submission.run_again(first, key="again").batch
    assert [job.model for job in engine.jobs(again)] == ["dear", "sketch"]
