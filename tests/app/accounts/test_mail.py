from __future__ import annotations

import email
import email.policy
import smtplib
import threading
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import mail
from app.accounts.mail import FileTransport, MailNotSent, SmtpTransport
from app.accounts.models import Mail
from app.background import TaskName
from app.db import db, utc_now
from tests.app.accounts.conftest import EMAIL

pytestmark = pytest.mark.usefixtures("app")


class Mailbox:
    """A transport that keeps what it is given, or fails as told."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.failure: MailNotSent | None = None

    def send(self, message: EmailMessage) -> None:
        if self.failure is not None:
            raise self.failure
        self.received.append(message)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    box = Mailbox()
    monkeypatch.setattr(mail, "transport", lambda _: box)
    return box


def queue_one() -> Mail:
    row = mail.queue("greeting", EMAIL, "Hello", "the body\n")
    db.session.commit()
    return row


def make_due(row: Mail, **columns: Any) -> None:
    db.session.execute(sa.update(Mail).where(Mail.id == row.id).values(due_at=utc_now(), **columns))
    db.session.commit()


def test_a_mail_leaves_only_once_its_transaction_is_durable(rung: list[tuple[object, ...]]) -> None:
    row_id = mail.queue("greeting", EMAIL, "Hello", "body").id
    assert rung == []
    db.session.commit()
    assert rung == [(TaskName.SEND_MAIL, row_id)]
    mail.queue("greeting", EMAIL, "Hello", "body")
    db.session.rollback()
    assert len(rung) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 1


def test_a_sent_mail_is_emptied_and_never_sent_again(mailbox: Mailbox) -> None:
    row = queue_one()
    assert mail.send(row.id)
    assert not mail.send(row.id)
    assert mail.send_due() == 0
    message = mailbox.received[0]
    assert (message["To"], message["Subject"], message.get_content()) == (EMAIL, "Hello", "the body\n")
    db.session.refresh(row)
    assert (row.body, row.due_at) == ("", None)
    assert row.sent_at is not None


def test_a_failed_mail_is_tried_again_with_growing_pauses(mailbox: Mailbox) -> None:
    row = queue_one()
    mailbox.failure = MailNotSent("server away")
    pauses = []
    for _ in range(8):
        make_due(row)
        assert not mail.send(row.id)
        db.session.refresh(row)
        assert row.due_at is not None
        pauses.append(round((row.due_at - utc_now()) / timedelta(minutes=1)))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert row.last_error == "server away"
    mailbox.failure = None
    make_due(row)
    assert mail.send_due() == 1


def test_after_a_day_it_is_given_up_and_emptied(mailbox: Mailbox) -> None:
    row = queue_one()
    mailbox.failure = MailNotSent("server away")
    make_due(row, created_at=utc_now() - timedelta(hours=25))
    mail.send(row.id)
    db.session.refresh(row)
    assert (row.due_at, row.body, row.sent_at) == (None, "", None)


def test_a_refused_recipient_is_not_tried_again(mailbox: Mailbox) -> None:
    row = queue_one()
    mailbox.failure = MailNotSent("no such mailbox", permanent=True)
    mail.send(row.id)
    db.session.refresh(row)
    assert row.due_at is None


def test_two_workers_send_a_mail_once(app: Flask, mailbox: Mailbox) -> None:
    row_id = queue_one().id

    def send() -> None:
        with app.app_context():
            mail.send(row_id)
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mailbox.received) == 1


def test_a_worker_that_dies_leaves_the_mail_for_the_next_try(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    row = queue_one()

    def die(_: EmailMessage) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(mailbox, "send", die)
        with pytest.raises(KeyboardInterrupt):
            mail.send(row.id)
    db.session.refresh(row)
    assert row.due_at is not None
    assert row.due_at > utc_now()
    make_due(row)
    assert mail.send(row.id)


def test_the_beat_sends_what_nobody_rang_for(mailbox: Mailbox) -> None:
    queue_one()
    assert mail.send_due() == 1
    assert len(mailbox.received) == 1


def test_a_mail_becomes_a_file_that_only_we_may_read(tmp_path: Path) -> None:
    message = EmailMessage()
    message["To"] = EMAIL
    message["Subject"] = "Grüße"
    message.set_content("Sonne\n")
    FileTransport(tmp_path / "mail").send(message)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.suffix == ".eml"
    assert path.stat().st_mode & 0o777 == 0o600
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (read["Subject"], read.get_content()) == ("Grüße", "Sonne\n")


def test_a_folder_that_cannot_be_written_is_a_failed_try(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailNotSent):
        FileTransport(tmp_path / "mail").send(EmailMessage())


def test_the_embedded_product_writes_files(app: Flask) -> None:
    row = queue_one()
    assert mail.send(row.id)
    assert len(list((app.extensions["settings"].home / "mail").glob("*.eml"))) == 1


def test_a_line_break_in_a_header_is_refused() -> None:
    row = mail.queue("greeting", EMAIL, "Hello\r\nBcc: everyone@example.org", "body")
    with pytest.raises(ValueError, match="linefeed"):
        mail._message(row)


class ScriptedServer:
    """Stands in for smtplib.SMTP: notes the calls, answers as scripted."""

    calls: list[str] = []  # noqa: RUF012 - one script at a time
    failure: Exception | None = None
    offers_tls = True

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self.calls.append(f"connect {host}:{port}")

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.append("quit")

    def ehlo(self) -> None:
        self.calls.append("ehlo")

    def has_extn(self, name: str) -> bool:
        return name == "starttls" and self.offers_tls

    def starttls(self) -> None:
        self.calls.append("starttls")

    def login(self, user: str, password: str) -> None:
        self.calls.append(f"login {user} {password}")

    def send_message(self, message: EmailMessage) -> None:
        if self.failure is not None:
            raise self.failure
        self.calls.append("send")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[ScriptedServer]:
    monkeypatch.setattr(smtplib, "SMTP", ScriptedServer)
    monkeypatch.setattr(smtplib, "SMTP_SSL", ScriptedServer)
    monkeypatch.setattr(ScriptedServer, "calls", [])
    return ScriptedServer


@pytest.mark.parametrize(
    ("url", "offers_tls", "calls"),
    [
        (
            "smtp://me%40x:p%3Aw@mail.example",
            True,
            ["connect mail.example:587", "ehlo", "starttls", "login me@x p:w", "send", "quit"],
        ),
        ("smtp://mail.example:25", False, ["connect mail.example:25", "ehlo", "send", "quit"]),
        ("smtps://me:pw@mail.example", True, ["connect mail.example:465", "login me pw", "send", "quit"]),
        (
            "smtp://me:pw@mail.example:25",
            False,
            ["connect mail.example:25", "ehlo", "starttls", "login me pw", "send", "quit"],
        ),
    ],
)
def test_a_password_never_goes_over_an_open_line(
    server: type[ScriptedServer], monkeypatch: pytest.MonkeyPatch, url: str, offers_tls: bool, calls: list[str]
) -> None:
    monkeypatch.setattr(server, "offers_tls", offers_tls)
    SmtpTransport(url).send(EmailMessage())
    assert server.calls == calls


@pytest.mark.parametrize(
    ("failure", "permanent"),
    [
        (smtplib.SMTPServerDisconnected("gone"), False),
        (TimeoutError(), False),
        (smtplib.SMTPRecipientsRefused({EMAIL: (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({EMAIL: (450, b"try later")}), False),
        (smtplib.SMTPDataError(554, b"looks like spam"), True),
        (smtplib.SMTPDataError(451, b"busy"), False),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), False),
    ],
)
def test_what_a_mail_server_says_decides_whether_to_try_again(
    server: type[ScriptedServer], monkeypatch: pytest.MonkeyPatch, failure: Exception, permanent: bool
) -> None:
    monkeypatch.setattr(server, "failure", failure)
    with pytest.raises(MailNotSent) as raised:
        SmtpTransport("smtp://mail.example").send(EmailMessage())
    assert raised.value.permanent == permanent
