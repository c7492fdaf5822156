"""What may be said about workspaces, themes and styles."""

from __future__ import annotations

import uuid
from typing import Annotated

from pydantic import Field

from app.forms import Body, Name, Prompt, Seed

_Side = Annotated[int, Field(ge=16, le=8192)]


class WorkspaceBody(Body):
    name: Name
    theme_id: uuid.UUID | None = None


class ThemeBody(Body):
    name: Name
    base_prompt: Prompt = ""
    description: Prompt = ""


class StyleBody(Body):
    """cfg_scale: how closely a model follows the words. steps: of its sampler. Empty means: the model's own."""

    name: Name
    positive: Prompt = ""
    negative: Prompt = ""
    cfg_scale: Annotated[float, Field(ge=0, le=30)] | None = None
    steps: Annotated[int, Field(ge=1, le=150)] | None = None
    seed: Seed | None = None
    sampler: Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_+ .-]*$")] | None = None
    width_px: _Side | None = None
    height_px: _Side | None = None
