"""The outbox: mails join the transaction that calls for them, and leave through a worker, again and again for a day."""

from __future__ import annotations

import os
import smtplib
import uuid
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
import structlog
from flask import current_app, render_template

from app.accounts.models import Mail
from app.background import TaskName, ring
from app.config import Settings
from app.db import after_commit, db, new_id, utc_now
from app.extensions import settings

GIVE_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
BATCH = 50
SMTP_TIMEOUT_S = 20

log = structlog.get_logger(__name__)


class MailNotSent(Exception):
    """The transport could not hand the mail on. `permanent`: trying again is of no use."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Transport(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Raises MailNotSent."""
        ...


def queue(kind: str, recipient: str, subject: str, body: str) -> Mail:
    """Put a mail into the outbox; it leaves once the transaction is committed."""
    # An id now, not at the flush: the message to the worker needs it.
    row = Mail(id=new_id(), kind=kind, recipient=recipient, subject=subject, body=body)
    db.session.add(row)
    after_commit(lambda: _ring(row_id))
    row_id = row.id
    return row


def queue_template(kind: str, recipient: str, subject: str, **context: Any) -> Mail:
    """The same, with the body from templates/accounts/mail/<kind>.txt."""
    body = render_template(f"accounts/mail/{kind}.txt", link=public_link, **context)
    return queue(kind, recipient, subject, body)


def public_link(endpoint: str, **values: Any) -> str:
    """A whole address for a mail, built on the configured one: what a request calls us is not to be trusted."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return settings().public_url + path


def send(mail_id: uuid.UUID) -> bool:
    """Try to send one mail that is due. Returns whether it left. Harmless when called twice."""
    row = _claim(mail_id)
    if row is None:
        return False
    message = _message(row)
    # The connection goes back to the pool: a mail server may take its time.
    db.session.rollback()
    try:
        transport(settings()).send(message)
    except MailNotSent as error:
        _put_off(mail_id, error)
        return False
    db.session.execute(
        sa.update(Mail).where(Mail.id == mail_id).values(sent_at=utc_now(), due_at=None, body="", last_error=None)
    )
    db.session.commit()
    return True


def send_due() -> int:
    """Send what is due and was not rung for, or failed before; returns how many left."""
    due = db.session.scalars(sa.select(Mail.id).where(Mail.due_at <= utc_now()).order_by(Mail.due_at).limit(BATCH))
    mail_ids = due.all()
    db.session.rollback()
    return sum(send(mail_id) for mail_id in mail_ids)


def transport(chosen: Settings) -> Transport:
    return SmtpTransport(chosen.mail_url) if chosen.mail_url else FileTransport(chosen.home / "mail")


class FileTransport:
    """Each mail a file, for machines without a mail server: open it, follow its link."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        name = f"{utc_now():%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}.eml"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = self.folder / f".{name}"
            with open(unfinished, "wb", opener=_only_for_us) as file:
                file.write(bytes(message))
            unfinished.rename(self.folder / name)
        except OSError as error:
            raise MailNotSent(f"{type(error).__name__}: {error.strerror}") from error


class SmtpTransport:
    """smtp:// (with STARTTLS where offered, and always before a password) or smtps://."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url)

    def send(self, message: EmailMessage) -> None:
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailNotSent(f"refused {codes}", permanent=all(code >= 500 for code in codes)) from error
        except smtplib.SMTPResponseException as error:
            # A 5xx to the sender or the content will not change; one to our login will, once the operator mends it.
            permanent = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise MailNotSent(f"{type(error).__name__} {error.smtp_code}", permanent=permanent) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotSent(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        host = self.parts.hostname or "localhost"
        if self.parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, self.parts.port or 465, timeout=SMTP_TIMEOUT_S)
        else:
            server = smtplib.SMTP(host, self.parts.port or 587, timeout=SMTP_TIMEOUT_S)
            server.ehlo()
            if server.has_extn("starttls") or self.parts.password:
                server.starttls()
        if self.parts.username:
            server.login(unquote(self.parts.username), unquote(self.parts.password or ""))
        return server


def _claim(mail_id: uuid.UUID) -> Mail | None:
    """Take a due mail for one try; the next try is already noted, should this process die in the middle."""
    now = utc_now()
    row = db.session.scalar(sa.select(Mail).where(Mail.id == mail_id, Mail.due_at <= now))
    if row is None:
        return None
    claimed = db.session.scalars(
        sa.update(Mail)
        .where(Mail.id == mail_id, Mail.attempts == row.attempts, Mail.due_at.is_not(None))
        .values(attempts=row.attempts + 1, due_at=next_try(row.attempts, now))
        .returning(Mail.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.commit()
    return row if claimed else None


def next_try(attempts: int, now: datetime) -> datetime:
    """When to try again after `attempts` earlier tries: 1, 2, 4 … minutes, at most an hour."""
    return now + min(FIRST_PAUSE * (1 << min(attempts, 10)), LONGEST_PAUSE)


def _put_off(mail_id: uuid.UUID, error: MailNotSent) -> None:
    row = db.session.get_one(Mail, mail_id)
    row.last_error = str(error)[:200]
    if error.permanent or utc_now() - row.created_at > GIVE_UP_AFTER:
        row.due_at = None
        row.body = ""
    db.session.commit()
    log.warning("mail_not_sent", mail=str(mail_id), attempts=row.attempts, gave_up=row.due_at is None, why=str(error))


def _message(row: Mail) -> EmailMessage:
    message = EmailMessage()
    # The policy refuses line breaks in headers, so that no name can add a recipient.
    message["From"] = settings().mail_from
    message["To"] = row.recipient
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = make_msgid(idstring=row.id.hex, domain=urlsplit(settings().public_url).hostname)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(row.body)
    return message


def _ring(mail_id: uuid.UUID) -> None:
    ring(TaskName.SEND_MAIL, mail_id)


def _only_for_us(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
