"""The language models we know, as data: models.yaml, read and validated once at the start.

What is not in it can be named in the settings all the same: only its price, and what it takes, are then unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from app.llm.contract import Ask

MODELS_FILE = Path(__file__).with_name("models.yaml")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MILLION = 1_000_000
# English runs at about four characters a token and other scripts at fewer; three errs on the dear side.
_CHARS_A_TOKEN = 3
# What providers count for a picture of the size we send, at most.
_PICTURE_TOKENS = 1_600
# The frame that providers put around each message.
_MESSAGE_TOKENS = 8


class BadModels(Exception):
    """A row of models.yaml cannot be used; the message names it."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Prices(_Row):
    """US dollars for a million tokens, for calls of `from_tokens` tokens of input and more."""

    from_tokens: int = Field(ge=0)
    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)


class Offer(_Row):
    """A model. sends: fields of every call to it. temperature: whether it takes one. thinks_tokens: room for thinking,
    on top of the answer's."""

    provider: str
    model: str
    name: str
    sees: bool = False
    temperature: bool = False
    thinks_tokens: int = Field(0, ge=0)
    sends: Mapping[str, Any] = Field(default_factory=dict)
    prices: tuple[Prices, ...] = ()
    source: str = ""
    checked: date | None = None

    @model_validator(mode="after")
    def _priced_from_somewhere(self) -> Offer:
        steps = [row.from_tokens for row in self.prices]
        if steps != sorted(set(steps)) or (steps and steps[0] != 0):
            raise ValueError("prices begin at 0 tokens and rise")
        if self.prices and not (self.source and self.checked):
            raise ValueError("a price needs its source and the day it was checked")
        return self

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Exact US dollars; zero without prices."""
        row = next((row for row in reversed(self.prices) if input_tokens >= row.from_tokens), None)
        if row is None:
            return Decimal(0)
        return (row.input * input_tokens + row.output * output_tokens) / _MILLION

    def estimate(self, ask: Ask) -> Decimal | None:
        """The most a call is likely to cost; None without prices."""
        return self.cost(tokens_of(ask), ask.max_tokens + self.thinks_tokens) if self.prices else None


def known(provider: str, model: str) -> Offer:
    """The row of a model, or one that only names it."""
    return _by_name().get((provider, model)) or Offer(provider=provider, model=model, name=model)


def tokens_of(ask: Ask) -> int:
    """About how many tokens go in, rather too many than too few."""
    pictures = sum(len(message.pictures) for message in ask.messages)
    chars = len(ask.system) + sum(len(message.text) for message in ask.messages)
    return (
        spoken_tokens(chars, frames=len(ask.messages) + 1)
        + pictures * _PICTURE_TOKENS
        + (len(str(ask.schema)) // _CHARS_A_TOKEN if ask.schema else 0)
    )


def spoken_tokens(chars: int, *, frames: int = 0) -> int:
    return -(-chars // _CHARS_A_TOKEN) + frames * _MESSAGE_TOKENS


def load(path: Path = MODELS_FILE) -> tuple[Offer, ...]:
    """Read the rows. Raises BadModels naming the broken one."""
    try:
        content: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both loaders are safe ones
        rows = TypeAdapter(tuple[Offer, ...]).validate_python(content)
    except yaml.YAMLError as error:
        raise BadModels(f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        lines = [f"row {' > '.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
        raise BadModels(f"{path.name} has broken rows:\n  " + "\n  ".join(lines)) from None
    names = [(row.provider, row.model) for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise BadModels(f"{path.name} has two rows for {name[0]}:{name[1]}")
    return rows


@cache
def _by_name() -> Mapping[tuple[str, str], Offer]:
    return {(row.provider, row.model): row for row in load()}
