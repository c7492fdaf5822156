"""What the form asks beside the words: each setting of each model on offer, and where it is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
