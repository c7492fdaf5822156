"""What pictures can be made with: models, LoRAs, and the places where jobs run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.domain import Scope
from app.api.guards import needs
from app.api.shapes import Answer, dollars
from app.generation import lanes, planning
from app.providers.catalogue import ModelRow, Parameter
from app.providers.contract import Operation
from app.providers.registry import catalogue

bp = APIBlueprint("api_catalogue", __name__, url_prefix="/api", tag="Models")

_MODEL = {
    "id": "sketch",
    "name": "Sketch",
    "aliases": [],
    "provider": "sketch",
    "provider_name": "Sketch",
    "note": "Paints small lit scenes from your words, on this machine. Built-in, no AI model.",
    "makes": "image",
    "operations": ["txt2img", "img2img"],
    "size": {"min": 64, "max": 2048, "step": 8, "default": 768},
    "negative_prompt": True,
    "parameters": [
        {
            "name": "strength",
            "kind": "number",
            "label": "Strength",
            "minimum": 0,
            "maximum": 1,
            "values": [],
            "default": 0.6,
            "operations": ["img2img"],
            "unit": "",
            "help": "0 keeps the source, 1 forgets it",
        }
    ],
    "price": {"amount": "0.00", "unit": "image", "source": "made on this machine", "checked": "2026-11-20"},
    "expected_s": 1.2,
}


class ParameterOut(Answer):
    """A setting for `params`. operations: where it applies; empty for everywhere."""

    name: str
    kind: Literal["number", "integer", "choice", "switch"]
    label: str
    minimum: float | None
    maximum: float | None
    values: list[str]
    default: float | int | str | bool | None
    operations: list[Operation]
    unit: str
    help: str


class SizeOut(Answer):
    """Sides in pixels: from min to max, in multiples of step."""

    min: int
    max: int
    step: int
    default: int


class PriceOut(Answer):
    """US dollars for one unit, where we know it from, and the day it was looked up."""

    amount: str
    unit: Literal["image", "video", "second", "megapixel"]
    source: str
    checked: str


class ModelOut(Answer):
    id: str
    name: str
    aliases: list[str]
    provider: str
    provider_name: str
    note: str
    makes: Literal["image", "video"]
    operations: list[Operation]
    size: SizeOut
    negative_prompt: Annotated[bool, Field(description="Whether it understands one.")]
    parameters: list[ParameterOut]
    price: PriceOut
    expected_s: Annotated[float, Field(description="Seconds one takes, measured where we could.")]


class ModelPageOut(Answer):
    items: list[ModelOut]
    next: str | None


class LoraOut(Answer):
    """A LoRA found on a GPU node."""

    name: str


class LoraPageOut(Answer):
    items: list[LoraOut]
    next: str | None


class GpuOut(Answer):
    """A GPU node of one's own."""

    id: str
    name: str


class LaneOut(Answer):
    """A place where jobs run. slots: how many at once."""

    id: str
    name: str
    kind: str
    slots: int
    models: list[str]


class GpuPageOut(Answer):
    """items: GPU nodes. lanes: every place where jobs run, the built-in engine included."""

    items: list[GpuOut]
    next: str | None
    lanes: list[LaneOut]


@bp.get("/models")
@needs(Scope.READ)
@bp.output(ModelPageOut, example={"items": [_MODEL], "next": None})
def models() -> ModelPageOut:
    """List the models with what they can do, take and cost"""
    return ModelPageOut(items=[_model_out(row) for row in catalogue().models], next=None)


@bp.get("/loras")
@needs(Scope.READ)
@bp.output(LoraPageOut, example={"items": [], "next": None})
def loras() -> LoraPageOut:
    """List the LoRAs of the GPU nodes

    Empty while no GPU node is connected.
    """
    return LoraPageOut(items=[], next=None)


@bp.get("/gpus")
@needs(Scope.READ)
@bp.output(
    GpuPageOut,
    example={
        "items": [],
        "next": None,
        "lanes": [{"id": "sketch", "name": "Sketch", "kind": "builtin", "slots": 2, "models": ["sketch"]}],
    },
)
def gpus() -> GpuPageOut:
    """List the GPU nodes and every other place where jobs run"""
    places = [
        LaneOut(id=lane.id, name=lane.name, kind=lane.kind, slots=lane.slots, models=list(lane.models))
        for lane in lanes.configured()
    ]
    return GpuPageOut(items=[], next=None, lanes=places)


def _model_out(row: ModelRow) -> ModelOut:
    provider = catalogue().provider_of(row)
    return ModelOut(
        id=row.id,
        name=row.name,
        aliases=list(row.aliases),
        provider=row.provider,
        provider_name=provider.name,
        note=row.note,
        makes=row.makes,
        operations=list(row.operations),
        size=SizeOut(min=row.size.min_px, max=row.size.max_px, step=row.size.step_px, default=row.size.default_px),
        negative_prompt=row.negative_prompt,
        parameters=[_parameter_out(name, parameter) for name, parameter in row.parameters.items()],
        price=PriceOut(
            amount=dollars(row.price.amount), unit=row.price.unit, source=row.price.source, checked=row.price.checked
        ),
        expected_s=planning.seconds_of(row, next(iter(row.operations))),
    )


def _parameter_out(name: str, parameter: Parameter) -> ParameterOut:
    facts: dict[str, Any] = parameter.model_dump()
    return ParameterOut(
        name=name, **{key: list(value) if isinstance(value, tuple) else value for key, value in facts.items()}
    )
