"""Doorways to mail, to the tidying of accounts and to the tests of people's keys at providers."""

from __future__ import annotations

import uuid

from app.accounts import mail, provider_keys, service
from app.background import TaskName
from worker.app import doorway


@doorway(TaskName.SEND_MAIL)
def send_mail(mail_id: str) -> None:
    mail.send(uuid.UUID(mail_id))


@doorway(TaskName.SWEEP_MAIL)
def sweep_mail() -> None:
    mail.send_due()
    service.tidy()


@doorway(TaskName.CHECK_PROVIDER_KEY)
def check_provider_key(key_id: str) -> None:
    provider_keys.check(uuid.UUID(key_id))
