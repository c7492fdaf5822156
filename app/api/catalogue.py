"""What pictures can be made with: models, LoRAs, and the places where jobs run."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.guards import needs
from app.api.shapes import Answer, dollars
from app.generation import lanes, planning
from app.generation.choosing import Offered, best_of, offered_to
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
    "size": {"min": 64, "max": 2048, "step": 8, "default": 768, "only": [], "ratios": []},
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
    "available": True,
    "own_key": False,
    "recommended": False,
    "available_until": None,
    "successor": None,
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
    """Sides in pixels: from min to max, in multiples of step. A wish is fitted to the nearest in shape.

    only: the sizes it makes, [width, height], when it makes no others. ratios: the shapes it makes, when it takes
    shapes instead of sizes.
    """

    min: int
    max: int
    step: int
    default: int
    only: list[tuple[int, int]]
    ratios: list[str]


class PriceOut(Answer):
    """US dollars for one unit at the least, where we know it from, and the day it was looked up. What a request costs
    is told by `price_estimate` where it is asked for."""

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
    available: Annotated[bool, Field(description="Whether you can use it now: it is switched on and has a key.")]
    own_key: Annotated[bool, Field(description="Whether it runs on your own key at its provider.")]
    recommended: Annotated[bool, Field(description="The best value of those you can use.")]
    available_until: Annotated[date | None, Field(description="Its last day, where one is known.")]
    successor: Annotated[str | None, Field(description="The model its name stands for after that day.")]


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
    offered = offered_to(me().id)
    usable = {row.id for row in offered.models()}
    best = best_of(offered)
    return ModelPageOut(
        items=[_model_out(row, offered, usable=row.id in usable, best=row.id == best) for row in catalogue().models],
        next=None,
    )


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


def _model_out(row: ModelRow, offered: Offered, *, usable: bool, best: bool) -> ModelOut:
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
        size=SizeOut(
            min=row.size.min_px,
            max=row.size.max_px,
            step=row.size.step_px,
            default=row.size.default_px,
            only=list(row.size.only),
            ratios=list(row.size.ratios),
        ),
        negative_prompt=row.negative_prompt,
        parameters=[_parameter_out(name, parameter) for name, parameter in row.parameters.items()],
        price=PriceOut(
            amount=dollars(row.price.lowest), unit=row.price.unit, source=row.price.source, checked=row.price.checked
        ),
        expected_s=planning.seconds_of(row, next(iter(row.operations))),
        available=usable,
        own_key=usable and offered.is_on_own_key(row),
        recommended=best,
        available_until=row.available_until,
        successor=row.successor,
    )


def _parameter_out(name: str, parameter: Parameter) -> ParameterOut:
    facts: dict[str, Any] = parameter.model_dump()
    return ParameterOut(
        name=name, **{key: list(value) if isinstance(value, tuple) else value for key, value in facts.items()}
    )
