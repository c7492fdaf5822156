"""A prompt becomes pictures: submitted, placed, run, stored, announced."""

from __future__ import annotations

import threading
import uuid
from decimal import Decimal

import pytest
from apiflask import APIFlask

from app.accounts.models import User
from app.billing import service as billing
from app.billing.errors import DailyLimitReached
from app.db import db, new_id
from app.extensions import storage
from app.generation import planning, submission
from app.generation.errors import KeyReused, TooManyPictures, UnknownModel, UnsupportedOperation
from app.generation.models import Batch
from app.generation.specs import GenerationSpec
from app.imaging.recipe import read_recipe
from app.workspaces.models import Style, Theme, Workspace
from tests.support.engine import Engine


def test_six_combinations_become_six_pictures(engine: Engine, workspace: Workspace) -> None:
    batch = engine.submit(workspace, "a {red|green|blue} fox, {dawn|dusk} light")
    engine.turn()
    jobs = engine.jobs(batch)
    assert [job.prompt_sent for job in jobs] == [
        "a red fox, dawn light",
        "a red fox, dusk light",
        "a green fox, dawn light",
        "a green fox, dusk light",
        "a blue fox, dawn light",
        "a blue fox, dusk light",
    ]
    assert {job.state for job in jobs} == {"succeeded"}
    assert len(engine.assets()) == 6
    assert engine.sketch.ledger.count_by_reference() == {job.reference: 1 for job in jobs}
    engine.check()


def test_a_batch_of_four_has_four_different_seeds(engine: Engine, workspace: Workspace) -> None:
    random_seeds = [job.seed for job in engine.jobs(engine.submit(workspace, batch_size=4))]
    assert len(set(random_seeds)) == 4
    assert [job.seed for job in engine.jobs(engine.submit(workspace, batch_size=4, seed=7))] == [7, 8, 9, 10]


def test_seeds_count_on_past_the_largest_by_starting_again(engine: Engine, workspace: Workspace) -> None:
    assert [job.seed for job in engine.jobs(engine.submit(workspace, batch_size=2, seed=2**32 - 1))] == [2**32 - 1, 0]


def test_the_same_seed_and_prompt_make_the_same_picture(engine: Engine, workspace: Workspace) -> None:
    for _ in range(2):
        engine.submit(workspace, seed=5, params={"format": "webp"})
    engine.turn()
    first, second = (storage().read(asset.thumb_key or asset.key) for asset in engine.assets())
    # The recipes in the files name different jobs, so the files differ; the pixels do not.
    import io

    from PIL import Image

    assert Image.open(io.BytesIO(first)).tobytes() == Image.open(io.BytesIO(second)).tobytes()


def test_theme_and_style_are_joined_to_the_prompt_and_written_down(engine: Engine, workspace: Workspace) -> None:
    theme = Theme(owner_id=workspace.owner_id, name="Winter", base_prompt="deep snow,")
    style = Style(
        workspace_id=workspace.id, name="Ink", positive=", fine lines", negative="text", width_px=128, height_px=64
    )
    db.session.add_all([theme, style])
    db.session.flush()
    workspace.theme_id = theme.id
    db.session.commit()
    spec = GenerationSpec(prompt="a fox", negative_prompt="collar", style_id=style.id)
    batch = submission.submit(workspace, spec, key="k").batch
    engine.turn()
    job = engine.jobs(batch)[0]
    assert (job.template, job.prompt_sent, job.negative_sent) == (
        "a fox",
        "deep snow, a fox, fine lines",
        "collar, text",
    )
    assert (job.width_px, job.height_px) == (128, 64)
    recipe = engine.assets()[0].recipe
    assert recipe["template"] == "a fox"
    assert recipe["prompt"] == "deep snow, a fox, fine lines"
    assert recipe["style"]["style"]["name"] == "Ink"


def test_the_file_carries_its_recipe(engine: Engine, workspace: Workspace) -> None:
    engine.submit(workspace, "a {red|blue} fox", seed=11)
    engine.turn()
    asset = next(each for each in engine.assets() if each.recipe["prompt"] == "a red fox")
    recipe = read_recipe(storage().read(asset.key), asset.mime)
    assert recipe is not None
    assert recipe["template"] == "a {red|blue} fox"
    assert recipe["choices"] == [{"label": "{red|blue}", "text": "red"}]
    assert recipe["seed"] == 11


def test_the_same_key_makes_one_batch(engine: Engine, workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a fox")
    first = submission.submit(workspace, spec, key="once")
    second = submission.submit(workspace, spec, key="once")
    assert first.created
    assert not second.created
    assert first.batch.id == second.batch.id


def test_a_key_cannot_be_used_for_another_request(engine: Engine, workspace: Workspace) -> None:
    submission.submit(workspace, GenerationSpec(prompt="a fox"), key="once")
    with pytest.raises(KeyReused):
        submission.submit(workspace, GenerationSpec(prompt="an owl"), key="once")


def test_two_people_may_use_the_same_key(engine: Engine, workspace: Workspace, stranger: User) -> None:
    from app.workspaces import queries

    theirs = queries.workspaces_of(stranger.id)[0]
    mine = submission.submit(workspace, GenerationSpec(prompt="a fox"), key="k")
    assert submission.submit(theirs, GenerationSpec(prompt="a fox"), key="k").batch.id != mine.batch.id


def test_fifty_parallel_posts_of_one_key_make_one_batch(app: APIFlask, workspace: Workspace) -> None:
    workspace_id = workspace.id
    db.session.rollback()
    made: list[tuple[uuid.UUID, bool]] = []
    start = threading.Barrier(50)

    def post() -> None:
        with app.app_context():
            mine = db.session.get_one(Workspace, workspace_id)
            db.session.rollback()
            start.wait()
            submitted = submission.submit(mine, GenerationSpec(prompt="a fox", batch_size=2), key="one")
            made.append((submitted.batch.id, submitted.created))
            db.session.remove()

    _all_at_once([threading.Thread(target=post) for _ in range(50)])
    assert len(made) == 50
    assert len({batch_id for batch_id, _ in made}) == 1
    assert sum(created for _, created in made) == 1
    assert db.session.query(Batch).count() == 1


@pytest.mark.parametrize("settings_more", [{"DARKROOM_DAILY_LIMIT": "20"}], indirect=True)
def test_a_limit_of_twenty_grants_exactly_twenty_of_fifty_at_once(app: APIFlask, workspace: Workspace) -> None:
    workspace_id, owner_id = workspace.id, workspace.owner_id
    db.session.rollback()
    outcomes: list[str] = []
    start = threading.Barrier(50)

    def post() -> None:
        with app.app_context():
            mine = db.session.get_one(Workspace, workspace_id)
            db.session.rollback()
            start.wait()
            try:
                submission.submit(mine, GenerationSpec(prompt="a fox"), key=str(new_id()))
                outcomes.append("granted")
            except DailyLimitReached:
                db.session.rollback()
                outcomes.append("refused")
            db.session.remove()

    _all_at_once([threading.Thread(target=post) for _ in range(50)])
    assert sorted(outcomes) == ["granted"] * 20 + ["refused"] * 30
    assert billing.usage_today(owner_id).used == 20
    assert billing.usage_today(owner_id).left == 0


def test_too_many_pictures_are_refused_before_any_is_built(engine: Engine, workspace: Workspace) -> None:
    with pytest.raises(TooManyPictures) as refusal:
        engine.submit(workspace, "{a|b|c|d|e|f|g|h|i|j}" * 12)
    assert refusal.value.count == 10**12
    assert engine.assets() == []


def test_some_of_very_many_can_be_made(engine: Engine, workspace: Workspace) -> None:
    huge = "{a|b|c|d|e|f|g|h|i|j} " * 12
    batch = engine.submit(workspace, huge, pick="even", pick_count=6)
    assert len({job.prompt_sent for job in engine.jobs(batch)}) == 6


def test_what_is_counted_is_what_is_made(engine: Engine, workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a {red|green} fox\n---\nan {old|young|wise} owl", batch_size=2)
    counted = planning.count(workspace, spec)
    assert (counted.combinations, counted.pictures, counted.price) == (5, 10, Decimal(0))
    assert len(engine.jobs(submission.submit(workspace, spec, key="k").batch)) == 10


def test_an_unknown_model_is_refused_with_the_known_ones(engine: Engine, workspace: Workspace) -> None:
    with pytest.raises(UnknownModel, match="sketch"):
        engine.submit(workspace, model="sketchy")


def test_an_operation_a_model_lacks_names_one_that_has_it(engine: Engine, workspace: Workspace) -> None:
    with pytest.raises(UnsupportedOperation, match="Sketch Upscaler"):
        engine.submit(workspace, operation="upscale")


def _all_at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
