"""One request to several models: one batch, one reservation, a price summed exactly, all or nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from apiflask import APIFlask

from app.accounts import provider_keys
from app.accounts.models import User
from app.api.batch_shapes import batch_outs
from app.billing import service as billing
from app.db import db
from app.errors import Invalid
from app.generation import planning, submission
from app.generation.choosing import Offered, model_called
from app.generation.errors import BadParameter, NeedsKey
from app.generation.specs import GenerationSpec
from app.providers.catalogue import Catalogue, Retired
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


def test_a_name_that_ended_makes_pictures_with_its_successor_and_says_so(
    app: APIFlask, engine: Engine, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: Catalogue = app.extensions["catalogue"]
    gone = Retired(name="etch", label="Etch", ended=date(2026, 1, 31), successors=("sketch",))
    renewed = Catalogue(providers=known.providers, models=known.models, retired=(gone,))
    monkeypatch.setitem(app.extensions, "catalogue", renewed)
    counted = planning.count(workspace, GenerationSpec(prompt="a fox", model="etch"))
    assert counted.notes == ("Etch ended on 2026-01-31; Sketch is used instead.",)
    batch = engine.submit(workspace, model="etch")
    assert [job.model for job in engine.jobs(batch)] == ["sketch"]
    assert batch_outs([batch])[0].notes == list(counted.notes)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("settings_more", [{"FAL_KEY": "a key"}], indirect=True, ids=["fal"])
def test_of_several_successors_the_first_with_a_key_stands_in_and_the_batch_remembers_which(
    engine: Engine, workspace: Workspace
) -> None:
    batch = engine.submit(workspace, model="dall-e-3", width=1024, height=1024)
    said = "DALL·E 3 ended on 2026-05-12; GPT Image 2 (fal) is used instead."
    assert [job.model for job in engine.jobs(batch)] == ["fal-gpt-image-2"]
    provider_keys.save(db.session.get_one(User, workspace.owner_id), "openai", "sk-0123456789abcdef")
    again = submission.run_again(batch, key="again").batch
    assert [job.model for job in engine.jobs(again)] == ["gpt-image-2.6-sunburst"]
    assert [each.notes for each in batch_outs([batch, again])] == [
        [said], [said.replace("GPT Image 2 (fal)", "GPT Image 2.6 Sunburst")],
    ]  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("keys", "heir"), [({"gemini", "fal"}, "gemini-omni-1.2-flash"), ({"fal"}, "veo31-fast"), (set(), None)]
)
def test_sora_stands_for_whatever_film_there_is_a_key_for(app: APIFlask, keys: set[str], heir: str | None) -> None:
    offered = Offered(own=frozenset(keys), shared=frozenset({"sketch"}), today=date(2026, 11, 20))
    if heir is None:
        with pytest.raises(NeedsKey, match=r"Gemini Omni 1\.2 Flash needs a key at Google Gemini"):
            model_called("sora-2", offered)
        return
    model, said = model_called("sora-2", offered)
    assert (model.id, said) == (heir, f"Sora 2 ended on 2026-09-24; {model.name} is used instead.")


def test_what_has_no_key_here_is_refused_with_what_would_do(
    app: APIFlask, engine: Engine, workspace: Workspace
) -> None:
    known: Catalogue = app.extensions["catalogue"]
    cloud = next(model for model in known.models if known.provider_of(model).kind == "cloud")
    with pytest.raises(NeedsKey, match=r"needs a key at .* Or use Sketch"):
        submission.submit(workspace, GenerationSpec(prompt="a fox", model=cloud.id), key="k")
