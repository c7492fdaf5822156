"""What the form offers beside the words: the models, and each setting of theirs where it is asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app import money
from app.durations import spoken
from app.generation import planning
from app.generation.choosing import Offered, best_of, offered_to, usual_price
from app.playground.create_form import model_for
from app.providers.catalogue import ModelRow, Parameter
from app.providers.contract import Operation
from app.providers.registry import catalogue

# What the form can do with a picture; without one it paints from words.
OFFERED = (
    Operation.TXT2IMG,
    Operation.IMG2IMG,
    Operation.INPAINT,
    Operation.OUTPAINT,
    Operation.ITERATE,
    Operation.UPSCALE,
    Operation.IMG2VID,
)


# What a model is picked for; the others are tools that choose themselves.
_CHOSEN_FOR = (Operation.TXT2IMG, Operation.IMG2VID)
_ABLE = {
    Operation.TXT2IMG: "paints from words",
    Operation.ITERATE: "changes by words",
    Operation.IMG2IMG: "redraws",
    Operation.INPAINT: "repaints parts",
    Operation.OUTPAINT: "extends",
    Operation.UPSCALE: "enlarges",
    Operation.IMG2VID: "animates",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One model of the picker, as the template reads it.

    unit_price: dollars of one picture or video with the settings it starts with, as text; empty when it is free.
    does: operations the form can ask of it, itself or by its provider's tool for that. able: the same in words.
    wants_key: it runs once there is a key at its provider. own_key: it runs on the person's own.
    """

    id: str
    name: str
    provider: str
    price_text: str
    unit_price: str
    seconds_text: str
    note: str
    about: str
    able: str
    does: tuple[Operation, ...]
    takes_negative: bool
    seeded: bool
    recommended: bool
    wants_key: bool
    own_key: bool
    built_in: bool


def choices(owner_id: uuid.UUID) -> list[Choice]:
    """Every model that is offered: what is built in after the others, those that only want a key last. Tools for
    pictures choose themselves."""
    offered = offered_to(owner_id)
    listed = [model for model in offered.in_the_list() if model.main_operation in _CHOSEN_FOR]
    prices = {model.id: usual_price(model, offered) for model in listed}
    seconds = {operation: planning.seconds_measured(operation) for operation in _CHOSEN_FOR}
    best = best_of(offered)
    found = [_choice(model, offered, prices[model.id], seconds, recommended=model.id == best) for model in listed]
    return sorted(found, key=lambda choice: (choice.wants_key, choice.built_in))


def settings_of(choices: Iterable[Choice]) -> list[Setting]:
    """The fields for the models that can be chosen."""
    chosen = [catalogue().find(choice.id) for choice in choices]
    return settings(model for model in chosen if model is not None)


def _choice(
    model: ModelRow,
    offered: Offered,
    price: Decimal,
    seconds: Mapping[Operation, Mapping[str, float]],
    *,
    recommended: bool,
) -> Choice:
    main = model.main_operation
    provider = catalogue().provider_of(model)
    takes_s = seconds[main].get(model.id, model.expected_for(main))
    # What paints from words is helped by its provider's tools; a tool only does its own work.
    helped = main is Operation.TXT2IMG
    does = tuple(each for each in OFFERED if each in model.operations or (helped and _can(model, each)))
    return Choice(
        id=model.id,
        name=model.name,
        provider=provider.name,
        price_text=money.show(price),
        unit_price=str(price) if price else "",
        seconds_text=spoken(takes_s),
        note="on your key" if offered.is_on_own_key(model) else provider.note if provider.free else "",
        about=model.note,
        able=", ".join(_ABLE[operation] for operation in does),
        does=does,
        takes_negative=model.negative_prompt,
        seeded=model.seeded,
        recommended=recommended,
        wants_key=not offered.can_run(model),
        own_key=offered.is_on_own_key(model),
        built_in=provider.kind == "builtin",
    )


def _can(model: ModelRow, operation: Operation) -> bool:
    doing = catalogue().find(model_for(model.id, operation))
    return doing is not None and operation in doing.operations


@dataclass(frozen=True, slots=True)
class Setting:
    """One field. id: unlike any other, for two models may mean different ranges by one name. places: where it is asked,
    as "model/operation" with the model that is chosen in the form."""

    id: str
    name: str
    parameter: Parameter
    places: tuple[str, ...]


def settings(models: Iterable[ModelRow]) -> list[Setting]:
    """The fields for these models, in the order of the catalogue. Fields that mean the same are one."""
    found: dict[tuple[str, str], tuple[Parameter, list[str]]] = {}
    for chosen in models:
        for operation in OFFERED:
            doing = catalogue().find(model_for(chosen.id, operation))
            if doing is None or operation not in doing.operations:
                continue
            for name, parameter in doing.parameters_for(operation).items():
                _, places = found.setdefault((name, parameter.model_dump_json()), (parameter, []))
                places.append(f"{chosen.id}/{operation}")
    counts: dict[str, int] = {}
    fields = []
    for (name, _), (parameter, places) in found.items():
        counts[name] = counts.get(name, 0) + 1
        field_id = name if counts[name] == 1 else f"{name}-{counts[name]}"
        fields.append(Setting(field_id, name, parameter, tuple(places)))
    return fields
