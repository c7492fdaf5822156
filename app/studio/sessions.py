"""A session from its beginning to its end: one prompt to all of its columns, a name, the way out and back.

What happens in its columns meanwhile: `app.studio.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.db import db, new_id, utc_now
from app.errors import AppError, NotFound
from app.generation import planning, submission
from app.generation.models import Batch
from app.generation.planning import Counted
from app.generation.specs import GenerationSpec
from app.generation.submission import NewJob
from app.providers.contract import Operation
from app.studio import queries
from app.studio.domain import NAME_CHARS, Flow, checked_columns
from app.studio.errors import Begun
from app.studio.models import Column, Session, Take
from app.studio.models_on_offer import model_for
from app.texts import clean_name
from app.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Started:
    """created is False when the same request had been accepted before."""

    session: Session
    batch: Batch
    created: bool


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
