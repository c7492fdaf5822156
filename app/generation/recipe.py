"""The recipe of a picture: everything needed to make it again, as it is written into the file itself."""

from __future__ import annotations

from typing import Any

from app import __version__
from app.generation.models import Job

FORMAT = 1


def recipe_of(job: Job) -> dict[str, Any]:
    """A JSON object with the prompt as typed and as sent, choices, seed, model, parameters, lineage and version."""
    return {
        "darkroom": __version__,
        "format": FORMAT,
        "operation": job.operation,
        "model": job.model,
        "prompt": job.template,
        "choices": job.choices,
        "variant": job.variant,
        "prompt_sent": job.prompt_sent,
        "negative_prompt_sent": job.negative_sent,
        "seed": job.seed,
        "width": job.width_px,
        "height": job.height_px,
        "params": dict(job.params),
        "style": dict(job.style),
        "job": str(job.id),
        "batch": str(job.batch_id),
        "parents": dict(job.inputs),
    }
