"""What a person does in a session: begin it with one prompt for all columns, refine single pictures or several at once,
give it a name, put it aside.

A session never runs anything itself: each step is an ordinary batch, and which of its jobs stands where is written in
the batch's own transaction. So there is no take without a job, and no job of a session that it does not know.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.db import db, new_id, utc_now
from app.errors import AppError, NotFound
from app.extensions import settings
from app.generation import planning, submission
from app.generation import queries as jobs
from app.generation.domain import JobState
from app.generation.errors import KeyReused
from app.generation.models import Batch, Job
from app.generation.planning import Counted
from app.generation.specs import EarlierTurn, GenerationSpec
from app.generation.submission import NewJob
from app.imaging.framing import Sides, sides_for
from app.library.models import Asset
from app.limits import PROMPT_CHARS
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.studio import queries
from app.studio.domain import (
    NAME_CHARS,
    Flow,
    Place,
    Step,
    branch_of,
    checked_columns,
    next_number,
    outcome_of,
    window,
)
from app.studio.errors import Begun, CannotOutpaint, CannotRefine, NothingToChange, NoWords, SameShape
from app.studio.models import Column, Session, Take
from app.studio.models_on_offer import model_for, names_of, refining
from app.texts import clean_name
from app.workspaces.models import Workspace

_GONE = (JobState.FAILED, JobState.CANCELLED)
# Two clicks on one column at the same moment take turns; more than a few in a row is no coincidence.
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Started:
    """created is False when the same request had been accepted before."""

    session: Session
    batch: Batch
    created: bool


@dataclass(frozen=True, slots=True)
class Made:
    """An iteration that was accepted."""

    take: Take
    batch: Batch
    created: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A column that could not follow, while others did."""

    column: Column
    error: AppError


@dataclass(frozen=True, slots=True)
class Outcome:
    made: list[Made]
    refused: list[Refused]


def create(workspace: Workspace, models: Sequence[str], *, name: str = "", prompt: str = "") -> Session:
    """A session without any picture yet. Raises UnknownModel, NoColumns and TooManyColumns."""
    session = _new_session(workspace, prompt, name)
    _add_columns(session, [model_for(workspace.owner_id, each).id for each in checked_columns(models)])
    db.session.commit()
    return session


def start(workspace: Workspace, spec: GenerationSpec, models: Sequence[str], *, key: str, name: str = "") -> Started:
    """One prompt to all of these models: a new session with its originals, once per (owner, key).

    Raises what `submission.submit` refuses, naming the model that cannot, before any money.
    """
    asked = _fanned_out(spec, checked_columns(models))

    def also(batch: Batch, accepted: list[NewJob]) -> None:
        session = _new_session(workspace, spec.prompt, name)
        session.config = asked.model_dump(mode="json", exclude_defaults=True, exclude={"prompt"})
        columns = _add_columns(session, [job.model for job in accepted])
        _place_originals(columns, accepted, spec.prompt)

    submitted = submission.submit(workspace, asked, key=key, also=also)
    session = queries.session_of_batch(submitted.batch.id)
    if session is None:
        raise NotFound("session")
    return Started(session, submitted.batch, submitted.created)


def count(workspace: Workspace, spec: GenerationSpec, models: Sequence[str]) -> Counted:
    """What `start` would make, and for how much."""
    return planning.count(workspace, _fanned_out(spec, checked_columns(models)))


def begin(session: Session, spec: GenerationSpec, *, key: str) -> Started:
    """The originals of a session that has none yet. Raises Begun."""
    columns = queries.columns_of([session.id])
    asked = _fanned_out(spec, [column.model for column in columns])

    def also(batch: Batch, accepted: list[NewJob]) -> None:
        if queries.takes_of([column.id for column in columns]):
            raise Begun
        session.prompt = spec.prompt
        session.name = session.name or _name_of(spec.prompt)
        session.config = asked.model_dump(mode="json", exclude_defaults=True, exclude={"prompt"})
        _place_originals(columns, accepted, spec.prompt)

    workspace = db.session.get_one(Workspace, session.workspace_id)
    submitted = _undone_if_refused(lambda: submission.submit(workspace, asked, key=key, also=also))
    return Started(session, submitted.batch, submitted.created)


def iterate(session: Session, takes: Sequence[Take], prompt: str, *, key: str) -> Outcome:
    """One change by words to each of these pictures, each in its own column and none waiting for the others.

    Raises NoWords; and when none could be accepted, the first one's refusal.
    """
    if not prompt.strip():
        raise NoWords
    return _each(session, takes, key, lambda stage, take: _iteration(stage, take, prompt), prompt)


def outpaint(
    session: Session, takes: Sequence[Take], *, preset: str = "", sides: Sides | None = None, prompt: str = "", key: str
) -> Outcome:
    """Extend each of these pictures: to a preset's shape, or by so many pixels on each side."""
    named = "all sides" if preset == "all" else preset or "by hand"
    request = f"Outpaint {named}" + (f": {prompt.strip()}" if prompt.strip() else "")
    return _each(session, takes, key, lambda stage, take: _extension(stage, take, preset, sides, prompt), request)


def rename(session: Session, name: str) -> Session:
    """Raises UnusableText's sentence as Invalid by the form; an empty name falls back to the prompt."""
    session.name = clean_name(name, NAME_CHARS) or _name_of(session.prompt)
    db.session.commit()
    return session


def put_aside(session: Session) -> None:
    """Delete a session; its pictures stay in the library. `bring_back` undoes it."""
    session.deleted_at = utc_now()
    db.session.commit()


def bring_back(session: Session) -> None:
    session.deleted_at = None
    db.session.commit()


@dataclass(frozen=True, slots=True)
class _Stage:
    """A session as read for one act: its columns, what stands in them, and the pictures there are."""

    session: Session
    columns: dict[uuid.UUID, Column]
    takes: dict[uuid.UUID, tuple[Take, Job]]
    pictures: dict[uuid.UUID, Asset]

    def picture_of(self, take: Take) -> Asset:
        found = self.pictures.get(take.job_id)
        if found is None or found.kind != "image":
            raise NothingToChange
        return found

    def model_of(self, take: Take) -> ModelRow:
        return model_for(self.session.owner_id, self.columns[take.column_id].model)

    def branch(self, take: Take) -> list[Step]:
        steps = {}
        for each, job in self.takes.values():
            picture = self.pictures.get(job.id)
            steps[each.id] = Step(
                each.id,
                each.parent_id,
                each.request,
                picture.id if picture else None,
                outcome_of(
                    kept=picture is not None and picture.favourite,
                    rejected=picture is not None and picture.rejected,
                    failed=job.state == JobState.FAILED,
                ),
            )
        return branch_of(steps, take.id)

    def history(self, take: Take) -> tuple[EarlierTurn, ...]:
        turns = window(self.branch(take), settings().compare_window)
        return tuple(
            EarlierTurn.model_validate(
                {"prompt": turn.request[:PROMPT_CHARS], "image": turn.image, "outcome": turn.outcome}
            )
            for turn in turns
        )


def _stage(session: Session) -> _Stage:
    columns = {column.id: column for column in queries.columns_of([session.id])}
    found = queries.takes_of(list(columns))
    made = jobs.assets_of([job.id for _, job in found])
    return _Stage(
        session,
        columns,
        {take.id: (take, job) for take, job in found},
        {job_id: assets[0] for job_id, assets in made.items()},
    )


def _each(
    session: Session, takes: Sequence[Take], key: str, asked: Callable[[_Stage, Take], GenerationSpec], request: str
) -> Outcome:
    if not takes:
        raise NothingToChange
    workspace = db.session.get_one(Workspace, session.workspace_id)
    made: list[Made] = []
    refused: list[Refused] = []
    for take in takes:
        column = db.session.get_one(Column, take.column_id)
        try:
            # A key for each picture, made from the act's: the same act again finds each of its batches.
            made.append(_one(workspace, session, take, f"{key[:160]}:{take.id}", asked, request))
        except AppError as error:
            db.session.rollback()
            refused.append(Refused(column, error))
    if not made:
        raise refused[0].error
    return Outcome(made, refused)


def _one(
    workspace: Workspace,
    session: Session,
    take: Take,
    key: str,
    asked: Callable[[_Stage, Take], GenerationSpec],
    request: str,
) -> Made:
    earlier = jobs.batch_with_key(workspace.owner_id, key)
    if earlier is not None:
        # By what was asked, not by its fingerprint: the same words may be sent with other turns by now.
        found = queries.takes_of_batch(earlier.id)
        if not found or found[0].request != request:
            raise KeyReused
        return Made(found[0], earlier, created=False)
    spec = asked(_stage(session), take)

    def also(batch: Batch, accepted: list[NewJob]) -> None:
        number = _free_number(take.column_id)
        db.session.add(
            Take(
                id=new_id(),
                column_id=take.column_id,
                number=number,
                parent_id=take.id,
                job_id=accepted[0].id,
                request=request,
            )
        )
        db.session.flush()

    for _ in range(_TRIES - 1):
        try:
            submitted = submission.submit(workspace, spec, key=key, also=also)
            break
        except IntegrityError:
            # Somebody took the number meanwhile; there may be another one.
            db.session.rollback()
    else:
        submitted = submission.submit(workspace, spec, key=key, also=also)
    return Made(queries.takes_of_batch(submitted.batch.id)[0], submitted.batch, submitted.created)


def _free_number(column_id: uuid.UUID) -> int:
    """The next iteration's number in a column; a failure's place is taken from it once there is no other."""
    found = queries.takes_of([column_id])
    parents = {take.parent_id for take, _ in found}
    places = [Place(take.number, job.state in _GONE and take.id not in parents) for take, job in found]
    number = next_number(places, settings().compare_iterations)
    db.session.execute(sa.delete(Take).where(Take.column_id == column_id, Take.number == number))
    return number


def _iteration(stage: _Stage, take: Take, prompt: str) -> GenerationSpec:
    model, picture = stage.model_of(take), stage.picture_of(take)
    operation = refining(model)
    if operation is None:
        raise CannotRefine(model.name, names_of(stage.session.owner_id, Operation.ITERATE))
    return GenerationSpec(
        prompt=prompt,
        model=model.id,
        operation=operation,
        image=picture.id,
        seed=_seed(stage, take, prompt),
        pick="random",
        pick_count=1,
        history=stage.history(take),
    )


def _extension(stage: _Stage, take: Take, preset: str, sides: Sides | None, prompt: str) -> GenerationSpec:
    model, picture = stage.model_of(take), stage.picture_of(take)
    if Operation.OUTPAINT not in model.operations:
        raise CannotOutpaint(model.name, names_of(stage.session.owner_id, Operation.OUTPAINT))
    wanted = sides if sides is not None else sides_for(picture.width_px, picture.height_px, preset)
    if not wanted:
        raise SameShape
    return GenerationSpec(
        prompt=prompt.strip() or _scene(stage, take),
        model=model.id,
        operation=Operation.OUTPAINT,
        image=picture.id,
        params={"expand": wanted.as_params()},
        seed=_seed(stage, take, prompt),
        pick="random",
        pick_count=1,
        history=stage.history(take),
    )


def _scene(stage: _Stage, take: Take) -> str:
    """The words of the picture that a branch began with: what is beyond its frame is more of that."""
    first = stage.branch(take)[0]
    original, job = stage.takes[first.id]
    return job.prompt_sent if job.choices else original.request


def _seed(stage: _Stage, take: Take, request: str) -> int | None:
    """The picture's own, so that only the words change it; another one for what was asked of it before."""
    asked_before = any(
        each.parent_id == take.id and each.request == request and job.state not in _GONE
        for each, job in stage.takes.values()
    )
    return None if asked_before else stage.takes[take.id][1].seed


def _fanned_out(spec: GenerationSpec, models: Sequence[str]) -> GenerationSpec:
    """One picture of each model: of a macro one combination, the same for all."""
    return spec.model_copy(
        update={
            "model": "sketch", "models": tuple(models), "batch_size": 1, "operation": Operation.TXT2IMG,
            "pick": "random", "pick_count": 1,
        }
    )  # fmt: skip


def _new_session(workspace: Workspace, prompt: str, name: str) -> Session:
    session = Session(
        id=new_id(),
        owner_id=workspace.owner_id,
        workspace_id=workspace.id,
        flow=Flow.COMPARE,
        name=clean_name(name, NAME_CHARS) or _name_of(prompt),
        prompt=prompt,
        config={},
    )
    db.session.add(session)
    db.session.flush()
    return session


def _add_columns(session: Session, models: Sequence[str]) -> list[Column]:
    columns = [Column(id=new_id(), session_id=session.id, ordinal=at, model=model) for at, model in enumerate(models)]
    db.session.add_all(columns)
    db.session.flush()
    return columns


def _place_originals(columns: Sequence[Column], accepted: Sequence[NewJob], request: str) -> None:
    db.session.add_all(
        Take(id=new_id(), column_id=column.id, number=0, job_id=job.id, request=request)
        for column, job in zip(columns, accepted, strict=True)
    )
    db.session.flush()


def _name_of(prompt: str) -> str:
    return " ".join(prompt.split())[:NAME_CHARS].strip()


def _undone_if_refused(act: Callable[[], submission.Submitted]) -> submission.Submitted:
    try:
        return act()
    except AppError:
        db.session.rollback()
        raise
