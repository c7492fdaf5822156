"""What a person asks for, validated: the same object whether it came by form or by API."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.forms import Body, Prompt, Seed
from app.providers.contract import Operation

MOST_SIDE_PX = 8192
MOST_MODELS = 6
MOST_TURNS = 3

ModelName = Annotated[str, Field(max_length=64)]


class EarlierTurn(Body):
    """A step of the conversation that a request continues: what was asked, and the picture that came of it."""

    prompt: Prompt = ""
    image: uuid.UUID | None = None
    outcome: Literal["", "kept", "rejected", "failed"] = ""


class GenerationSpec(Body):
    """One request: it expands to jobs as templates x macro choices x seeds x models.

    prompt may hold macros and several templates parted by lines of `---`. models: several at once, instead of `model`.
    operation None: whatever the inputs call for. seed None: random. pick: which of a macro's combinations to make.
    history: the last turns of the conversation this continues, oldest first. enhanced_from: what the person wrote
    before a language model or our rules made `prompt` of it.
    """

    prompt: Prompt = ""
    negative_prompt: Prompt = ""
    model: ModelName = "sketch"
    models: Annotated[tuple[ModelName, ...], Field(max_length=MOST_MODELS)] = ()
    operation: Operation | None = None
    style_id: uuid.UUID | None = None
    batch_size: Annotated[int, Field(ge=1, le=1000)] = 1
    seed: Seed | None = None
    width: Annotated[int, Field(ge=16, le=MOST_SIDE_PX)] | None = None
    height: Annotated[int, Field(ge=16, le=MOST_SIDE_PX)] | None = None
    params: Annotated[dict[str, JsonValue], Field(max_length=32)] = Field(default_factory=dict)
    image: uuid.UUID | None = None
    mask: uuid.UUID | None = None
    last: uuid.UUID | None = None
    mode: Literal["combinatorial", "random", "cyclical"] = "combinatorial"
    pick: Literal["all", "even", "random"] = "all"
    pick_count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    history: Annotated[tuple[EarlierTurn, ...], Field(max_length=MOST_TURNS)] = ()
    enhanced_from: Prompt = ""

    def fingerprint(self, workspace_id: uuid.UUID) -> str:
        """The same for equal requests in the same workspace, whatever order their fields came in."""
        content = json.dumps([str(workspace_id), self.stored()], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(content.encode("ascii")).hexdigest()

    def stored(self) -> dict[str, Any]:
        """As kept with the batch: JSON, without what was left at its default."""
        return self.model_dump(mode="json", exclude_defaults=True)
