"""Pictures by generateContent: what goes out, and which of an answer's parts is the picture.

There is no mask here. What to repaint is shown by a second picture and told in words, and an extension lies on a grey
canvas; the untouched rest is put back from the source afterwards. A conversation goes along as pictures and words, not
as turns of the model: those must carry signatures that only the very answers had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.imaging.compositing import Part
from app.outbound import Reply, from_base64
from app.providers.contract import Operation, Outputs, Request
from app.providers.conversation import shown, told
from app.providers.gemini.refusals import NAME, withheld
from app.providers.gemini.wire import Wire
from app.providers.maskless import shown_and_told
from app.providers.pictures import Picture, file_of, stored
from app.providers.waiting import output_of

# All of a request may weigh about 20 MB, a third of which is base64.
_MOST_BYTES = 14_000_000
# An edge that a canvas for edits has about, by resolution: no larger than weighs little enough.
_CANVAS_PX = {"1K": 1024, "2K": 2048, "4K": 2048}
_MOST_SAID = 500


def body_of(request: Request, wire: Wire) -> tuple[dict[str, Any], Part | None]:
    """The body, and where on the result the asked-for frame lies. Raises ProviderError."""
    part: Part | None = None
    words, images = request.prompt, list[Picture]()
    if request.operation in {Operation.INPAINT, Operation.OUTPAINT}:
        edge_px = _CANVAS_PX.get(str(request.params.get("resolution", "1K")), 1024)
        images, words, part = shown_and_told(request, edge_px)
    elif request.operation is not Operation.TXT2IMG:
        earlier = shown(request, wire.most_images - 1) if request.operation is Operation.ITERATE else []
        paths = [file_of(request, "image"), *(turn.image for turn in earlier if turn.image is not None)]
        images = [stored(path, most_bytes=_MOST_BYTES // len(paths)) for path in paths]
        words = told(request, earlier) if request.operation is Operation.ITERATE else words
    parts = [*map(_inline, images), {"text": words}]
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": _settings(request)}, part


def _settings(request: Request) -> dict[str, Any]:
    shape = {"aspectRatio": request.aspect}
    if (resolution := request.params.get("resolution")) is not None:
        shape["imageSize"] = str(resolution)
    settings: dict[str, Any] = {"responseModalities": ["IMAGE"], "imageConfig": shape}
    if (thinking := request.params.get("thinking")) is not None:
        settings["thinkingConfig"] = {"thinkingLevel": str(thinking).upper()}
    return settings


def _inline(picture: Picture) -> dict[str, Any]:
    return {"inlineData": {"mimeType": picture.mime, "data": picture.base64}}


def outputs_of(reply: Reply, request: Request, wire: Wire, part: Part | None) -> Outputs:
    """What a 2xx answer holds. Raises ProviderError for one without a picture, Garbled for what makes no sense."""
    said = reply.object()
    pictures, words = _found(said)
    if not pictures:
        raise withheld(said, words)
    # Drafts are marked as thoughts; of several pictures the last is the one it settled on.
    data = from_base64(pictures[-1])
    usage = said.get("usageMetadata")
    notes = {
        "model": said.get("modelVersion") or request.endpoint,
        "request_id": said.get("responseId"),
        "usage": usage,
        "said": words[:_MOST_SAID],
    }
    cost = wire.cost(usage, str(request.params.get("resolution", "")))
    kept = {name: value for name, value in notes.items() if value}
    return Outputs((output_of(NAME, data, part),), cost, kept)


def _found(said: Mapping[str, Any]) -> tuple[list[str], str]:
    """Pictures in base64 and words, in order, of the first candidate; thoughts left out."""
    pictures, words = list[str](), list[str]()
    for part in _parts(said):
        inline = part.get("inlineData") or part.get("inline_data")
        if isinstance(inline, Mapping) and isinstance(inline.get("data"), str) and inline["data"]:
            pictures.append(inline["data"])
        elif isinstance(part.get("text"), str):
            words.append(part["text"])
    return pictures, " ".join(" ".join(words).split())


def _parts(said: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    candidates = said.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    content = first.get("content") if isinstance(first, Mapping) else None
    parts = content.get("parts") if isinstance(content, Mapping) else None
    listed = parts if isinstance(parts, list) else []
    return [part for part in listed if isinstance(part, Mapping) and not part.get("thought")]
