"""What staff may do besides looking. All of it is on record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from app.accounts import audit
from app.accounts.access import me
from app.accounts.domain import AuditAction
from app.db import db
from app.errors import NotFound
from app.generation.models import Job


@dataclass(frozen=True, slots=True)
class Prompt:
    sent: str
    negative: str


def read_prompt(job_id: uuid.UUID) -> Prompt:
    """Somebody's words, which staff sees one job at a time and never unnoticed. Raises NotFound."""
    job = db.session.get(Job, job_id)
    if job is None:
        raise NotFound("job")
    prompt = Prompt(job.prompt_sent, job.negative_sent)
    audit.record(AuditAction.PROMPT_READ, me(), about=("job", job_id), owner=str(job.owner_id))
    db.session.commit()
    return prompt
