"""Iterate and outpaint: going on from pictures, in a session or on one's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import Field, model_validator

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.guards import needs
from app.api.idempotency import REPLAYED, key_given, takes_key
from app.api.ids import Id
from app.api.shapes import Answer, dollars
from app.db import db, new_id
from app.errors import AppError, NotFound
from app.forms import Body, Prompt
from app.generation import queries as jobs
from app.generation.domain import JobState
from app.generation.models import Batch
from app.generation.specs import ModelName
from app.imaging.framing import PRESETS, Sides
from app.library import service as library
from app.library.models import Asset
from app.studio import alone, queries, steps
from app.studio.models import Session, Take
from app.web.rates import generation_rate

bp = APIBlueprint("api_refine", __name__, url_prefix="/api", tag="Generate")

MOST_PICTURES = 42  # six columns, each with its seven
_IMAGE_ID = "019aa0c4-7a10-7cc1-9d55-3f2b8f6f4a10"
_ACCEPTED = {
    "session_id": None,
    "iterations": [
        {
            "image_id": _IMAGE_ID,
            "model": "sketch",
            "number": None,
            "batch_id": "019aa0c4-76f1-7a55-b001-1c2d3e4f5a6b",
            "job_id": "019aa0c4-76f2-7b0e-a9d0-8f1f2c3d4e5f",
            "status": "waiting",
        }
    ],
    "refused": [],
    "price_estimate": "0.00",
}


class _Refine(Body):
    images: Annotated[
        list[Id], Field(min_length=1, max_length=MOST_PICTURES, description="The pictures to go on from.")
    ]
    session_id: Annotated[Id | None, Field(description="A session they stand in: each goes on in its own column.")] = (
        None
    )
    model: Annotated[
        ModelName | None, Field(description="Without a session: default is the model that made the picture.")
    ] = None

    @model_validator(mode="after")
    def _agreed(self) -> _Refine:
        if self.session_id is not None and self.model is not None:
            raise ValueError("In a session each column has its model: leave model out.")
        if len(set(self.images)) < len(self.images):
            raise ValueError("Name each picture once.")
        return self


class IterateBody(_Refine):
    """One change by words to each picture."""

    prompt: Annotated[Prompt, Field(min_length=1, description="What to change, such as “make the sky more purple”.")]


class SidesBody(Body):
    """Pixels to add."""

    left: Annotated[int, Field(ge=0, le=8192)] = 0
    top: Annotated[int, Field(ge=0, le=8192)] = 0
    right: Annotated[int, Field(ge=0, le=8192)] = 0
    bottom: Annotated[int, Field(ge=0, le=8192)] = 0


class OutpaintBody(_Refine):
    """Give a preset or sides. prompt: what is beyond the frame; default is what the picture began with."""

    preset: Annotated[
        Literal["16:9", "9:16", "1:1", "4:3", "all"] | None, Field(description="all: every side by half.")
    ] = None
    sides: SidesBody | None = None
    prompt: Prompt = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> OutpaintBody:
        if (self.preset is None) == (self.sides is None):
            raise ValueError(f"Give a preset ({', '.join(PRESETS)}) or sides, one of them.")
        return self


class IterationOut(Answer):
    """image_id: what it goes on from. number: its place in its column; null outside of sessions."""

    image_id: uuid.UUID
    model: str
    number: int | None
    batch_id: uuid.UUID
    job_id: uuid.UUID
    status: JobState


class RefusedOut(Answer):
    """A picture that could not follow, while others did."""

    image_id: uuid.UUID
    code: str
    message: str


class RefinedOut(Answer):
    session_id: uuid.UUID | None
    iterations: list[IterationOut]
    refused: list[RefusedOut]
    price_estimate: Annotated[str, Field(description="US dollars for all of it.")]


_Answer = tuple[RefinedOut, int, dict[str, str]]


@bp.post("/iterate")
@needs(Scope.GENERATE)
@generation_rate
@takes_key
@bp.input(IterateBody, arg_name="body", example={"images": [_IMAGE_ID], "prompt": "make the sky more purple"})
@bp.output(RefinedOut, 202, example=_ACCEPTED)
def iterate(body: IterateBody) -> _Answer:
    """Change pictures by words

    Each picture on its own: one that cannot follow is told in `refused` and does not stop the others. In a session the
    last turns of the picture's branch are sent along.
    """
    key = key_given() or str(new_id())
    if body.session_id is not None:
        return _in_session(body, lambda session, takes: steps.iterate(session, takes, body.prompt, key=key))
    return _alone(body, lambda asset: alone.iterate(asset, body.prompt, model=body.model, key=_own(key, asset)))


@bp.post("/outpaint")
@needs(Scope.GENERATE)
@generation_rate
@takes_key
@bp.input(OutpaintBody, arg_name="body", example={"images": [_IMAGE_ID], "preset": "16:9"})
@bp.output(RefinedOut, 202, example=_ACCEPTED)
def outpaint(body: OutpaintBody) -> _Answer:
    """Extend the frame of pictures

    A preset becomes each picture's own pixels; the picture itself stays unmoved.
    """
    key = key_given() or str(new_id())
    preset = body.preset or ""
    sides = Sides(**body.sides.model_dump()) if body.sides is not None else None
    if body.session_id is not None:
        return _in_session(
            body,
            lambda session, takes: steps.outpaint(
                session, takes, preset=preset, sides=sides, prompt=body.prompt, key=key
            ),
        )
    return _alone(
        body,
        lambda asset: alone.outpaint(
            asset, preset=preset, sides=sides, prompt=body.prompt, model=body.model, key=_own(key, asset)
        ),
    )


def _own(key: str, asset: Asset) -> str:
    return f"{key[:160]}:{asset.id}"


def _in_session(body: _Refine, act: Callable[[Session, Sequence[Take]], steps.Outcome]) -> _Answer:
    owner_id = me().id
    session = queries.session_for(owner_id, body.session_id or uuid.UUID(int=0))
    assets = {library.image_for(owner_id, each).job_id: each for each in body.images}
    columns = {column.id: column for column in queries.columns_of([session.id])}
    takes = [take for take, _ in queries.takes_of(list(columns)) if take.job_id in assets]
    takes.sort(key=lambda take: body.images.index(assets[take.job_id]))
    if len(takes) < len(assets):
        raise NotFound("picture in this session")
    sources = {take.id: assets[take.job_id] for take in takes}
    outcome = act(session, takes)
    iterations = [
        _iteration(sources[made.take.parent_id or made.take.id], made.batch, made.take.number) for made in outcome.made
    ]
    followed = {made.take.parent_id for made in outcome.made}
    left = [take for take in takes if take.id not in followed]
    refused = [
        RefusedOut(image_id=sources[take.id], code=each.error.code, message=each.error.message)
        for take, each in zip(left, outcome.refused, strict=True)
    ]
    price = sum((made.batch.price_estimate for made in outcome.made), Decimal(0))
    replayed = not any(made.created for made in outcome.made)
    return _answer(session.id, iterations, refused, price, replayed=replayed)


def _alone(body: _Refine, act: Callable[[Asset], alone.Made]) -> _Answer:
    assets = [library.image_for(me().id, each) for each in body.images]
    ids = [asset.id for asset in assets]
    iterations, refused, price, replayed = [], [], Decimal(0), True
    first: AppError | None = None
    for asset, asset_id in zip(assets, ids, strict=True):
        try:
            made = act(asset)
        except AppError as error:
            db.session.rollback()
            first = first or error
            refused.append(RefusedOut(image_id=asset_id, code=error.code, message=error.message))
            continue
        iterations.append(_iteration(asset_id, made.batch, None))
        price += made.batch.price_estimate
        replayed = replayed and not made.created
    if not iterations and first is not None:
        raise first
    return _answer(None, iterations, refused, price, replayed=replayed)


def _iteration(image_id: uuid.UUID, batch: Batch, number: int | None) -> IterationOut:
    job = jobs.jobs_of(batch)[0]
    return IterationOut(
        image_id=image_id,
        model=job.model,
        number=number,
        batch_id=batch.id,
        job_id=job.id,
        status=JobState(job.state),
    )


def _answer(
    session_id: uuid.UUID | None,
    iterations: list[IterationOut],
    refused: list[RefusedOut],
    price: Decimal,
    *,
    replayed: bool,
) -> _Answer:
    answer = RefinedOut(session_id=session_id, iterations=iterations, refused=refused, price_estimate=dollars(price))
    return answer, 202, {REPLAYED: "true"} if replayed else {}
