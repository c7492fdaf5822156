"""Doorways to mail and to the tidying of accounts."""

from __future__ import annotations

import uuid

from app.accounts import mail, service
from app.background import TaskName
from worker.app import doorway


@doorway(TaskName.SEND_MAIL)
def send_mail(mail_id: str) -> None:
    mail.send(uuid.UUID(mail_id))


@doorway(TaskName.SWEEP_MAIL)
def sweep_mail() -> None:
    mail.send_due()
    service.tidy()
