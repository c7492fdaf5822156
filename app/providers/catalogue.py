"""The models on offer, as data: catalogue.yaml, read and validated once at the start.

Forms, validation, prices and adapters read the same row, so that what is shown is what is sent is what is charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.providers.contract import Operation

CATALOGUE_FILE = Path(__file__).with_name("catalogue.yaml")
# Every process reads the catalogue as it starts: libyaml takes a tenth of the time, where the package has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadCatalogue(Exception):
    """A row cannot be used; the message names it."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameter(_Row):
    """One setting a model takes: its kind, its range or its values, its default, and where it applies."""

    kind: Literal["number", "integer", "choice", "switch"]
    label: str
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    default: float | int | str | bool | None = None
    operations: tuple[Operation, ...] = ()
    unit: str = ""
    help: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Parameter:
        if self.kind == "choice" and not self.values:
            raise ValueError("a choice needs its values")
        if self.kind in {"number", "integer"} and (self.minimum is None or self.maximum is None):
            raise ValueError("a number needs its minimum and maximum")
        return self

    def applies_to(self, operation: Operation) -> bool:
        return not self.operations or operation in self.operations


class Size(_Row):
    """Sides a model can make: each between the limits and a multiple of `step_px`."""

    min_px: int
    max_px: int
    step_px: int = 8
    default_px: int = 1024


class Price(_Row):
    """What one output costs, and where we know it from."""

    amount: Decimal
    unit: Literal["image", "video", "second"] = "image"
    source: str
    checked: str


class ProviderRow(_Row):
    name: str
    kind: Literal["builtin", "cloud", "gpu"]
    note: str = ""

    @property
    def free(self) -> bool:
        """Whether repeating a call costs nobody money, so that a lost one may simply be sent again."""
        return self.kind != "cloud"


class ModelRow(_Row):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")
    name: str
    provider: str
    endpoint: str
    aliases: tuple[str, ...] = ()
    makes: Literal["image", "video"] = "image"
    operations: tuple[Operation, ...] = Field(min_length=1)
    size: Size
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    negative_prompt: bool = False
    expected_s: float
    price: Price
    note: str = ""

    def parameters_for(self, operation: Operation) -> dict[str, Parameter]:
        return {name: row for name, row in self.parameters.items() if row.applies_to(operation)}


class Catalogue(_Row):
    providers: dict[str, ProviderRow]
    models: tuple[ModelRow, ...]

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
        return self

    @cached_property
    def _by_name(self) -> Mapping[str, ModelRow]:
        return {name: model for model in self.models for name in (model.id, *model.aliases)}

    def find(self, name: str) -> ModelRow | None:
        return self._by_name.get(name)

    def provider_of(self, model: ModelRow) -> ProviderRow:
        return self.providers[model.provider]

    def offering(self, operation: Operation) -> list[ModelRow]:
        return [model for model in self.models if operation in model.operations]


def load(path: Path = CATALOGUE_FILE) -> Catalogue:
    """Read the catalogue. Raises BadCatalogue naming the broken row."""
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both loaders are safe ones
        return Catalogue.model_validate(content)
    except yaml.YAMLError as error:
        raise BadCatalogue(f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{' > '.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
        raise BadCatalogue(f"{path.name} has broken rows:\n  " + "\n  ".join(lines)) from None
