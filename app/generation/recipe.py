"""The recipe of a picture: everything needed to make it again, as it is written into the file itself."""

from __future__ import annotations

from typing import Any

from app.generation.models import Job
from app.product import VERSION

FORMAT = 1


def recipe_of(job: Job) -> dict[str, Any]:
    """A JSON object: template (as typed), choices, prompt (as sent), seed, model, parameters, lineage and version.

    The keys that other programs' recipes share are named as app.imaging.recipe reads them.
    """
    return {
        "version": VERSION,
        "format": FORMAT,
        "operation": job.operation,
        "model": job.model,
        "template": job.template,
        "choices": job.choices,
        "variant": job.variant,
        "prompt": job.prompt_sent,
        "negative_prompt": job.negative_sent,
        "seed": job.seed,
        "width_px": job.width_px,
        "height_px": job.height_px,
        "params": dict(job.params),
        "style": dict(job.style),
        "job": str(job.id),
        "batch": str(job.batch_id),
        "parents": dict(job.inputs),
        **({"enhanced_from": job.enhanced_from} if job.enhanced_from else {}),
        **({"history": list(job.context)} if job.context else {}),
    }
