"""ComfyUI: the graph that was run (`prompt`), or the drawing of it (`workflow`), in the picture.

A graph has no prompt of its own: the sampler is found, and its links are followed to the words, the model, the size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.imaging.embedding.names import GRAPH, WORKFLOW
from app.imaging.foreign import drawing, shape
from app.imaging.foreign.shape import Lora, Recipe

NODES_MOST = 3_000
# No path through a graph that people draw is longer; a circle ends here as well.
LINKS_MOST = 200

_LATENTS = ("latent_image", "latent", "samples", "image", "images", "pixels", "source")
_WORDS = ("text", "string", "value", "prompt", "text_g", "text_l", "t5xxl", "clip_l", "wildcard_text", "populated_text")
_CONDITIONINGS = ("conditioning", "conditioning_1", "conditioning_2", "conditioning_to", "conditioning_from")
_MODELS = ("ckpt_name", "unet_name", "model_name", "gguf_name")


@dataclass(frozen=True, slots=True)
class _Node:
    kind: str
    inputs: Mapping[str, Any]


_Graph = Mapping[str, _Node]


def read(texts: Mapping[str, str]) -> Recipe | None:
    """Its recipe. Never raises."""
    data = shape.json_object(texts.get(GRAPH, ""))
    recipe = _recipe(_graph(data)) if data is not None else None
    if recipe is None:
        drawn = shape.json_object(texts.get(WORKFLOW, ""))
        recipe = _recipe(_graph(drawing.as_graph(drawn, NODES_MOST))) if drawn is not None else None
    return recipe if recipe and recipe.says_something else None


def _graph(data: Mapping[str, Any]) -> _Graph:
    nodes = {}
    for key, row in list(data.items())[:NODES_MOST]:
        node = shape.table(row)
        if isinstance(node.get("class_type"), str):
            nodes[key] = _Node(node["class_type"], shape.table(node.get("inputs")))
    return nodes


def _recipe(graph: _Graph) -> Recipe | None:
    sampler = _first_sampler(graph)
    if sampler is None:
        return None
    guider = _at(graph, sampler.inputs.get("guider")) or sampler
    sigmas = _at(graph, sampler.inputs.get("sigmas")) or sampler
    noise = _at(graph, sampler.inputs.get("noise")) or sampler
    select = _at(graph, sampler.inputs.get("sampler")) or sampler
    width_px, height_px = _size(graph, sampler)
    model, loras = _model(graph, guider.inputs.get("model") or sampler.inputs.get("model"))

    def said(node: _Node, *names: str) -> Any:
        return next((value for each in names if (value := _value(graph, node.inputs.get(each))) is not None), None)

    return Recipe(
        tool="ComfyUI",
        prompt=_words(graph, guider.inputs.get("positive") or guider.inputs.get("conditioning")),
        negative_prompt=_words(graph, guider.inputs.get("negative")),
        seed=shape.whole(said(noise, "seed", "noise_seed")),
        steps=shape.whole(said(sigmas, "steps")),
        cfg_scale=shape.number(said(guider, "cfg", "guidance")),
        sampler=shape.name(said(select, "sampler_name")),
        scheduler=shape.name(said(sigmas, "scheduler")),
        strength=_strength(said(sigmas, "denoise")),
        width_px=width_px,
        height_px=height_px,
        model=model,
        loras=loras,
    )


def _strength(denoise: Any) -> float | None:
    """1 is what painting from words has: nothing worth telling."""
    found = shape.number(denoise)
    return None if found == 1 else found


def _first_sampler(graph: _Graph) -> _Node | None:
    """Of several samplers the one that begins: the later ones enlarge or refine what it made."""
    keys = [key for key, node in graph.items() if _samples(node)]
    beginning = [key for key in keys if not _samples_before(graph, graph[key])]
    chosen = min(beginning or keys, key=_in_order, default=None)
    return graph[chosen] if chosen is not None else None


def _samples(node: _Node) -> bool:
    has = node.inputs
    return ("positive" in has and bool({"seed", "noise_seed"} & has.keys())) or ("guider" in has and "noise" in has)


def _samples_before(graph: _Graph, node: _Node) -> bool:
    return any(_samples(earlier) for earlier in _upstream(graph, node, _LATENTS))


def _in_order(key: str) -> tuple[int, str]:
    return (int(key), key) if key.isascii() and key.isdigit() and len(key) < 10 else (10**9, key)


def _at(graph: _Graph, link: Any) -> _Node | None:
    """The node that a link [key, slot] comes from."""
    if not isinstance(link, list) or len(link) != 2 or not isinstance(link[0], (str, int)):
        return None
    return graph.get(str(link[0]))


def _upstream(graph: _Graph, node: _Node, names: tuple[str, ...]) -> Iterator[_Node]:
    """Back along the first of these inputs that is linked, node by node."""
    for _ in range(LINKS_MOST):
        earlier = next((found for name in names if (found := _at(graph, node.inputs.get(name)))), None)
        if earlier is None:
            return
        yield earlier
        node = earlier


def _value(graph: _Graph, value: Any) -> Any:
    """A value, or what the nodes that hand it on were given."""
    for _ in range(LINKS_MOST):
        node = _at(graph, value)
        if node is None:
            return value if isinstance(value, (str, int, float)) else None
        names = ("value", "seed", "noise_seed", "int", "float", "number", "string", "text", "Value", "Number")
        value = next((node.inputs[name] for name in names if name in node.inputs), None)
    return None


def _words(graph: _Graph, link: Any) -> str:
    """Every text that flows into a conditioning, in order."""
    found: list[str] = []
    seen: set[tuple[str, int]] = set()
    waiting = [link]
    while waiting and len(seen) < LINKS_MOST:
        link = waiting.pop()
        node = _at(graph, link)
        if node is None:
            continue
        slot = link[1] if isinstance(link[1], int) else 0
        place = (str(link[0]), slot)
        if place in seen or "ZeroOut" in node.kind:
            continue
        seen.add(place)
        inputs = node.inputs
        if "positive" in inputs or "negative" in inputs:
            # Such as a ControlNet: both pass through it, each by its own slot.
            waiting.append(inputs.get("negative" if slot == 1 else "positive"))
            continue
        further = [inputs[name] for name in _CONDITIONINGS if _at(graph, inputs.get(name))]
        if further:
            waiting.extend(reversed(further))
            continue
        texts = (shape.prose(_joined(graph, inputs.get(name))) for name in _WORDS)
        found.extend(text for text in dict.fromkeys(texts) if text and text not in found)
    return shape.prose("\n".join(found))


def _joined(graph: _Graph, value: Any) -> Any:
    """A text, or the texts that a node puts together."""
    node = _at(graph, value)
    if node is None:
        return value
    parts = [_value(graph, each) for name, each in sorted(node.inputs.items()) if name.startswith(("text", "string"))]
    texts = [part for part in parts if isinstance(part, str) and part]
    if len(texts) > 1:
        delimiter = node.inputs.get("delimiter")
        return (delimiter if isinstance(delimiter, str) and len(delimiter) < 10 else ", ").join(texts[:20])
    return _value(graph, value)


def _size(graph: _Graph, sampler: _Node) -> tuple[int | None, int | None]:
    for node in _upstream(graph, sampler, _LATENTS):
        width = shape.side(_value(graph, node.inputs.get("width")))
        height = shape.side(_value(graph, node.inputs.get("height")))
        if width and height:
            return width, height
    return None, None


def _model(graph: _Graph, link: Any) -> tuple[str | None, tuple[Lora, ...]]:
    """The checkpoint at the end of the line of models, and the LoRAs on the way."""
    loras: list[Lora] = []
    start = _at(graph, link)
    if start is None:
        return None, ()
    for node in (start, *_upstream(graph, start, ("model",))):
        lora = shape.file_name(node.inputs.get("lora_name"))
        if lora and len(loras) < shape.LORAS_MOST:
            loras.append(Lora(lora, shape.number(_value(graph, node.inputs.get("strength_model")))))
        for name in _MODELS:
            model = shape.file_name(_value(graph, node.inputs.get(name)))
            if model:
                return model, tuple(reversed(loras))
    return None, tuple(reversed(loras))
