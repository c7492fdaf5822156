"""Which model a name stands for: here, today, for this person.

Between the catalogue and a job stand four questions: is there such a model, or what took its place; did staff switch
it off; is there a key it can run on; can it do what is asked. Each no is a sentence with the nearest way on.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.accounts import provider_keys
from app.db import utc_now
from app.extensions import settings
from app.generation.errors import NeedsKey, NeedsPicture, SwitchedOff, UnknownModel, UnsupportedOperation
from app.generation.pricing import price_of
from app.offers import service as offers
from app.providers.catalogue import ModelRow
from app.providers.catalogue.value import best_value
from app.providers.contract import Operation
from app.providers.registry import catalogue


@dataclass(frozen=True, slots=True)
class Offered:
    """What one person may use now, read once for a request.

    own: providers they have a key of their own at. shared: providers that run for everybody.
    """

    own: frozenset[str]
    shared: frozenset[str]
    today: date

    def can_run(self, model: ModelRow) -> bool:
        return model.provider in self.own or model.provider in self.shared

    def is_on_own_key(self, model: ModelRow) -> bool:
        return model.provider in self.own

    def models(self) -> list[ModelRow]:
        """Every model they could use now, in the catalogue's order."""
        return [model for model in self.in_the_list() if self.can_run(model)]

    def in_the_list(self) -> list[ModelRow]:
        """Every model that is offered, the ones that only want a key included."""
        enabled = offers.overrides().is_enabled
        return [model for model in catalogue().models if enabled(model) and not model.is_over(self.today)]

    def doing(self, operation: Operation) -> list[ModelRow]:
        return [model for model in self.models() if operation in model.operations]


def offered_to(owner_id: uuid.UUID) -> Offered:
    known = settings()
    shared = {
        provider_id
        for provider_id, row in catalogue().providers.items()
        if row.kind == "builtin" or known.key_for(provider_id)
    }
    return Offered(provider_keys.providers_of(owner_id), frozenset(shared), utc_now().date())


def usual_price(model: ModelRow, offered: Offered) -> Decimal:
    """What one costs with the model's own settings and size, for lists; what is asked for has its own price."""
    operation = model.main_operation
    params = {name: row.default for name, row in model.parameters_for(operation).items() if row.default is not None}
    size = model.size.fitted(model.size.default_px, model.size.default_px)
    into = [] if operation is Operation.TXT2IMG else [size]
    return price_of(model, operation, params, size, into, own_key=offered.is_on_own_key(model))


def best_of(offered: Offered) -> str | None:
    """The id of the model to recommend to this person."""
    return best_value((model, usual_price(model, offered)) for model in offered.models())


def model_called(name: str, offered: Offered) -> tuple[ModelRow, str]:
    """The model that a name stands for, and a sentence when it is not the one that was asked for.

    Raises UnknownModel, SwitchedOff and NeedsKey.
    """
    enabled = offers.overrides().is_enabled
    found = catalogue().resolve(name, offered.today, lambda heir: enabled(heir) and offered.can_run(heir))
    if found is None:
        raise UnknownModel(name, [row.id for row in offered.models()])
    model = found.model
    if not enabled(model):
        raise SwitchedOff(model.name, nearest_of(model, offered.models()))
    if not offered.can_run(model):
        raise NeedsKey(model.name, catalogue().provider_of(model).name, nearest_of(model, offered.models()))
    return model, found.said


def said_of(names: Iterable[str], day: date, used: Collection[str]) -> list[str]:
    """What there was to say on a day about the names that were asked for. used: the ids of the models that ran."""
    found = [catalogue().resolve(name, day, lambda heir: heir.id in used) for name in names]
    return [each.said for each in found if each is not None and each.said]


def refuse(model: ModelRow, operation: Operation, offered: Offered) -> UnsupportedOperation | NeedsPicture:
    """The refusal of what a model cannot do, with the nearest one that can."""
    nearest = nearest_of(model, offered.doing(operation))
    if operation is Operation.TXT2IMG:
        return NeedsPicture(model.name, nearest)
    return UnsupportedOperation(model.name, operation, [nearest] if nearest else [])


def nearest_of(model: ModelRow, others: Iterable[ModelRow]) -> str:
    """The name of the model most like it: of the same kind, provider and price, in this order; empty when none is."""
    best = min(
        (other for other in others if other.id != model.id),
        key=lambda other: (
            other.makes != model.makes,
            len(model.operations.keys() - other.operations.keys()),
            other.provider != model.provider,
            abs(other.price.lowest - model.price.lowest),
        ),
        default=None,
    )
    return best.name if best is not None else ""
