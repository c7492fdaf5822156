"""A session as its page, the gallery and the API show it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app import money
from app.db import db
from app.durations import measured
from app.errors import AppError
from app.extensions import settings
from app.generation import planning
from app.generation import queries as jobs
from app.generation.domain import FINAL, JobState
from app.generation.models import Job
from app.generation.specs import GenerationSpec
from app.generation.views import JobView, job_views
from app.library.models import Asset
from app.library.views import ImageView
from app.providers.contract import Operation
from app.providers.registry import catalogue
from app.studio import queries
from app.studio.asking import change_by
from app.studio.domain import Result, Score, next_number, scores
from app.studio.models import Column, Session, Take
from app.studio.models_on_offer import heading, model_for, refining
from app.studio.stage import Stage
from app.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class TakeView:
    """One picture of a column. gone: it was made, and is in the trash now. goes_on: the next change starts here unless
    another one is chosen. after: the number of the one it was made from. context: the turns it was sent with."""

    id: uuid.UUID
    number: int
    request: str
    after: int | None
    took: str
    job: JobView
    price: Decimal | None
    context: list[dict[str, Any]]
    gone: bool
    goes_on: bool

    @property
    def title(self) -> str:
        return "Original" if self.number == 0 else self.request


@dataclass(frozen=True, slots=True)
class ColumnView:
    """What one model did. short: what to call it among the others of its session. each: dollars of the next iteration
    as text, empty when it costs nothing. each_text: the same for people. refused: why there would be none; empty when
    it could be made."""

    id: uuid.UUID
    model: str
    name: str
    variant: str
    short: str
    iterations: int
    most: int
    score: Score
    price_text: str
    seconds_text: str
    takes: list[TakeView]
    can_refine: bool
    can_extend: bool
    each_text: str
    each: str
    refused: str

    @property
    def ready(self) -> bool:
        """Whether there is a picture to go on from."""
        return any(take.goes_on for take in self.takes)


@dataclass(frozen=True, slots=True)
class SessionView:
    """drawn: of a prompt with choices, what the originals got; empty where there was nothing to choose."""

    id: uuid.UUID
    workspace_id: uuid.UUID
    flow: str
    name: str
    prompt: str
    config: dict[str, Any]
    created_at: datetime
    columns: list[ColumnView]
    drawn: str
    window: int
    price: Decimal

    @property
    def originals(self) -> int:
        return sum(take.number == 0 for column in self.columns for take in column.takes)

    @property
    def iterations(self) -> int:
        return sum(column.iterations for column in self.columns)

    @property
    def summary(self) -> str:
        """ "4 originals, 8 iterations · $0.47"."""
        counts = _counted(self.originals, "original"), _counted(self.iterations, "iteration")
        return f"{', '.join(counts)} · {money.show(self.price)}"


def session_view(session: Session) -> SessionView:
    return session_views([session], with_prices=True)[0]


def session_views(sessions: Sequence[Session], *, with_prices: bool = False) -> list[SessionView]:
    """Sessions in order, read together. with_prices: what the next step of each column costs, where it is taken."""
    columns = queries.columns_of([session.id for session in sessions])
    takes: dict[uuid.UUID, list[tuple[Take, Job]]] = {column.id: [] for column in columns}
    for take, job in queries.takes_of(list(takes)):
        takes[take.column_id].append((take, job))
    all_jobs = [job for found in takes.values() for _, job in found]
    shown = {view.id: view for view in job_views(all_jobs)}
    pictures = {
        job_id: assets[0]
        for job_id, assets in jobs.assets_of([job.id for job in all_jobs if job.state in FINAL]).items()
    }
    views = []
    for session in sessions:
        own = [column for column in columns if column.session_id == session.id]
        headings = [heading(column.model)[0] for column in own]
        rows = scores([[_result(job, pictures.get(job.id)) for _, job in takes[column.id]] for column in own])
        firsts = [pair for column in own for pair in takes[column.id]]
        stage = _stage(session, own, takes, pictures) if with_prices else None
        views.append(
            SessionView(
                id=session.id,
                workspace_id=session.workspace_id,
                flow=session.flow,
                name=session.name or "Untitled",
                prompt=session.prompt,
                config=session.config,
                created_at=session.created_at,
                columns=[
                    _column_view(
                        column,
                        takes[column.id],
                        row,
                        shown,
                        pictures,
                        stage,
                        shared_name=headings.count(title) > 1,
                    )
                    for column, row, title in zip(own, rows, headings, strict=True)
                ],
                drawn=_drawn(session, next((job for take, job in firsts if take.number == 0), None)),
                window=settings().compare_window,
                price=sum((row.price for row in rows), Decimal(0)),
            )
        )
    return views


def _column_view(
    column: Column,
    takes: list[tuple[Take, Job]],
    score: Score,
    shown: dict[uuid.UUID, JobView],
    pictures: dict[uuid.UUID, Asset],
    stage: Stage | None,
    *,
    shared_name: bool,
) -> ColumnView:
    model = catalogue().find(column.model)
    operation = refining(model) if model is not None else None
    numbers = {take.id: take.number for take, _ in takes}
    usable = [take for take, job in takes if (asset := pictures.get(job.id)) is not None and asset.kind == "image"]
    # The one made last, which is not the one with the highest number where a failure gave its place away.
    last = max(usable, key=lambda take: take.id, default=None)
    name, variant = heading(column.model)
    each, refused = Decimal(0), ""
    if stage is not None:
        each, refused = _next(stage, column, last)
    return ColumnView(
        id=column.id,
        model=column.model,
        name=name,
        variant=variant,
        short=f"{name} {variant}".strip() if shared_name else name,
        iterations=sum(take.number > 0 for take, _ in takes),
        most=settings().compare_iterations,
        score=score,
        price_text=money.show(score.price),
        seconds_text=measured(score.seconds) if score.seconds is not None else "",
        takes=[
            TakeView(
                id=take.id,
                number=take.number,
                request=take.request,
                after=numbers.get(take.parent_id) if take.parent_id is not None else None,
                took=shown[job.id].took,
                job=shown[job.id],
                price=job.price_actual,
                context=list(job.context or ()),
                gone=job.state == JobState.SUCCEEDED and job.id not in pictures,
                goes_on=last is not None and take.id == last.id,
            )
            for take, job in takes
        ],
        can_refine=operation is not None,
        can_extend=model is not None and Operation.OUTPAINT in model.operations,
        each_text="" if refused else money.show(each),
        each=str(each) if each else "",
        refused=refused,
    )


def _drawn(session: Session, original: Job | None) -> str:
    if original is None:
        return ""
    if original.choices:
        return ", ".join(each.get("text") or "nothing" for each in original.choices)
    return original.template if original.template.strip() != session.prompt.strip() else ""


def _stage(
    session: Session,
    columns: Sequence[Column],
    takes: Mapping[uuid.UUID, Sequence[tuple[Take, Job]]],
    pictures: Mapping[uuid.UUID, Asset],
) -> Stage:
    """The session as a step would read it, from what was read for its page."""
    standing = {take.id: (take, job) for column in columns for take, job in takes[column.id]}
    return Stage(session, {column.id: column for column in columns}, standing, dict(pictures))


def _next(stage: Stage, column: Column, last: Take | None) -> tuple[Decimal, str]:
    """What one more would cost after the last picture, or why it would be refused."""
    session = stage.session
    try:
        model = model_for(session.owner_id, column.model)
        next_number(stage.places_of(column), settings().compare_iterations)
        spec = GenerationSpec(
            model=model.id,
            operation=change_by(model, session.owner_id),
            image=stage.picture_of(last).id if last is not None else None,
            history=stage.history(last) if last is not None else (),
        )
        return planning.count(db.session.get_one(Workspace, session.workspace_id), spec).price, ""
    except AppError as refusal:
        return Decimal(0), refusal.message


def _result(job: Job, picture: Asset | None) -> Result:
    seconds = None
    if job.state == JobState.SUCCEEDED and job.finished_at is not None and job.submitted_at is not None:
        seconds = (job.finished_at - job.submitted_at).total_seconds()
    return Result(
        price=job.price_actual,
        seconds=seconds,
        kept=picture is not None and picture.favourite,
        rejected=picture is not None and picture.rejected,
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """A column of a session in the gallery: its original, or none, and what came of it."""

    name: str
    variant: str
    original: ImageView | None
    iterations: list[ImageView]


@dataclass(frozen=True, slots=True)
class Exhibit:
    session: SessionView
    shelves: list[Shelf]


@dataclass(frozen=True, slots=True)
class PromptGroup:
    """Sessions that began with the same words, the newest first."""

    prompt: str
    exhibits: list[Exhibit]


def gallery(sessions: Sequence[Session]) -> list[PromptGroup]:
    """Sessions by what they began with, iterations under their original."""
    groups: dict[str, PromptGroup] = {}
    for view in session_views(sessions):
        key = " ".join(view.prompt.split()).casefold()
        shelves = [_shelf(column) for column in view.columns]
        groups.setdefault(key, PromptGroup(view.prompt, [])).exhibits.append(Exhibit(view, shelves))
    return list(groups.values())


def _shelf(column: ColumnView) -> Shelf:
    images = {take.number: take.job.image for take in column.takes if take.job.image is not None}
    return Shelf(column.name, column.variant, images.get(0), [images[each] for each in sorted(images) if each > 0])


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
