"""Requests as the engine would make them from the catalogue's rows, for adapters to be tried with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from app.providers.catalogue import Catalogue, ModelRow, reading
from app.providers.contract import Operation, Output, Outputs, Progress, Provider, Request, Turn
from tests.app.imaging.files import encoded

PICTURES = {
    Operation.IMG2IMG: ("image",),
    Operation.ITERATE: ("image",),
    Operation.INPAINT: ("image", "mask"),
    Operation.OUTPAINT: ("image",),
    Operation.UPSCALE: ("image",),
    Operation.IMG2VID: ("image",),
    Operation.INTERPOLATE: ("first", "last"),
}
EXPAND = {"left": 64, "top": 0, "right": 64, "bottom": 32}
SOURCE_PX = (400, 300)


@cache
def shipped() -> Catalogue:
    return reading.load()


def rows_of(provider: str) -> Iterator[tuple[ModelRow, Operation]]:
    """Every operation of every model of a provider."""
    for model in shipped().models:
        if model.provider == provider:
            for operation in model.operations:
                yield model, operation


def named(model: ModelRow, operation: Operation) -> str:
    return f"{model.id}-{operation}"


def request_for(name: str, operation: Operation, folder: Path, **changes: Any) -> Request:
    """With pictures, default parameters and the size, as the engine would ask."""
    model = shipped().find(name)
    assert model is not None, name
    files = {role: picture(folder, role) for role in PICTURES.get(operation, ())}
    params: dict[str, Any] = {
        name: row.default for name, row in model.parameters_for(operation).items() if row.default is not None
    }
    size = model.size.fitted(model.size.default_px, model.size.default_px)
    if operation in {Operation.INPAINT, Operation.ITERATE}:
        size = SOURCE_PX
    if operation is Operation.OUTPAINT:
        params["expand"] = EXPAND
        size = (SOURCE_PX[0] + EXPAND["left"] + EXPAND["right"], SOURCE_PX[1] + EXPAND["top"] + EXPAND["bottom"])
    request = Request(
        reference="0190-job.1",
        operation=operation,
        endpoint=model.endpoint_for(operation),
        prompt="a fox in the snow",
        negative_prompt="blurry" if model.negative_prompt else "",
        seed=1234,
        width_px=size[0],
        height_px=size[1],
        aspect=model.size.ratio_of(*size),
        wire=model.wire_for(operation),
        params=params,
        files=files,
    )
    return replace(request, **changes)


def picture(folder: Path, role: str, size: tuple[int, int] = SOURCE_PX) -> Path:
    """A file of ours; for `mask` an ellipse to be repainted, soft at nothing."""
    path = folder / f"{role}.png"
    if role == "mask":
        image = Image.new("L", size)
        ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill=255)
    else:
        shade = Image.linear_gradient("L").resize(size)
        image = Image.merge("RGB", (shade, shade.point(lambda level: 255 - level), Image.new("L", size, 9 * len(role))))
    path.write_bytes(encoded(image))
    return path


def history(folder: Path) -> tuple[Turn, ...]:
    """Three earlier turns: one kept, one rejected, one that failed and has no picture."""
    return (
        Turn("a fox", picture(folder, "earlier"), "kept"),
        Turn("make it night", picture(folder, "middle"), "rejected"),
        Turn("add a moon", None, "failed"),
    )


def outputs_of(provider: Provider, request: Request) -> Outputs:
    """The whole way: sent, and followed where it is not answered at once."""
    answer = provider.submit(request)
    if isinstance(answer, Outputs):
        return answer
    *progress, last = provider.follow(answer)
    assert all(isinstance(each, Progress) for each in progress)
    assert isinstance(last, Outputs)
    return last


def only(outputs: Outputs) -> Output:
    (output,) = outputs.items
    return output
