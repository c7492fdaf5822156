"""Generate: one request, expanded to jobs, accepted once."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import Field, JsonValue, model_validator

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import workspace_or_newest
from app.api.guards import needs
from app.api.idempotency import REPLAYED, key_given, takes_key
from app.api.ids import Id
from app.api.job_shapes import JOB_EXAMPLE, JobBriefOut, JobOut, job_brief, job_outs
from app.api.shapes import Answer, dollars
from app.db import new_id
from app.forms import Prompt, read
from app.generation import queries, submission
from app.generation.domain import JobState
from app.generation.models import Batch
from app.generation.specs import MOST_MODELS, GenerationSpec, ModelName
from app.generation.submission import Submitted
from app.providers.contract import Operation
from app.studio import queries as session_queries
from app.studio import sessions
from app.web.rates import generation_rate

bp = APIBlueprint("api_generate", __name__, url_prefix="/api", tag="Generate")

_BATCH_ID = "019aa0c4-76f1-7a55-b001-1c2d3e4f5a6b"
_JOB_ID = "019aa0c4-76f2-7b0e-a9d0-8f1f2c3d4e5f"
_REQUEST = {"prompt": "a red fox, dawn light", "model": "sketch", "seed": 1234, "width": 768, "height": 768}
_JOB = {"id": _JOB_ID, "status": "waiting", "gpu_id": None, "seed": 1234}
ACCEPTED_EXAMPLE = {
    **_JOB, "batch_id": _BATCH_ID, "job_ids": [_JOB_ID], "count": 1, "price_estimate": "0.00", "jobs": [_JOB],
}  # fmt: skip
_ACCEPTED_BATCH = {
    "batch_id": _BATCH_ID,
    "total_count": 1,
    "gpu_assignments": {_JOB_ID: None},
    "job_ids": [_JOB_ID],
    "price_estimate": "0.00",
}


class _Request(GenerationSpec):
    """What both calls take, under the names that programs know as well."""

    prompt: Annotated[
        Prompt, Field(description="With macros: {red|blue} makes one of each. Several prompts are parted by ---.")
    ] = ""
    workspace_id: Annotated[Id | None, Field(description="Where the pictures go; default: the newest workspace.")] = (
        None
    )
    models: Annotated[
        tuple[ModelName, ...],
        Field(max_length=MOST_MODELS, description="Several models at once instead of `model`: each gets all of it."),
    ] = ()
    style_id: Annotated[Id | None, Field(description="A style of that workspace.")] = None
    image: Annotated[Id | None, Field(description="The picture to start from.")] = None
    mask: Annotated[Id | None, Field(description="For inpaint: a picture that is white where to repaint.")] = None
    last: Annotated[Id | None, Field(description="For interpolate: the picture to end with.")] = None
    params: Annotated[
        dict[str, JsonValue], Field(max_length=32, description="Of the model, as GET /api/models lists them.")
    ] = Field(default_factory=dict)
    enhanced_from: Annotated[
        Prompt, Field(description="The prompt before POST /api/prompts/enhance; kept with the picture.")
    ] = ""
    model_family: Annotated[str | None, Field(max_length=64, description="Another name for `model`.")] = None
    task_type: Annotated[Operation | None, Field(description="Another name for `operation`.")] = None

    @model_validator(mode="after")
    def _agreed(self) -> _Request:
        given = self.model_fields_set
        if self.model_family is not None and "model" in given and self.model != self.model_family:
            raise ValueError("Give model or model_family, not two different ones.")
        if self.task_type is not None and self.operation not in {None, self.task_type}:
            raise ValueError("Give operation or task_type, not two different ones.")
        if self.models and ("model" in given or self.model_family is not None):
            raise ValueError("Give models, or one model, not both.")
        return self

    def spec(self, **more: Any) -> GenerationSpec:
        """The request in the engine's own words."""
        values = {
            name: getattr(self, name) for name in GenerationSpec.model_fields if name in self.model_fields_set
        } | more
        if self.model_family is not None:
            values["model"] = self.model_family
        if self.task_type is not None:
            values["operation"] = self.task_type
        return read(GenerationSpec, values)


class GenerateBody(_Request):
    """One request. batch_size: pictures for each combination of the prompt's macros."""

    session_id: Annotated[
        Id | None, Field(description="A session that has no picture yet: one of each of its columns' models begins it.")
    ] = None


class GenerateBatchBody(_Request):
    """One request. count: pictures for each combination of the prompt's macros."""

    count: Annotated[int, Field(ge=1, le=1000)] = 1


class AcceptedOut(JobBriefOut):
    """id, status, gpu_id and seed are those of the first job: of a single picture, all there is."""

    batch_id: uuid.UUID
    job_ids: list[uuid.UUID]
    count: int
    price_estimate: Annotated[str, Field(description="US dollars for all of it.")]
    jobs: list[JobBriefOut]


class AcceptedBatchOut(Answer):
    """gpu_assignments: the lane of each job; null while it waits."""

    batch_id: uuid.UUID
    total_count: int
    gpu_assignments: dict[uuid.UUID, str | None]
    job_ids: list[uuid.UUID]
    price_estimate: Annotated[str, Field(description="US dollars for all of it.")]


@bp.post("/generate")
@needs(Scope.GENERATE)
@generation_rate
@takes_key
@bp.input(GenerateBody, arg_name="body", example=_REQUEST)
@bp.output(AcceptedOut, 202, example=ACCEPTED_EXAMPLE)
def generate(body: GenerateBody) -> tuple[AcceptedOut, int, dict[str, str]]:
    """Make pictures or videos

    The request is counted, priced and accepted as a whole, or refused as a whole. Follow the jobs with
    `GET /api/status/{job_id}` or `GET /api/live`. Without an operation the given pictures decide: none is txt2img, one
    is img2img (or what the model can), with a mask inpaint, with a last one interpolate.
    """
    if body.session_id is not None:
        started = sessions.begin(
            session_queries.session_for(me().id, body.session_id), body.spec(), key=key_given() or str(new_id())
        )
        return accepted(started.batch), 202, {} if started.created else {REPLAYED: "true"}
    submitted = _submit(body, body.spec())
    return accepted(submitted.batch), 202, replay_headers(submitted)


@bp.post("/generate/batch")
@needs(Scope.GENERATE)
@generation_rate
@takes_key
@bp.input(GenerateBatchBody, arg_name="body", example={"prompt": "a red fox", "count": 1})
@bp.output(AcceptedBatchOut, 202, example=_ACCEPTED_BATCH)
def generate_batch(body: GenerateBatchBody) -> tuple[AcceptedBatchOut, int, dict[str, str]]:
    """Make several pictures of one prompt

    The same as `POST /api/generate` with its `batch_size`, answered by where each job went.
    """
    submitted = _submit(body, body.spec(batch_size=body.count))
    jobs = queries.jobs_of(submitted.batch)
    answer = AcceptedBatchOut(
        batch_id=submitted.batch.id,
        total_count=len(jobs),
        gpu_assignments={job.id: job.lane for job in jobs},
        job_ids=[job.id for job in jobs],
        price_estimate=dollars(submitted.batch.price_estimate),
    )
    return answer, 202, replay_headers(submitted)


@bp.get("/generate/<uuid:job_id>")
@needs(Scope.READ)
@bp.output(JobOut, example=JOB_EXAMPLE)
def generation(job_id: uuid.UUID) -> JobOut:
    """Look at one job"""
    return _job(job_id)


@bp.get("/status/<uuid:job_id>")
@needs(Scope.READ)
@bp.output(JobOut, example=JOB_EXAMPLE)
def status(job_id: uuid.UUID) -> JobOut:
    """Ask how a job is doing

    The same as `GET /api/generate/{job_id}`.
    """
    return _job(job_id)


def accepted(batch: Batch) -> AcceptedOut:
    jobs = [job_brief(job) for job in queries.jobs_of(batch)]
    first = jobs[0]
    return AcceptedOut(
        id=first.id,
        status=JobState(first.status),
        gpu_id=first.gpu_id,
        seed=first.seed,
        batch_id=batch.id,
        job_ids=[job.id for job in jobs],
        count=batch.job_count,
        price_estimate=dollars(batch.price_estimate),
        jobs=jobs,
    )


def replay_headers(submitted: Submitted) -> dict[str, str]:
    return {} if submitted.created else {REPLAYED: "true"}


def _submit(body: _Request, spec: GenerationSpec) -> Submitted:
    workspace = workspace_or_newest(me().id, body.workspace_id)
    return submission.submit(workspace, spec, key=key_given() or str(new_id()))


def _job(job_id: uuid.UUID) -> JobOut:
    return job_outs([queries.job_for(me().id, job_id)])[0]
