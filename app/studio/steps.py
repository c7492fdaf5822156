"""The steps of a session: a change by words or a larger frame, for one picture or several at once.

A session never runs anything itself: each step is an ordinary batch, and which of its jobs stands where is written in
the batch's own transaction. So there is no take without a job, and no job of a session that it does not know.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.db import db, new_id
from app.errors import AppError
from app.extensions import settings
from app.generation import queries as jobs
from app.generation import submission
from app.generation.errors import KeyReused
from app.generation.models import Batch
from app.generation.specs import GenerationSpec
from app.generation.submission import NewJob
from app.imaging.framing import Sides
from app.providers.contract import Operation
from app.studio import queries
from app.studio.asking import change_by, extension_by
from app.studio.domain import next_number
from app.studio.errors import NothingToChange, NoWords
from app.studio.models import Column, Session, Take
from app.studio.stage import Stage, places_of, stage_of
from app.workspaces.models import Workspace

# Two clicks on one column at the same moment take turns; more than a few in a row is no coincidence.
_TRIES = 4


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


def _each(
    session: Session, takes: Sequence[Take], key: str, asked: Callable[[Stage, Take], GenerationSpec], request: str
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
    asked: Callable[[Stage, Take], GenerationSpec],
    request: str,
) -> Made:
    earlier = jobs.batch_with_key(workspace.owner_id, key)
    if earlier is not None:
        # By what was asked, not by its fingerprint: the same words may be sent with other turns by now.
        found = queries.takes_of_batch(earlier.id)
        if not found or found[0].request != request:
            raise KeyReused
        return Made(found[0], earlier, created=False)
    spec = asked(stage_of(session), take)

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
    number = next_number(places_of(queries.takes_of([column_id])), settings().compare_iterations)
    db.session.execute(sa.delete(Take).where(Take.column_id == column_id, Take.number == number))
    return number


def _iteration(stage: Stage, take: Take, prompt: str) -> GenerationSpec:
    model, picture = stage.model_of(take), stage.picture_of(take)
    return GenerationSpec(
        prompt=prompt,
        model=model.id,
        operation=change_by(model, stage.session.owner_id),
        image=picture.id,
        seed=stage.seed(take, prompt),
        pick="random",
        pick_count=1,
        history=stage.history(take),
    )


def _extension(stage: Stage, take: Take, preset: str, sides: Sides | None, prompt: str) -> GenerationSpec:
    model, picture = stage.model_of(take), stage.picture_of(take)
    return GenerationSpec(
        prompt=prompt.strip() or stage.scene(take),
        model=model.id,
        operation=Operation.OUTPAINT,
        image=picture.id,
        params=extension_by(model, picture, preset, sides),
        seed=stage.seed(take, prompt),
        pick="random",
        pick_count=1,
        history=stage.history(take),
    )
