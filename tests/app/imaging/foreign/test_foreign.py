"""Recipes of other programs, read out of real files; and whatever else may stand where a recipe is looked for."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.imaging import foreign
from app.imaging.embedding import NAMES_READ, read_texts
from app.imaging.foreign import Recipe, comfyui
from app.imaging.foreign.shape import Lora
from app.imaging.recipe import read_recipe
from tests.app.imaging.foreign import samples

FROM_A1111 = Recipe(
    tool="A1111",
    prompt="a lighthouse at dusk, <lora:oil paint:0.7>, rain\nsecond line of it",
    negative_prompt="text, frame,\nwatermark",
    seed=3141592653,
    steps=28,
    cfg_scale=6.5,
    sampler="DPM++ 2M",
    scheduler="Karras",
    strength=0.35,
    width_px=832,
    height_px=1216,
    model="harbour XL",
    loras=(Lora("oil paint", 0.7),),
)
FROM_COMFYUI = Recipe(
    tool="ComfyUI",
    prompt="a lighthouse at dusk",
    negative_prompt="blurry",
    seed=885533221144668,
    steps=24,
    cfg_scale=5.5,
    sampler="euler",
    scheduler="normal",
    width_px=1024,
    height_px=768,
    model="harbour_xl",
    loras=(Lora("oil", 0.8),),
)
FROM_INVOKEAI = Recipe(
    tool="InvokeAI",
    prompt="a lighthouse at dusk",
    negative_prompt="text",
    seed=2718281828,
    steps=30,
    cfg_scale=7.5,
    sampler="dpmpp_2m_k",
    width_px=1024,
    height_px=1024,
    model="Harbour XL",
    loras=(Lora("Oil", 0.75),),
)
FROM_SWARMUI = Recipe(
    tool="SwarmUI",
    prompt="a lighthouse at dusk",
    negative_prompt="text",
    seed=1414213562,
    steps=22,
    cfg_scale=6.0,
    sampler="euler_ancestral",
    scheduler="karras",
    width_px=1024,
    height_px=1024,
    model="harbour_xl",
    loras=(Lora("oil", 0.6),),
)
COMFYUI_TEXT, DRAWING_TEXT = json.dumps(samples.COMFYUI), json.dumps(samples.COMFYUI_DRAWING)
SWARMUI_TEXT = json.dumps(samples.SWARMUI, indent=2)

FILES: dict[str, tuple[bytes, Recipe]] = {
    "A1111 PNG": (samples.as_png(parameters=samples.A1111), FROM_A1111),
    "A1111 JPEG": (samples.as_commented("JPEG", samples.A1111), FROM_A1111),
    "A1111 WebP": (samples.as_commented("WEBP", samples.A1111), FROM_A1111),
    "ComfyUI PNG": (samples.as_png(prompt=COMFYUI_TEXT, workflow=DRAWING_TEXT), FROM_COMFYUI),
    "ComfyUI WebP": (samples.as_comfyui_webp(samples.COMFYUI, samples.COMFYUI_DRAWING), FROM_COMFYUI),
    "InvokeAI PNG": (samples.as_png(invokeai_metadata=json.dumps(samples.INVOKEAI)), FROM_INVOKEAI),
    "SwarmUI PNG": (samples.as_png(parameters=SWARMUI_TEXT), FROM_SWARMUI),
    "SwarmUI JPEG": (samples.as_commented("JPEG", SWARMUI_TEXT), FROM_SWARMUI),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_program_is_read(name: str) -> None:
    data, expected = FILES[name]
    assert foreign.read(read_texts(data)) == expected
    mime = {"PNG": "image/png", "JPEG": "image/jpeg", "WebP": "image/webp"}[name.split()[1]]
    assert read_recipe(data, mime) == expected.stored()


def test_what_is_stored_has_our_names_and_says_whose_it_was() -> None:
    assert FROM_COMFYUI.stored() == {
        "tool": "ComfyUI",
        "prompt": "a lighthouse at dusk",
        "negative_prompt": "blurry",
        "seed": 885533221144668,
        "model": "harbour_xl",
        "width_px": 1024,
        "height_px": 768,
        "params": {"steps": 24, "cfg_scale": 5.5, "sampler": "euler", "scheduler": "normal"},
        "loras": [{"name": "oil", "weight": 0.8}],
    }


def test_a_graph_with_a_guider_is_followed_to_its_words_and_its_noise() -> None:
    recipe = comfyui.read({"prompt": json.dumps(samples.COMFYUI_GUIDED)})
    assert recipe == Recipe(
        tool="ComfyUI",
        prompt="a heron in fog\na heron",
        seed=99,
        steps=20,
        sampler="heun",
        scheduler="beta",
        width_px=1344,
        height_px=768,
        model="flow-dev",
    )


def test_the_drawing_of_a_graph_is_enough() -> None:
    recipe = comfyui.read({"workflow": DRAWING_TEXT})
    assert recipe is not None
    assert (recipe.prompt, recipe.negative_prompt, recipe.seed) == ("a heron", "fog", 156680208700286)
    assert (recipe.steps, recipe.cfg_scale, recipe.model) == (20, 8.0, "harbour")
    assert (recipe.width_px, recipe.height_px) == (512, 640)


def test_numbers_that_are_no_json_do_not_spoil_a_graph() -> None:
    text = COMFYUI_TEXT.replace("[null]", "[NaN]")
    assert "NaN" in text
    assert comfyui.read({"prompt": text}) == FROM_COMFYUI


def test_negative_words_pass_a_control_net_by_their_own_slot() -> None:
    graph: dict[str, Any] = json.loads(COMFYUI_TEXT)
    graph["40"] = {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["6", 0], "negative": ["7", 0]}}
    graph["3"]["inputs"] |= {"positive": ["40", 0], "negative": ["40", 1]}
    recipe = comfyui.read({"prompt": json.dumps(graph)})
    assert recipe is not None
    assert (recipe.prompt, recipe.negative_prompt) == ("a lighthouse at dusk", "blurry")


def test_invokeai_before_version_three_kept_the_negative_prompt_in_brackets() -> None:
    data = samples.as_png(sd_metadata=json.dumps(samples.INVOKEAI_OLD))
    recipe = foreign.read(read_texts(data))
    assert recipe is not None
    assert (recipe.prompt, recipe.negative_prompt) == ("a lighthouse at dusk", "blurry, text")
    assert (recipe.seed, recipe.model, recipe.sampler) == (1618033988, "harbour-1.5", "k_lms")


def test_a_circle_of_nodes_ends() -> None:
    graph: dict[str, Any] = json.loads(COMFYUI_TEXT)
    graph["20"]["inputs"] = {"value": ["20", 0]}
    graph["6"]["inputs"] = {"conditioning_1": ["6", 0], "conditioning_2": ["6", 1], "text": ["6", 0]}
    graph["10"]["inputs"]["model"] = ["10", 0]
    graph["5"]["inputs"] = {"samples": ["5", 0]}
    recipe = comfyui.read({"prompt": json.dumps(graph)})
    assert recipe is not None
    assert (recipe.prompt, recipe.seed) == ("", 885533221144668)


def test_a_graph_made_to_be_slow_is_read_in_no_time() -> None:
    # Every conditioning joins the two before it: without a memory that is two to the power of their number.
    graph: dict[str, Any] = json.loads(COMFYUI_TEXT)
    for index in range(1000, 2500):
        link = [[str(index + 1), 0], [str(index + 1), 1]]
        graph[str(index)] = {"class_type": "C", "inputs": {"conditioning_1": link[0], "conditioning_2": link[1]}}
    graph["3"]["inputs"]["positive"] = ["1000", 0]
    text = json.dumps(graph, separators=(",", ":"))
    begun = time.process_time()
    comfyui.read({"prompt": text})
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", '{"3": 5}', '{"nodes": {}}', "[" * 100_000, '{"a":' * 50_000, "{" * 300_000, "\ud800"],
    ids=range(10),
)
def test_what_is_no_recipe_is_none(text: str) -> None:
    assert foreign.read(dict.fromkeys(NAMES_READ, text)) is None


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_KEYS = st.sampled_from(
    ["3", "6", "class_type", "inputs", "positive", "negative", "seed", "guider", "noise", "model", "loras", "image",
     "prompt", "sui_image_params", "nodes", "links", "id", "type", "widgets_values", "name", "link", "width", "text"]
)  # fmt: skip
_JSON = st.recursive(
    _LEAVES | st.tuples(_KEYS, st.integers(0, 2)).map(list),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=30,
)


@given(value=_JSON)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_json_can_make_a_reader_fail(value: Any) -> None:
    text = json.dumps(value)
    recipe = foreign.read(dict.fromkeys(NAMES_READ, text))
    assert recipe is None or json.dumps(recipe.stored(), allow_nan=False)


@given(which=st.sampled_from(sorted(FILES)), where=st.floats(0, 1), with_what=_LEAVES)
@settings(max_examples=150)
def test_a_recipe_with_any_value_replaced_is_still_read_or_refused(which: str, where: float, with_what: Any) -> None:
    texts = read_texts(FILES[which][0])
    for name, text in texts.items():
        try:
            data = json.loads(text)
        except ValueError:
            cut = int(where * len(text))
            texts[name] = text[:cut] + str(with_what) + text[cut + 1 :]
            continue
        holders = list(_holders(data))
        holder, key = holders[int(where * (len(holders) - 1))]
        holder[key] = with_what
        texts[name] = json.dumps(data)
    recipe = foreign.read(texts)
    assert recipe is None or json.dumps(recipe.stored(), allow_nan=False)


def _holders(value: Any) -> Any:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _holders(value[key])
