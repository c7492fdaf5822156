"""The rows of the catalogue: what a provider is, what a model is, takes and makes, and how long it is offered."""

from __future__ import annotations

from datetime import date
from importlib.util import find_spec
from typing import Any, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from app.provider_heads import Head
from app.providers.catalogue.prices import Price
from app.providers.catalogue.row import Row
from app.providers.catalogue.sizes import Size
from app.providers.contract import Operation

MODEL_ID = r"^[a-z0-9][a-z0-9.-]{0,63}$"


class Parameter(Row):
    """One setting a model takes: its kind, its range or its values, its default, and where it applies.

    A default is always sent, so that what the provider would choose by itself can never cost more than was shown.
    """

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
        if self.kind == "choice" and self.default is not None and self.default not in self.values:
            raise ValueError(f"the default {self.default!r} is none of the values")
        if self.kind in {"number", "integer"} and (self.minimum is None or self.maximum is None):
            raise ValueError("a number needs its minimum and maximum")
        return self

    def applies_to(self, operation: Operation) -> bool:
        return not self.operations or operation in self.operations


class Doing(Row):
    """How one operation is asked of one model, where it differs from the model's own.

    wire: what only the adapter understands: names of fields, forced arguments; put over the model's.
    composite: the provider may touch pixels outside the mask or the old frame, so they are put back from the source.
    """

    endpoint: str = ""
    wire: dict[str, JsonValue] = Field(default_factory=dict)
    composite: bool = False
    expected_s: float | None = None


class ProviderRow(Head, Row):
    """All there is to say about a provider; its settings and its line under Provider keys follow from the `Head`.

    adapter: `module:Class`, imported when the first job needs it and called with address and key (a built-in one with
    the settings). slots: jobs at once on one account. requests_per_minute: new ones at most, None where nobody limits
    them. keys_at: the page on which a person makes a key.
    """

    kind: Literal["builtin", "cloud", "gpu"]
    adapter: str = Field(pattern=r"^[\w.]+:[\w.]+$")
    note: str = ""
    slots: int = Field(4, ge=1)
    requests_per_minute: int | None = Field(None, ge=1)
    keys_at: str = ""

    @field_validator("adapter")
    @classmethod
    def _is_there(cls, adapter: str) -> str:
        """Looked for, not loaded: a web process paints nothing."""
        module = adapter.partition(":")[0]
        try:
            found = find_spec(module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise ValueError(f"there is no module {module}")
        return adapter

    @model_validator(mode="after")
    def _reachable(self) -> ProviderRow:
        if self.kind == "cloud" and not (self.base_url and self.key_setting):
            raise ValueError("a provider in the cloud needs its base_url and the key_setting of its key")
        return self

    @property
    def free(self) -> bool:
        """Whether repeating a call costs nobody money, so that a lost one may simply be sent again."""
        return self.kind != "cloud"


class ModelRow(Row):
    """One model. family: how prompts are written for it. available_until: its last day, None while none is known.

    successor: the model that takes its place then. unverified: what nobody could check against the provider yet.
    """

    id: str = Field(pattern=MODEL_ID)
    name: str
    provider: str
    endpoint: str = ""
    family: str = ""
    aliases: tuple[str, ...] = ()
    makes: Literal["image", "video"] = "image"
    operations: dict[Operation, Doing] = Field(min_length=1)
    size: Size
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    negative_prompt: bool = False
    seeded: bool = True
    wire: dict[str, JsonValue] = Field(default_factory=dict)
    expected_s: float
    price: Price
    available_until: date | None = None
    successor: str | None = None
    unverified: str = ""
    note: str = ""

    @field_validator("operations", mode="before")
    @classmethod
    def _plain_list(cls, given: Any) -> Any:
        """A list of names stands for operations that are all asked in the model's own way."""
        return {name: {} for name in given} if isinstance(given, list | tuple) else given

    @model_validator(mode="after")
    def _whole(self) -> ModelRow:
        if not all(doing.endpoint or self.endpoint for doing in self.operations.values()):
            raise ValueError("every operation needs an endpoint, its own or the model's")
        for name in self.price.conditions - {"operation"}:
            if name not in self.parameters:
                raise ValueError(f"a price depends on {name!r}, which is no parameter")
        return self

    @property
    def main_operation(self) -> Operation:
        """What the model is chosen for: painting from words, else animating, else the first thing that it does."""
        mainly = (Operation.TXT2IMG, Operation.IMG2VID, *self.operations)
        return next(operation for operation in mainly if operation in self.operations)

    def parameters_for(self, operation: Operation) -> dict[str, Parameter]:
        return {name: row for name, row in self.parameters.items() if row.applies_to(operation)}

    def endpoint_for(self, operation: Operation) -> str:
        return self.operations[operation].endpoint or self.endpoint

    def wire_for(self, operation: Operation) -> dict[str, JsonValue]:
        return {**self.wire, **self.operations[operation].wire}

    def expected_for(self, operation: Operation) -> float:
        """Seconds, as long as nobody measured."""
        own = self.operations[operation].expected_s if operation in self.operations else None
        return self.expected_s if own is None else own

    def is_over(self, today: date) -> bool:
        return self.available_until is not None and today > self.available_until


class Retired(Row):
    """A name that nothing answers to any more. ended: its last day. successors: the models to use in its place, the
    nearest first."""

    name: str = Field(pattern=MODEL_ID)
    label: str
    ended: date
    successors: tuple[str, ...] = Field(min_length=1)
    note: str = ""
