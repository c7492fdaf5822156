"""A session from its first prompt to a full column, over the engine as it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import User
from app.db import db, new_id
from app.errors import Invalid, NotFound
from app.generation import retrying
from app.generation.domain import JobState
from app.generation.errors import KeyReused
from app.generation.inputs import request_of
from app.generation.models import Batch, Job
from app.generation.specs import GenerationSpec
from app.imaging.framing import Sides
from app.library import marks
from app.library.marks import Marks
from app.offers import service as offers
from app.studio import queries, sessions, steps, views
from app.studio.errors import Begun, CannotOutpaint, ColumnFull, NothingToChange, NoWords, SameShape
from app.studio.models import Session, Take
from app.studio.sessions import Started
from app.workspaces import queries as workspaces
from app.workspaces.models import Workspace
from tests.support.engine import Engine

MODELS = ["sketch", "sketch-two", "sketch-three"]
SPEC = GenerationSpec(prompt="a lighthouse at dusk", width=96, height=64)


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return workspaces.workspaces_of(owner.id)[0]


@pytest.fixture(autouse=True)
def three(app: APIFlask) -> Iterator[None]:
    """Three models of Sketch; the third cannot extend pictures."""
    real = app.extensions["catalogue"]
    sketch = real.find("sketch")
    without = {each: how for each, how in _operations(sketch).items() if each != "outpaint"}
    more = [
        sketch.model_copy(update={"id": "sketch-two", "name": "Second", "aliases": ()}),
        sketch.model_copy(update={"id": "sketch-three", "name": "Third", "aliases": (), "operations": without}),
    ]
    kept = [model for model in real.models if model.id not in MODELS[1:]]
    app.extensions["catalogue"] = real.model_copy(update={"models": (*kept, *more)})
    app.extensions["catalogue"].__dict__.pop("_by_name", None)
    yield
    app.extensions["catalogue"] = real


def _operations(model: object) -> dict[str, object]:
    given = model.operations  # type: ignore[attr-defined]  # a catalogue row
    return dict(given) if isinstance(given, dict) else dict.fromkeys(given)


@pytest.fixture
def started(engine: Engine, workspace: Workspace) -> Started:
    """Three columns with their originals."""
    found = sessions.start(workspace, SPEC, MODELS, key="start")
    engine.turn()
    return found


def _takes(session: Session) -> dict[str, list[Take]]:
    """Each column's takes by its model."""
    db.session.expire_all()
    columns = queries.columns_of([session.id])
    found = queries.takes_of([column.id for column in columns])
    return {column.model: [take for take, _ in found if take.column_id == column.id] for column in columns}


def _iterate(session: Session, take: Take, prompt: str) -> Take:
    return steps.iterate(session, [take], prompt, key=str(new_id())).made[0].take


def test_one_prompt_gives_each_column_its_original_in_one_batch(engine: Engine, started: Started) -> None:
    takes = _takes(started.session)
    assert list(takes) == MODELS
    assert [len(each) for each in takes.values()] == [1, 1, 1]
    assert {job.seed for job in engine.jobs(started.batch)} == {engine.jobs(started.batch)[0].seed}
    assert started.session.name == "a lighthouse at dusk"
    engine.check()


def test_the_same_key_starts_one_session(started: Started, workspace: Workspace) -> None:
    again = sessions.start(workspace, SPEC, MODELS, key="start")
    assert (again.session.id, again.created) == (started.session.id, False)
    with pytest.raises(KeyReused):
        sessions.start(workspace, SPEC, MODELS[:2], key="start")


def test_a_model_that_cannot_begin_is_refused_and_leaves_nothing(engine: Engine, workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="Sketch Upscaler"):
        sessions.start(workspace, SPEC, ["sketch", "sketch-upscale"], key="k")
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 0


def test_a_macro_gives_every_column_the_same_one_of_its_prompts(engine: Engine, workspace: Workspace) -> None:
    spec = GenerationSpec(prompt="a {red|green|blue} fox", width=64, height=64, batch_size=4)
    started = sessions.start(workspace, spec, MODELS, key="k")
    engine.turn()
    jobs = engine.jobs(started.batch)
    assert len(jobs) == 3
    (sent,) = {job.prompt_sent for job in jobs}
    drawn = views.session_view(started.session).drawn
    assert drawn in {"red", "green", "blue"}
    assert drawn in sent
    change = _iterate(started.session, _takes(started.session)["sketch"][0], "darker")
    assert [turn.prompt for turn in request_of(engine.job(change.job_id)).history] == [sent]


def test_an_iteration_goes_on_from_its_picture_with_what_was_said_before(engine: Engine, started: Started) -> None:
    session = started.session
    original = _takes(session)["sketch"][0]
    marks.set_marks(session.owner_id, [engine.assets()[0].id], Marks(favourite=True))
    first = _iterate(session, original, "make the sky more purple")
    engine.turn()
    second = _iterate(session, first, "light the lamp")
    job = db.session.get_one(Job, second.job_id)
    assert (job.operation, job.model, second.number, second.parent_id) == ("iterate", "sketch", 2, first.id)
    history = request_of(job).history
    assert [turn.prompt for turn in history] == ["a lighthouse at dusk", "make the sky more purple"]
    assert all(turn.image is not None for turn in history)
    assert history[0].outcome == "kept"
    engine.turn()
    engine.check()


def test_only_the_last_three_of_the_branch_are_sent(engine: Engine, started: Started) -> None:
    session = started.session
    take = root = _takes(session)["sketch"][0]
    for words in ("darker", "warmer", "sepia", "brighter"):
        take = _iterate(session, take, words)
        engine.turn()
    assert [turn["prompt"] for turn in db.session.get_one(Job, take.job_id).context or []] == [
        "darker", "warmer", "sepia",
    ]  # fmt: skip
    aside = _iterate(session, root, "colder")
    assert [turn["prompt"] for turn in db.session.get_one(Job, aside.job_id).context or []] == ["a lighthouse at dusk"]


def test_seven_iterations_fill_a_column_and_the_eighth_is_refused(engine: Engine, started: Started) -> None:
    session = started.session
    take = _takes(session)["sketch"][0]
    for each in range(7):
        _iterate(session, take, f"variation {each}")
    batches = db.session.scalar(sa.select(sa.func.count()).select_from(Batch))
    with pytest.raises(ColumnFull, match="7 iterations"):
        _iterate(session, take, "one too many")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Batch)) == batches
    assert [each.number for each in _takes(session)["sketch"]] == list(range(8))
    engine.turn()
    engine.check()


def test_a_full_column_does_not_stop_the_others(engine: Engine, started: Started) -> None:
    session = started.session
    takes = [each[0] for each in _takes(session).values()]
    for each in range(7):
        _iterate(session, takes[0], f"variation {each}")
    outcome = steps.iterate(session, takes, "light the lamp", key="all")
    assert [made.take.column_id for made in outcome.made] == [take.column_id for take in takes[1:]]
    assert [refused.column.model for refused in outcome.refused] == ["sketch"]
    assert isinstance(outcome.refused[0].error, ColumnFull)


def test_one_prompt_drives_pictures_of_several_columns_once(engine: Engine, started: Started) -> None:
    session = started.session
    takes = [each[0] for each in _takes(session).values()]
    outcome = steps.iterate(session, takes, "light the lamp", key="all")
    again = steps.iterate(session, takes, "light the lamp", key="all")
    assert [made.take.id for made in again.made] == [made.take.id for made in outcome.made]
    assert not any(made.created for made in again.made)
    assert [len(each) for each in _takes(session).values()] == [2, 2, 2]
    assert {take.request for each in _takes(session).values() for take in each[1:]} == {"light the lamp"}


def test_asking_the_same_again_gives_another_picture(engine: Engine, started: Started) -> None:
    take = _takes(started.session)["sketch"][0]
    first, second = (_iterate(started.session, take, "make it snow") for _ in range(2))
    seeds = [db.session.get_one(Job, each.job_id).seed for each in (take, first, second)]
    assert seeds[0] == seeds[1] != seeds[2]


@pytest.mark.parametrize(
    ("preset", "size"),
    [("16:9", (114, 64)), ("9:16", (96, 171)), ("1:1", (96, 96)), ("4:3", (96, 72)), ("all", (192, 128))],
)
def test_each_preset_extends_the_frame(engine: Engine, started: Started, preset: str, size: tuple[int, int]) -> None:
    take = _takes(started.session)["sketch"][0]
    made = steps.outpaint(started.session, [take], preset=preset, key="o").made[0].take
    engine.turn()
    asset = engine.assets()[-1]
    assert asset.job_id == made.job_id
    assert (asset.width_px, asset.height_px) == size
    assert asset.recipe["operation"] == "outpaint"
    assert asset.recipe["prompt"] == "a lighthouse at dusk"


def test_sides_can_be_given_by_hand(engine: Engine, started: Started) -> None:
    take = _takes(started.session)["sketch"][0]
    steps.outpaint(started.session, [take], sides=Sides(left=8, bottom=16), prompt="a quiet sea", key="o")
    engine.turn()
    asset = engine.assets()[-1]
    assert (asset.width_px, asset.height_px, asset.recipe["prompt"]) == (104, 80, "a quiet sea")


def test_a_picture_that_has_the_shape_is_not_extended(engine: Engine, started: Started) -> None:
    take = _takes(started.session)["sketch"][0]
    square = steps.outpaint(started.session, [take], preset="1:1", key="o").made[0].take
    engine.turn()
    with pytest.raises(SameShape):
        steps.outpaint(started.session, [square], preset="1:1", key="p")


def test_a_model_that_cannot_extend_is_named(engine: Engine, started: Started) -> None:
    with pytest.raises(CannotOutpaint, match=r"Third cannot extend a picture\. Sketch"):
        steps.outpaint(started.session, [_takes(started.session)["sketch-three"][0]], preset="all", key="o")


def test_a_change_needs_words_and_a_picture(engine: Engine, workspace: Workspace) -> None:
    session = sessions.start(workspace, SPEC, ["sketch"], key="k").session
    take = _takes(session)["sketch"][0]
    with pytest.raises(NothingToChange):
        _iterate(session, take, "darker")
    with pytest.raises(NoWords):
        _iterate(session, take, "  ")


def test_one_column_fails_and_is_retried_in_place_while_the_others_stand(
    engine: Engine, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = sessions.start(workspace, SPEC, MODELS, key="k")
    jobs = engine.jobs(started.batch)
    db.session.execute(
        sa.update(Job).where(Job.id == jobs[1].id).values(state=JobState.FAILED),
        execution_options={"synchronize_session": False},
    )
    db.session.commit()
    engine.turn()
    assert engine.states(started.batch) == ["succeeded", "failed", "succeeded"]
    retrying.retry_job(engine.job(jobs[1].id))
    engine.turn()
    assert engine.states(started.batch) == ["succeeded"] * 3
    assert [take.job_id for take in _takes(started.session)["sketch-two"]] == [jobs[1].id]


def test_a_failed_iteration_gives_its_place_to_the_next_once_the_column_is_full(
    engine: Engine, started: Started
) -> None:
    session = started.session
    root = _takes(session)["sketch"][0]
    made = [_iterate(session, root, f"variation {each}") for each in range(7)]
    db.session.execute(sa.update(Job).where(Job.id == made[2].job_id).values(state=JobState.FAILED))
    db.session.commit()
    assert _iterate(session, root, "instead").number == 3


def test_what_was_accepted_survives_a_restart_in_the_middle(engine: Engine, started: Started) -> None:
    """The process that placed the work is gone: its leases run out, the sweep finds the rows, and the session with
    every take is as it was."""
    session_id = started.session.id
    takes = [each[0] for each in _takes(started.session).values()]
    steps.iterate(started.session, takes, "light the lamp", key="all")
    engine.place()
    before = {model: [take.id for take in each] for model, each in _takes(started.session).items()}
    db.session.remove()
    engine.lapse()
    engine.sweep()
    engine.turn()
    session = db.session.get_one(Session, session_id)
    assert {model: [take.id for take in each] for model, each in _takes(session).items()} == before
    assert all(job.state == JobState.SUCCEEDED for job in db.session.scalars(sa.select(Job)))
    engine.check()


def test_a_session_made_without_a_prompt_begins_once(engine: Engine, workspace: Workspace) -> None:
    session = sessions.create(workspace, MODELS[:2])
    sessions.begin(session, SPEC, key="b")
    assert [len(each) for each in _takes(session).values()] == [1, 1]
    assert (session.prompt, session.name) == ("a lighthouse at dusk",) * 2
    with pytest.raises(Begun):
        sessions.begin(session, SPEC, key="c")


def test_a_session_is_renamed_put_aside_and_brought_back(started: Started, owner: User) -> None:
    session = started.session
    sessions.rename(session, "  Lighthouses \n at dusk ")
    assert session.name == "Lighthouses at dusk"
    sessions.rename(session, "")
    assert session.name == "a lighthouse at dusk"
    sessions.put_aside(session)
    with pytest.raises(NotFound):
        queries.session_for(owner.id, session.id)
    sessions.bring_back(queries.session_for(owner.id, session.id, even_deleted=True))
    assert queries.session_for(owner.id, session.id).id == session.id


def test_somebody_elses_session_looks_like_a_missing_one(started: Started, stranger: User) -> None:
    for session_id in (started.session.id, uuid.uuid4()):
        with pytest.raises(NotFound):
            queries.session_for(stranger.id, session_id)
    with pytest.raises(NotFound):
        queries.take_for(stranger.id, _takes(started.session)["sketch"][0].id)


def test_a_column_that_could_not_go_on_says_why_instead_of_a_price(
    engine: Engine, owner: User, started: Started
) -> None:
    offers.change("model", "sketch-two", disabled=True, price=None, by=owner)
    db.session.commit()
    for number in range(7):
        _iterate(started.session, _takes(started.session)["sketch-three"][0], f"change {number}")
        engine.turn()
    picture = engine.assets()[0]
    picture.width_px, picture.height_px = 5000, 3000
    db.session.commit()
    columns = views.session_view(started.session).columns
    assert [column.each_text for column in columns] == ["", "", ""]
    too_large, switched_off, full = (column.refused for column in columns)
    assert too_large.startswith("The picture is 5000 × 3000, and Sketch changes 4096 × 2457 at most")
    assert switched_off.startswith("Second is switched off here.")
    assert full.startswith("This column has its 7 iterations.")


def test_the_price_of_the_next_step_counts_what_goes_along_with_it(
    app: APIFlask, engine: Engine, started: Started
) -> None:
    real = app.extensions["catalogue"]
    each_input = {"amount": Decimal("0.01"), "per_input": Decimal("0.001")}
    rows = [
        row.model_copy(update={"price": row.price.model_copy(update=each_input)}) if row.id == "sketch" else row
        for row in real.models
    ]
    app.extensions["catalogue"] = real.model_copy(update={"models": tuple(rows)})
    app.extensions["catalogue"].__dict__.pop("_by_name", None)
    _iterate(started.session, _takes(started.session)["sketch"][0], "darker")
    engine.turn()
    shown = views.session_view(started.session).columns[0].each
    taken = _iterate(started.session, _takes(started.session)["sketch"][1], "darker still")
    assert Decimal(shown) == engine.job(taken.job_id).price_estimate == Decimal("0.012")
