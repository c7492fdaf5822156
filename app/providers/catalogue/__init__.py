"""The models on offer, as data: one file a provider beside this one, read and validated once at the start.

Forms, validation, prices and adapters read the same row, so that what is shown is what is sent is what is charged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pydantic import model_validator

from app.providers.catalogue.prices import Price, Rate
from app.providers.catalogue.row import Row
from app.providers.catalogue.rows import Doing, ModelRow, Parameter, ProviderRow, Retired
from app.providers.catalogue.sizes import Size
from app.providers.contract import Operation

__all__ = [
    "Catalogue",
    "Doing",
    "ModelRow",
    "Parameter",
    "Price",
    "ProviderRow",
    "Rate",
    "Resolved",
    "Retired",
    "Size",
]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The model that a name stands for today. said: why it is another one than was asked for, else empty."""

    model: ModelRow
    said: str = ""


class Catalogue(Row):
    providers: dict[str, ProviderRow]
    models: tuple[ModelRow, ...]
    retired: tuple[Retired, ...] = ()

    @model_validator(mode="after")
    def _joined_up(self) -> Catalogue:
        names: set[str] = set()
        for model in self.models:
            if model.provider not in self.providers:
                raise ValueError(f"{model.id}: there is no provider {model.provider!r}")
            for name in (model.id, *model.aliases):
                if name in names:
                    raise ValueError(f"{model.id}: the name {name!r} is taken")
                names.add(name)
        for gone in self.retired:
            if gone.name in names:
                raise ValueError(f"{gone.name}: the name is taken by a model that is on offer, or ended twice")
            names.add(gone.name)
        known = {model.id for model in self.models}
        for name, successor in (
            *((model.id, model.successor) for model in self.models),
            *((gone.name, successor) for gone in self.retired for successor in gone.successors),
        ):
            if successor is not None and successor not in known:
                raise ValueError(f"{name}: there is no successor {successor!r}")
        return self

    @cached_property
    def _by_name(self) -> Mapping[str, ModelRow]:
        return {name: model for model in self.models for name in (model.id, *model.aliases)}

    @cached_property
    def _retired(self) -> Mapping[str, Retired]:
        return {gone.name: gone for gone in self.retired}

    def find(self, name: str) -> ModelRow | None:
        """The row by its id or an alias, whether or not it is still offered: for reading what was made."""
        return self._by_name.get(name)

    def resolve(self, name: str, today: date, runs: Callable[[ModelRow], bool] = lambda _: True) -> Resolved | None:
        """The model to make something new with when this name is asked for: itself, or whatever took its place.

        runs: which models can be used; of several successors the first such one stands in, else the first of all.
        """
        gone = self._retired.get(name)
        if gone is not None:
            heirs = [heir for each in gone.successors if (heir := self.resolve(each, today, runs))]
            heir = next((each for each in heirs if runs(each.model)), heirs[0] if heirs else None)
            if heir is None:
                return None
            verb = "ended" if gone.ended < today else "ends"
            return Resolved(heir.model, f"{gone.label} {verb} on {gone.ended}; {heir.model.name} is used instead.")
        asked = model = self.find(name)
        for _ in self.models:
            if model is None or not model.is_over(today):
                break
            model = self.find(model.successor) if model.successor else None
        if asked is None or model is None or model.is_over(today):
            return None
        if model is asked:
            return Resolved(model)
        return Resolved(model, f"{asked.name} ended on {asked.available_until}; {model.name} is used instead.")

    def provider_of(self, model: ModelRow) -> ProviderRow:
        return self.providers[model.provider]

    def offering(self, operation: Operation) -> list[ModelRow]:
        return [model for model in self.models if operation in model.operations]
