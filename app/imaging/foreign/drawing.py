"""ComfyUI's drawing of a graph, brought into the form that is run: links by name, widgets by what they are.

A drawing keeps a node's own values as a bare list, in the order of the node's widgets: known here for the nodes that
say what a recipe asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.imaging.foreign import shape

_LINKS_MOST = 10_000
# A node that is switched off: muted, or bypassed.
_OFF = {2, 4}

_WIDGETS: Mapping[str, tuple[str, ...]] = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("add_noise", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
    "SamplerCustom": ("add_noise", "noise_seed", "", "cfg"),
    "RandomNoise": ("noise_seed", ""),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "CFGGuider": ("cfg",),
    "FluxGuidance": ("guidance",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "EmptyLatentImage": ("width", "height", "batch_size"),
    "EmptySD3LatentImage": ("width", "height", "batch_size"),
    "PrimitiveNode": ("value", ""),
    "PrimitiveInt": ("value", ""),
    "PrimitiveString": ("value",),
    "PrimitiveStringMultiline": ("value",),
}


def as_graph(drawn: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The graph of a drawing: {key: {"class_type", "inputs"}}. Nodes that are switched off are left out."""
    links = {}
    for link in shape.items(drawn.get("links"), _LINKS_MOST):
        if isinstance(link, list) and len(link) >= 5 and isinstance(link[0], int):
            links[link[0]] = [str(link[1]), link[2]]
    graph: dict[str, Any] = {}
    for node in map(shape.table, shape.items(drawn.get("nodes"), most)):
        kind = node.get("type")
        mode = node.get("mode")
        if not isinstance(kind, str) or (isinstance(mode, int) and mode in _OFF):
            continue
        inputs = _widgets(kind, node.get("widgets_values"))
        for row in map(shape.table, shape.items(node.get("inputs"), 64)):
            link = row.get("link")
            if isinstance(row.get("name"), str) and isinstance(link, int) and link in links:
                inputs[row["name"]] = links[link]
        graph[str(node.get("id"))] = {"class_type": kind, "inputs": inputs}
    return graph


def _widgets(kind: str, values: Any) -> dict[str, Any]:
    if isinstance(values, dict):  # some nodes keep them by name
        return dict(list(values.items())[:64])
    named = zip(_WIDGETS.get(kind, ()), shape.items(values, 64), strict=False)
    return {name: value for name, value in named if name}
