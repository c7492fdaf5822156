"""What other programs write into their pictures, as they write it; the words and names are ours."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image, PngImagePlugin

A1111 = (
    "a lighthouse at dusk, <lora:oil paint:0.7>, rain\n"
    "second line of it\n"
    "Negative prompt: text, frame,\nwatermark\n"
    "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 3141592653, Size: 832x1216, "
    "Model hash: 31e35c80fc, Model: harbour XL, Denoising strength: 0.35, Hires upscale: 2, Clip skip: 2, "
    'Lora hashes: "oil paint: 8f1e2d3c", Version: v1.10.1'
)

COMFYUI: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 885533221144668, "steps": 24, "cfg": 5.5, "sampler_name": "euler", "scheduler": "normal",
            "denoise": 1.0, "model": ["10", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base/harbour_xl.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 1024, "height": 768, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["20", 0], "clip": ["10", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["10", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["30", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "out", "images": ["8", 0]}, "is_changed": [None]},
    "10": {
        "class_type": "LoraLoader",
        "inputs": {
            "lora_name": "oil.safetensors", "strength_model": 0.8, "strength_clip": 1, "model": ["4", 0],
            "clip": ["4", 1],
        },
    },
    "20": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a lighthouse at dusk"}},
    # The second pass, over what the first one made.
    "30": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 7, "steps": 12, "cfg": 5.5, "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 0.4,
            "model": ["10", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["31", 0],
        },
    },
    "31": {
        "class_type": "LatentUpscale",
        "inputs": {"samples": ["3", 0], "width": 2048, "height": 1536, "upscale_method": "nearest-exact"},
    },
}  # fmt: skip

COMFYUI_GUIDED: dict[str, Any] = {
    "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "flow-dev.safetensors", "weight_dtype": "default"}},
    "2": {"class_type": "CLIPTextEncodeFlux", "inputs": {"clip_l": "a heron", "t5xxl": "a heron in fog"}},
    "3": {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["2", 0], "negative": ["12", 0]}},
    "4": {"class_type": "FluxGuidance", "inputs": {"conditioning": ["3", 0], "guidance": 3.5}},
    "5": {"class_type": "BasicGuider", "inputs": {"model": ["1", 0], "conditioning": ["4", 0]}},
    "6": {"class_type": "RandomNoise", "inputs": {"noise_seed": 99}},
    "7": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "heun"}},
    "8": {"class_type": "BasicScheduler", "inputs": {"scheduler": "beta", "steps": 20, "denoise": 1}},
    "9": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 1344, "height": 768, "batch_size": 1}},
    "10": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {
            "noise": ["6", 0], "guider": ["5", 0], "sampler": ["7", 0], "sigmas": ["8", 0], "latent_image": ["9", 0],
        },
    },
    "12": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["2", 0]}},
}  # fmt: skip

COMFYUI_DRAWING: dict[str, Any] = {
    "last_node_id": 9,
    "nodes": [
        {
            "id": 3, "type": "KSampler", "mode": 0,
            "inputs": [
                {"name": "model", "type": "MODEL", "link": 1}, {"name": "positive", "type": "CONDITIONING", "link": 4},
                {"name": "negative", "type": "CONDITIONING", "link": 6},
                {"name": "latent_image", "type": "LATENT", "link": 2},
            ],
            "widgets_values": [156680208700286, "randomize", 20, 8, "euler", "normal", 1],
        },
        {"id": 4, "type": "CheckpointLoaderSimple", "inputs": [], "widgets_values": ["harbour.ckpt"]},
        {"id": 5, "type": "EmptyLatentImage", "inputs": [], "widgets_values": [512, 640, 1]},
        {"id": 6, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "link": 3}], "widgets_values": ["a heron"]},
        {"id": 7, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "link": 5}], "widgets_values": ["fog"]},
        {"id": 8, "type": "KSampler", "mode": 4, "inputs": [{"name": "positive", "link": None}], "widgets_values": [1]},
    ],
    "links": [
        [1, 4, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [3, 4, 1, 6, 0, "CLIP"], [4, 6, 0, 3, 1, "CONDITIONING"],
        [5, 4, 1, 7, 0, "CLIP"], [6, 7, 0, 3, 2, "CONDITIONING"],
    ],
}  # fmt: skip

INVOKEAI: dict[str, Any] = {
    "app_version": "5.6.0", "generation_mode": "sdxl_txt2img", "positive_prompt": "a lighthouse at dusk",
    "negative_prompt": "text", "width": 1024, "height": 1024, "seed": 2718281828, "cfg_scale": 7.5,
    "steps": 30, "scheduler": "dpmpp_2m_k", "clip_skip": 0,
    "model": {"key": "c4", "hash": "blake3:1", "name": "Harbour XL", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"key": "d5", "name": "Oil", "type": "lora"}, "weight": 0.75}],
}  # fmt: skip

INVOKEAI_OLD: dict[str, Any] = {
    "model": "stable diffusion", "model_weights": "harbour-1.5", "app_id": "invoke-ai/InvokeAI", "app_version": "2.3.5",
    "image": {
        "prompt": [{"prompt": "a lighthouse at dusk [blurry, text]", "weight": 1.0}], "steps": 50, "cfg_scale": 7.5,
        "seed": 1618033988, "width": 512, "height": 768, "sampler": "k_lms", "type": "txt2img",
    },
}  # fmt: skip

SWARMUI: dict[str, Any] = {
    "sui_image_params": {
        "prompt": "a lighthouse at dusk", "negativeprompt": "text", "model": "base/harbour_xl.safetensors", "images": 1,
        "seed": 1414213562, "steps": 22, "cfgscale": 6.0, "aspectratio": "1:1", "width": 1024, "height": 1024,
        "sampler": "euler_ancestral", "scheduler": "karras", "loras": ["styles/oil"], "loraweights": ["0.6"],
        "swarm_version": "0.9.4.0",
    },
    "sui_extra_data": {"date": "2026-11-20", "prep_time": "1.1 sec", "generation_time": "6.2 sec"},
}  # fmt: skip

_PIXELS = (24, 16)


def as_png(**texts: str) -> bytes:
    """A PNG with these texts in chunks of their own; underscores of the names stand for hyphens after `sd`."""
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text("sd-metadata" if name == "sd_metadata" else name, text)
    return _saved("PNG", pnginfo=info)


def as_commented(kind: str, text: str) -> bytes:
    """A JPEG or WebP with a text as its EXIF UserComment."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode("utf-16-be")
    return _saved(kind, exif=exif.tobytes())


def as_comfyui_webp(graph: dict[str, Any], drawing: dict[str, Any]) -> bytes:
    exif = Image.Exif()
    exif[0x0110] = f"prompt:{json.dumps(graph)}"
    exif[0x010F] = f"workflow:{json.dumps(drawing)}"
    return _saved("WEBP", exif=exif)


def _saved(kind: str, **options: Any) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", _PIXELS, "#406080").save(data, kind, **options)
    return data.getvalue()
