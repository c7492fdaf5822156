"""A session as one act or one page reads it: its columns, what stands in them, and the pictures there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from app.extensions import settings
from app.generation import queries as jobs
from app.generation.domain import JobState
from app.generation.models import Job
from app.generation.specs import EarlierTurn
from app.library.models import Asset
from app.limits import PROMPT_CHARS
from app.providers.catalogue import ModelRow
from app.studio import queries
from app.studio.domain import Place, Step, branch_of, outcome_of, window
from app.studio.errors import NothingToChange
from app.studio.models import Column, Session, Take
from app.studio.models_on_offer import model_for

_GONE = (JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Stage:
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

    def places_of(self, column: Column) -> list[Place]:
        return places_of(pair for pair in self.takes.values() if pair[0].column_id == column.id)

    def branch(self, take: Take) -> list[Step]:
        steps = {}
        for each, job in self.takes.values():
            picture = self.pictures.get(job.id)
            steps[each.id] = Step(
                each.id,
                each.parent_id,
                # What was drawn of a prompt with choices; nobody could tell from the choices what the picture shows.
                job.prompt_sent if each.number == 0 and job.choices else each.request,
                picture.id if picture else None,
                outcome_of(
                    kept=picture is not None and picture.favourite,
                    rejected=picture is not None and picture.rejected,
                    failed=job.state == JobState.FAILED,
                ),
            )
        return branch_of(steps, take.id)

    def scene(self, take: Take) -> str:
        """The words of the picture that a branch began with: what is beyond its frame is more of that."""
        return self.branch(take)[0].request

    def seed(self, take: Take, request: str) -> int | None:
        """The picture's own, so that only the words change it; another one for what was asked of it before."""
        asked_before = any(
            each.parent_id == take.id and each.request == request and job.state not in _GONE
            for each, job in self.takes.values()
        )
        return None if asked_before else self.takes[take.id][1].seed

    def history(self, take: Take) -> tuple[EarlierTurn, ...]:
        turns = window(self.branch(take), settings().compare_window)
        return tuple(
            EarlierTurn.model_validate(
                {"prompt": turn.request[:PROMPT_CHARS], "image": turn.image, "outcome": turn.outcome}
            )
            for turn in turns
        )


def stage_of(session: Session) -> Stage:
    columns = {column.id: column for column in queries.columns_of([session.id])}
    found = queries.takes_of(list(columns))
    made = jobs.assets_of([job.id for _, job in found])
    return Stage(
        session,
        columns,
        {take.id: (take, job) for take, job in found},
        {job_id: assets[0] for job_id, assets in made.items()},
    )


def places_of(column: Iterable[tuple[Take, Job]]) -> list[Place]:
    """Which numbers of a column are taken, and which of them may be given away."""
    rows = list(column)
    parents = {take.parent_id for take, _ in rows}
    return [Place(take.number, job.state in _GONE and take.id not in parents) for take, job in rows]
