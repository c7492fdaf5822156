from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.providers.contract import Operation, Outputs, Request
from app.providers.sketch import Sketch


@pytest.fixture
def sketch(tmp_path: Path) -> Sketch:
    return Sketch(tmp_path / "ledger.db")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A photo-like little picture: blue above, a red block, green below."""
    image = Image.new("RGB", (96, 80), (120, 170, 230))
    image.paste((60, 130, 60), (0, 50, 96, 80))
    image.paste((200, 40, 30), (38, 24, 58, 62))
    path = tmp_path / "source.png"
    image.save(path)
    return path


def request_for(operation: Operation, prompt: str = "a red fox, dawn", **changes: Any) -> Request:
    given: dict[str, Any] = {"reference": "r-1", "endpoint": "sketch", "seed": 7, "width_px": 96, "height_px": 80}
    return Request(operation=operation, prompt=prompt, **{**given, **changes})


@pytest.fixture
def make(sketch: Sketch) -> Callable[..., Outputs]:
    """Submit and follow to the end; returns the outputs."""

    def run(operation: Operation, prompt: str = "a red fox, dawn", **changes: Any) -> Outputs:
        *_, last = sketch.follow(sketch.submit(request_for(operation, prompt, **changes)))
        assert isinstance(last, Outputs)
        return last

    return run
