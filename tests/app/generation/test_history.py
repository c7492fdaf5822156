"""What a request continues travels with its job: stored, shown, and handed to the provider as files."""

from __future__ import annotations

from decimal import Decimal

import pytest
from apiflask import APIFlask

from app.db import new_id
from app.generation import submission
from app.generation.inputs import request_of
from app.generation.specs import GenerationSpec
from app.library import marks
from app.providers.catalogue import Catalogue, Price
from app.workspaces.models import Workspace
from tests.support.engine import Engine


@pytest.fixture
def fox(engine: Engine, workspace: Workspace) -> str:
    """A picture to go on from."""
    engine.submit(workspace)
    engine.turn()
    return str(engine.assets()[0].id)


def _continued(engine: Engine, workspace: Workspace, image: str, history_image: str) -> GenerationSpec:
    return GenerationSpec.model_validate(
        {
            "prompt": "make it warmer",
            "operation": "iterate",
            "image": image,
            "history": [{"prompt": "a red fox", "image": history_image, "outcome": "kept"}],
        }
    )


def test_earlier_turns_reach_the_provider_with_their_pictures(engine: Engine, workspace: Workspace, fox: str) -> None:
    batch = submission.submit(workspace, _continued(engine, workspace, fox, fox), key="k").batch
    (turn,) = request_of(engine.jobs(batch)[0]).history
    assert (turn.prompt, turn.outcome) == ("a red fox", "kept")
    assert turn.image is not None
    assert turn.image.exists()


def test_the_picture_remembers_what_it_continued(engine: Engine, workspace: Workspace, fox: str) -> None:
    submission.submit(workspace, _continued(engine, workspace, fox, fox), key="k")
    engine.turn()
    assert engine.assets()[-1].recipe["history"] == [{"prompt": "a red fox", "image": fox, "outcome": "kept"}]


def test_a_turn_whose_picture_was_deleted_meanwhile_keeps_its_words(
    engine: Engine, workspace: Workspace, fox: str
) -> None:
    engine.submit(workspace, "an owl")
    engine.turn()
    owl = engine.assets()[-1].id
    batch = submission.submit(workspace, _continued(engine, workspace, fox, str(owl)), key="k").batch
    marks.trash(workspace.owner_id, [owl])
    (turn,) = request_of(engine.jobs(batch)[0]).history
    assert (turn.prompt, turn.image) == ("a red fox", None)


def test_somebody_elses_picture_is_never_sent_along(
    engine: Engine, workspace: Workspace, their_workspace: Workspace, fox: str
) -> None:
    engine.submit(their_workspace, "a badger")
    engine.turn()
    theirs = str(engine.assets()[-1].id)
    for image in (theirs, str(new_id())):
        batch = submission.submit(workspace, _continued(engine, workspace, fox, image), key=image).batch
        assert engine.jobs(batch)[0].context == [{"prompt": "a red fox", "image": None, "outcome": "kept"}]


def test_pictures_that_go_along_are_part_of_the_price_where_the_model_counts_them(
    app: APIFlask, engine: Engine, workspace: Workspace, fox: str
) -> None:
    engine.submit(workspace, "an owl")
    engine.turn()
    owl = str(engine.assets()[-1].id)
    known: Catalogue = app.extensions["catalogue"]
    price = Price(amount=Decimal("0.10"), per_input=Decimal("0.01"), source="a test", checked="2026-11-20")
    counting = known.models[0].model_copy(update={"price": price})
    app.extensions["catalogue"] = Catalogue(providers=known.providers, models=(counting, *known.models[1:]))
    for image, dollars in ((fox, "0.12"), (owl, "0.11"), (str(new_id()), "0.11")):
        batch = submission.submit(workspace, _continued(engine, workspace, owl, image), key=image + dollars).batch
        assert engine.jobs(batch)[0].price_estimate == Decimal(dollars)


def test_three_turns_are_the_most() -> None:
    with pytest.raises(ValueError, match="3"):
        GenerationSpec.model_validate({"prompt": "a fox", "history": [{"prompt": "x"}] * 4})
