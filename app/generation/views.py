"""Batches and jobs as pages and the API show them: rows joined with what Redis knows of the moment."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app import money
from app.db import utc_now
from app.durations import measured, spoken
from app.generation import events, lanes, placing, queries, queueing
from app.generation.domain import ACTIVE, FINAL, JobState
from app.generation.models import Batch, Job
from app.generation.placement import Plan
from app.generation.retrying import RETRYABLE
from app.generation.standing import PAUSED, slots_of
from app.library.views import ImageView, image_view
from app.providers.registry import catalogue


@dataclass(frozen=True, slots=True)
class JobView:
    """What templates/components/tray_card.html needs of a job."""

    id: uuid.UUID
    batch_id: uuid.UUID
    workspace_id: uuid.UUID
    state: str
    place: str
    progress: float
    seed: int
    prompt: str
    template: str
    reason: str
    expected: str
    took: str
    error: str | None
    retryable: bool
    dismissed: bool
    width_px: int
    height_px: int
    kind: str
    preview_url: str | None
    image: ImageView | None
    price_text: str

    @property
    def title(self) -> str:
        return self.prompt

    @property
    def thumb_url(self) -> str | None:
        return self.image.thumb_url if self.image else None


@dataclass(frozen=True, slots=True)
class BatchView:
    """What templates/components/tray.html needs of a batch. to_mend: the failed ones that nobody dismissed."""

    id: uuid.UUID
    count: int
    title: str
    state: str
    done: int
    failed: int
    to_mend: int
    left_text: str
    price_text: str
    prompt: str
    finished: bool
    jobs: list[JobView]


def job_views(
    jobs: Sequence[Job], *, sizes: dict[uuid.UUID, int] | None = None, plan: Plan | None = None
) -> list[JobView]:
    """Views of jobs, in order. sizes: jobs in each batch, for "2 of 4"; plan: why the waiting ones wait."""
    now = utc_now()
    assets = queries.assets_of([job.id for job in jobs if job.state == JobState.SUCCEEDED])
    moments = events.moments_of([job.id for job in jobs if job.state in ACTIVE])
    if plan is None and any(job.state == JobState.WAITING for job in jobs):
        plan = placing.forecast()
    owners = {job.owner_id for job in jobs if job.state == JobState.WAITING}
    why = _Why(plan, now, paused={owner_id for owner_id in owners if queueing.is_paused(owner_id)})
    views = []
    for job in jobs:
        size = (sizes or {}).get(job.batch_id, 1)
        pictures = assets.get(job.id, [])
        moment = moments.get(job.id)
        progress = moment.progress if moment else None
        views.append(
            JobView(
                id=job.id,
                batch_id=job.batch_id,
                workspace_id=job.workspace_id,
                state=job.state,
                place=f"{job.ordinal + 1} of {size}" if size > 1 else "",
                progress=progress or 0.0,
                seed=job.seed,
                prompt=job.prompt_sent,
                template=job.template,
                reason=why.reason(job),
                expected=why.expected(job, progress),
                took=_took(job),
                error=job.error_sentence,
                retryable=job.state in RETRYABLE,
                dismissed=job.dismissed_at is not None,
                width_px=job.width_px,
                height_px=job.height_px,
                kind=_kind(job),
                preview_url=f"/api/jobs/{job.id}/preview" if moment and moment.has_preview else None,
                image=image_view(pictures[0]) if pictures else None,
                price_text=price_words(job),
            )
        )
    return views


def price_words(job: Job) -> str:
    """ "$0.04", what it did cost or is expected to, and "$0.04 on your key" where its person pays the provider.

    What ended for nothing is not said to be on any key: another try may run on another one.
    """
    price = job.price_actual if job.price_actual is not None else job.price_estimate
    own_key = job.own_key if job.lane is None else lanes.owner_of(job.lane) is not None
    came_to_nothing = job.state in RETRYABLE and job.price_actual is None
    return f"{money.show(price)} on your key" if price and own_key and not came_to_nothing else money.show(price)


def batch_view(batch: Batch, *, plan: Plan | None = None) -> BatchView:
    """A batch with all its jobs."""
    jobs = queries.jobs_of(batch)
    done = sum(job.state == JobState.SUCCEEDED for job in jobs)
    failed = sum(job.state == JobState.FAILED for job in jobs)
    finished = all(job.state in FINAL for job in jobs)
    spent = sum((job.price_actual for job in jobs if job.price_actual is not None), Decimal(0))
    return BatchView(
        id=batch.id,
        count=batch.job_count,
        title=_title(batch.job_count, failed, finished, videos=bool(jobs) and _kind(jobs[0]) == "video"),
        state="finished" if finished else "running",
        done=done,
        failed=failed,
        to_mend=sum(job.state == JobState.FAILED and job.dismissed_at is None for job in jobs),
        left_text="" if finished else _left(batch, jobs),
        price_text=f"{money.show(spent)} so far" if spent else money.show(batch.price_estimate),
        prompt=batch.template,
        finished=finished,
        jobs=job_views(jobs, sizes={batch.id: batch.job_count}, plan=plan),
    )


class _Why:
    """Where a job runs or what it waits for, and when, in words."""

    def __init__(self, plan: Plan | None, now: datetime, *, paused: set[uuid.UUID]) -> None:
        self._paused = paused
        self._now = now
        self._by_group: dict[tuple[str, str], tuple[str, float | None]] = {}
        self._ahead: dict[tuple[str, str], int] = {}
        if plan is not None:
            for group in plan.waiting:
                wait = plan.wait_for(group)
                if wait is not None:
                    self._by_group.setdefault((group.owner, group.model), (wait.reason, wait.expected_start))

    def reason(self, job: Job) -> str:
        if job.state == JobState.WAITING and job.owner_id in self._paused:
            return PAUSED
        if job.state != JobState.WAITING:
            lane = lanes.lane_named(job.lane)
            return job.reason or (lane.name if lane else "")
        if job.not_before is not None and job.not_before > self._now:
            return f"tries again in {spoken((job.not_before - self._now).total_seconds())}"
        return self._group(job)[0]

    def expected(self, job: Job, progress: float | None) -> str:
        if job.state == JobState.WAITING:
            start = self._group(job)[1]
            if start is None or job.owner_id in self._paused:
                return ""
            # The jobs before this one in its group start first, as fast as the lanes turn them over.
            key = (str(job.owner_id), job.model)
            ahead = self._ahead.get(key, 0)
            self._ahead[key] = ahead + 1
            wait_s = start - self._now.timestamp() + ahead * job.expected_s / slots_of(job.model)
            return f"in {spoken(wait_s)}" if wait_s > 1 else "next"
        if job.state in ACTIVE and job.placed_at is not None:
            elapsed = (self._now - (job.started_at or job.placed_at)).total_seconds()
            left = elapsed * (1 - progress) / progress if progress and progress > 0.05 else job.expected_s - elapsed
            return f"{spoken(max(left, 1))} left"
        return ""

    def _group(self, job: Job) -> tuple[str, float | None]:
        return self._by_group.get((str(job.owner_id), job.model), ("waits for its turn", None))


def _left(batch: Batch, jobs: Sequence[Job]) -> str:
    if any(job.state == JobState.WAITING for job in jobs) and queueing.is_paused(batch.owner_id):
        return PAUSED
    return f"{spoken(_seconds_left(jobs))} left"


def _seconds_left(jobs: Sequence[Job]) -> float:
    """Models work beside each other; the jobs of one share its slots."""
    todo: dict[str, float] = {}
    for job in jobs:
        if job.state not in FINAL:
            todo[job.model] = todo.get(job.model, 0.0) + job.expected_s
    return max((seconds / slots_of(model) for model, seconds in todo.items()), default=0.0)


def _took(job: Job) -> str:
    if job.state != JobState.SUCCEEDED or job.finished_at is None or job.submitted_at is None:
        return ""
    return measured((job.finished_at - job.submitted_at).total_seconds())


def _kind(job: Job) -> str:
    model = catalogue().find(job.model)
    return model.makes if model is not None else "image"


def _title(count: int, failed: int, finished: bool, *, videos: bool) -> str:
    noun = "video" if videos else "image"
    nouns = f"{count} {noun}s" if count > 1 else f"1 {noun}"
    if not finished:
        return f"Generating {nouns}..." if count > 1 else f"Generating {noun}..."
    return (
        f"{nouns}, {failed} failed"
        if failed
        else f"All {nouns} complete"
        if count > 1
        else f"{noun.capitalize()} complete"
    )
