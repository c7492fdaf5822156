"""From a request to the jobs it means: counted first, by arithmetic, and only then written out.

The same plan answers "what would this make and cost?" (`count`) and "make it" (`plan`), so a price that was shown is
the price that is charged.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from pydantic import JsonValue

from app.db import db
from app.errors import AppError
from app.extensions import settings
from app.generation.choosing import Offered, model_called, offered_to, refuse
from app.generation.domain import join_prompt, seeds_for
from app.generation.errors import BadParameter, TooLargeForModel, TooManyPictures
from app.generation.frames import refuse_too_large
from app.generation.given import Given, size_in_pixels
from app.generation.models import ModelSpeed
from app.generation.parameters import parameters_of, size_of
from app.generation.pricing import price_of
from app.generation.specs import GenerationSpec
from app.library import service as library
from app.prompts.expand import Expansion, How, sample
from app.prompts.plan import Plan as MacroPlan
from app.prompts.plan import plan as plan_macros
from app.prompts.templates import count_label
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.wildcards.reading import templates_of
from app.workspaces.models import Style, Theme, Workspace


@dataclass(frozen=True, slots=True)
class Counted:
    """What a request comes to before anything is built.

    combinations: of the macros, over all templates. pictures: what would be made with the request's own pick.
    label: the sum for the badge, such as "3 × 2 = 6". price_each, seconds_each: of one prompt's picture in every model
    that was asked; models work at the same time, so the seconds are the slowest one's.
    notes: what to know about a model that is not the one whose name was asked for. own_key: the person pays the
    providers themselves.
    """

    combinations: int
    pictures: int
    label: str
    price_each: Decimal
    seconds_each: float
    models: int = 1
    notes: tuple[str, ...] = ()
    own_key: bool = False

    @property
    def price(self) -> Decimal:
        return self.price_each * (self.pictures // self.models)


@dataclass(frozen=True, slots=True)
class Call:
    """What one model is told besides words and seed; all of its jobs in a batch share it. own_key: and on whose key."""

    model: ModelRow
    operation: Operation
    width_px: int
    height_px: int
    params: dict[str, JsonValue]
    inputs: dict[str, str]
    price: Decimal
    own_key: bool


@dataclass(frozen=True, slots=True)
class PlannedJob:
    call: Call
    template: str
    choices: list[dict[str, JsonValue]]
    variant: str
    prompt_sent: str
    seed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that goes into rows; what all jobs of the batch share stands here once."""

    negative_sent: str
    style: dict[str, JsonValue]
    context: list[dict[str, JsonValue]]
    jobs: list[PlannedJob]

    @property
    def price(self) -> Decimal:
        return sum((job.call.price for job in self.jobs), Decimal(0))


def count(workspace: Workspace, spec: GenerationSpec) -> Counted:
    """Count and price a request. Raises MacroError, UnknownModel, UnsupportedOperation and TooLargeForModel, but never
    "too many"."""
    offered = offered_to(workspace.owner_id)
    models, notes = _models(spec, offered)
    asked = [(model, _operation(spec, model, offered)) for model in models]
    given = Given(workspace, spec)
    templates = _templates(workspace, spec)
    combinations = sum(plan.total for _, plan in templates)
    return Counted(
        combinations=combinations,
        pictures=_picked(spec, combinations) * spec.batch_size * len(asked),
        label=count_label([plan for _, plan in templates]),
        price_each=sum((_price_shown(given, model, offered) for model, _ in asked), Decimal(0)),
        seconds_each=max(seconds_of(model, operation) for model, operation in asked),
        models=len(asked),
        notes=notes,
        own_key=all(offered.is_on_own_key(model) for model in models),
    )


def plan(workspace: Workspace, spec: GenerationSpec, *, rng: random.Random) -> Plan:
    """The jobs of a request. Raises TooManyPictures before anything is expanded, and the refusals of bad input."""
    given = Given(workspace, spec)
    style = given.style()
    theme = db.session.get(Theme, workspace.theme_id) if workspace.theme_id else None
    offered = offered_to(workspace.owner_id)
    calls = [_call(given, model, offered) for model in _models(spec, offered)[0]]
    from_words = any(call.operation is Operation.TXT2IMG for call in calls)
    if from_words and not spec.prompt.strip():
        raise BadParameter("prompt", "Write what the picture should show.")
    templates = _templates(workspace, spec)
    pictures = _picked(spec, sum(macro.total for _, macro in templates)) * spec.batch_size * len(calls)
    if pictures > settings().macro_limit:
        raise TooManyPictures(pictures, settings().macro_limit)
    seed = spec.seed if spec.seed is not None or style is None else style.seed
    texts = list(_texts(templates, spec, rng))
    if from_words and not all(expansion.prompt.strip() for _, expansion in texts):
        raise BadParameter("prompt", "One of the combinations is empty. Give every option a word, or write around it.")
    return Plan(
        negative_sent=join_prompt(spec.negative_prompt, style.negative if style else ""),
        style=_remembered(style, theme),
        context=_context(workspace.owner_id, spec),
        jobs=_jobs(calls, texts, spec.batch_size, seed, theme, style, rng),
    )


def _call(given: Given, model: ModelRow, offered: Offered) -> Call:
    spec = given.spec
    operation = _operation(spec, model, offered)
    inputs, source = given.inputs(operation)
    size = size_of(spec, model, given.style(), source, operation)
    if source is not None:
        refuse_too_large(model, operation, size_in_pixels(source), size, offered)
    params = parameters_of(spec, model, operation, given.style())
    into = given.counted_in_price(model, source)
    own_key = offered.is_on_own_key(model)
    return Call(
        model=model,
        operation=operation,
        width_px=size[0],
        height_px=size[1],
        params=params,
        inputs=inputs,
        price=price_of(model, operation, params, size, into, own_key=own_key),
        own_key=own_key,
    )


def _price_shown(given: Given, model: ModelRow, offered: Offered) -> Decimal:
    """The price of one as it would be charged; while something is still missing, what one costs at least."""
    try:
        return _call(given, model, offered).price
    except TooLargeForModel:
        raise
    except AppError:
        return model.price.lowest


def _jobs(
    calls: list[Call],
    texts: list[tuple[str, Expansion]],
    batch_size: int,
    seed: int | None,
    theme: Theme | None,
    style: Style | None,
    rng: random.Random,
) -> list[PlannedJob]:
    """A given seed starts every combination's run of seeds, so that only the words differ between them; without one
    no two prompts share theirs. All models get the same words and seeds, so that a comparison is one of models."""
    random_seeds = iter(seeds_for(len(texts) * batch_size, None, rng))
    jobs = []
    for template, expansion in texts:
        sent = join_prompt(theme.base_prompt if theme else "", expansion.prompt, style.positive if style else "")
        choices: list[dict[str, JsonValue]] = [{"label": c.label, "text": c.text} for c in expansion.choices]
        seeds = (
            seeds_for(batch_size, seed, rng) if seed is not None else [next(random_seeds) for _ in range(batch_size)]
        )
        jobs += [
            PlannedJob(call, template, choices, str(expansion.index), sent, each) for each in seeds for call in calls
        ]
    return jobs


def _texts(
    templates: list[tuple[str, MacroPlan]], spec: GenerationSpec, rng: random.Random
) -> Iterator[tuple[str, Expansion]]:
    wanted = _picked(spec, sum(macro.total for _, macro in templates))
    shares = _shares([macro.total for _, macro in templates], wanted)
    how = How.RANDOM if spec.pick == "random" or spec.mode == "random" else How.EVEN if spec.pick == "even" else How.ALL
    if spec.mode == "cyclical":
        how = How.CYCLICAL
    macro_seed = spec.seed if spec.seed is not None else rng.getrandbits(32)
    for (template, macro), share in zip(templates, shares, strict=True):
        for expansion in sample(macro, share, how, seed=macro_seed):
            yield template, expansion


def _templates(workspace: Workspace, spec: GenerationSpec) -> list[tuple[str, MacroPlan]]:
    """What the prompt holds; without any words one empty template, for what needs none."""
    return templates_of(workspace.id, spec.prompt) or [("", plan_macros(""))]


def _picked(spec: GenerationSpec, combinations: int) -> int:
    """How many prompts are made of so many combinations."""
    if spec.pick == "all" or spec.pick_count is None:
        return combinations
    return min(spec.pick_count, combinations)


def _shares(totals: list[int], wanted: int) -> list[int]:
    """Deal `wanted` out over templates, fairly and to none more than it has."""
    if wanted >= sum(totals):
        return totals
    shares = [0] * len(totals)
    while wanted > 0:
        hungry = [index for index, total in enumerate(totals) if shares[index] < total]
        for index in hungry:
            if wanted > 0:
                more = min(max(wanted // len(hungry), 1), totals[index] - shares[index], wanted)
                shares[index] += more
                wanted -= more
    return shares


def _models(spec: GenerationSpec, offered: Offered) -> tuple[list[ModelRow], tuple[str, ...]]:
    """The models asked, in their order, and what to say about them.

    Raises UnknownModel, SwitchedOff, NeedsKey, and BadParameter for one that is asked twice.
    """
    found = [model_called(name, offered) for name in spec.models or (spec.model,)]
    models = [model for model, _ in found]
    if len({model.id for model in models}) < len(models):
        raise BadParameter("models", "Name each model once.")
    return models, tuple(said for _, said in found if said)


def _operation(spec: GenerationSpec, model: ModelRow, offered: Offered) -> Operation:
    """The operation asked for, or what the inputs call for; refused with an alternative if the model cannot."""
    operation = spec.operation
    if operation is None:
        if spec.image is None:
            wanted = [Operation.TXT2IMG]
        elif spec.mask is not None:
            wanted = [Operation.INPAINT]
        elif spec.last is not None:
            wanted = [Operation.INTERPOLATE]
        else:
            wanted = [Operation.IMG2IMG, Operation.UPSCALE, Operation.IMG2VID]
        operation = next((each for each in wanted if each in model.operations), wanted[0])
    if operation not in model.operations:
        raise refuse(model, operation, offered)
    return operation


def _context(owner_id: uuid.UUID, spec: GenerationSpec) -> list[dict[str, JsonValue]]:
    """The earlier turns as the job's row keeps them; a picture that is gone, or was never the person's, is left out."""
    turns = []
    for turn in spec.history:
        there = turn.image is not None and library.is_there(owner_id, turn.image)
        turns.append(turn.model_copy(update={"image": turn.image if there else None}).model_dump(mode="json"))
    return turns


def _remembered(style: Style | None, theme: Theme | None) -> dict[str, JsonValue]:
    """Style and theme as they were, because both may be edited or deleted later."""
    remembered: dict[str, JsonValue] = {}
    if style is not None:
        remembered["style"] = {
            "id": str(style.id), "name": style.name, "positive": style.positive, "negative": style.negative,
        }  # fmt: skip
    if theme is not None:
        remembered["theme"] = {"id": str(theme.id), "name": theme.name, "base_prompt": theme.base_prompt}
    return remembered


def seconds_measured(operation: Operation) -> dict[str, float]:
    """Measured seconds of such a job on its fastest lane, by model; those nobody ever ran are not in it."""
    measured = sa.select(ModelSpeed.model, sa.func.min(ModelSpeed.seconds)).where(ModelSpeed.operation == operation)
    return {model: float(seconds) for model, seconds in db.session.execute(measured.group_by(ModelSpeed.model))}


def seconds_of(model: ModelRow, operation: Operation) -> float:
    """Measured seconds of such a job on its fastest lane, or the catalogue's guess."""
    measured = db.session.scalar(
        sa.select(sa.func.min(ModelSpeed.seconds)).where(
            ModelSpeed.model == model.id, ModelSpeed.operation == operation
        )
    )
    return float(measured) if measured is not None else model.expected_for(operation)
