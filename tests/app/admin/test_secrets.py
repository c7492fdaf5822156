"""What staff must not see is neither selected nor on any page."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts import mail
from app.accounts.models import ApiKey, Mail, OneTimeToken, User, UserSession
from app.admin.sources import Source
from app.admin.tables import TABLES
from app.db import Base, db
from app.generation.models import Batch, Job
from app.library.models import Asset
from tests.app.admin.conftest import Staff
from tests.app.api.conftest import make_key

# Pages are alike on both databases.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = re.compile(
    "password|secret|hash|token|uniquifier|handle|credential|public_key|counter|phone|body|address|agent|fingerprint|"
    "idempotency|prompt|template|negative|choices|variant|style|recipe|request|params|inputs|lease_owner|key$|shown_name|"
    "placeholder|sha256"
)
# Marks in every column that could give somebody away or let somebody in.
MARK = "SENTINEL"


def sources() -> Iterator[Source]:
    for make in TABLES:
        source = getattr(make(), "source", None)
        if source is not None:
            yield source


def columns_of(source: Source) -> Iterator[sa.Column[object]]:
    for expression in (*source.columns.values(), *source.further.values()):
        for element in sa.sql.visitors.iterate(sa.inspect(expression).expression):  # type: ignore[attr-defined]
            if isinstance(element, sa.Column):
                yield element


def test_the_pattern_knows_the_secrets_there_are() -> None:
    secret = {
        f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.c
        if SECRET.search(column.name)
    }  # fmt: skip
    assert {
        "users.password", "users.fs_uniquifier", "users.tf_totp_secret", "api_keys.key_hash", "mails.body",
        "one_time_tokens.token_hash", "recovery_codes.code_hash", "passkeys.credential_id", "jobs.prompt_sent",
        "jobs.negative_sent", "jobs.template", "jobs.handle", "batches.request", "assets.recipe", "assets.key",
        "user_sessions.address", "api_keys.addresses",
    } <= secret  # fmt: skip


def test_no_table_reads_a_secret_column() -> None:
    read = {f"{column.table.name}.{column.name}" for source in sources() for column in columns_of(source)}
    assert len(read) > 60
    assert {name for name in read if SECRET.search(name.split(".")[1])} == set()


@pytest.fixture
def marked(app: APIFlask, owner: User, batch: Batch) -> None:
    """One row of each kind, with a mark wherever there is a secret or something private."""
    make_key(owner)
    mail.queue("welcome", owner.email, "Hello", f"https://example.com/{MARK}")
    owner.tf_totp_secret = owner.tf_phone_number = MARK
    db.session.add(OneTimeToken(purpose="reset_password", user_id=owner.id, token_hash=MARK))
    db.session.add(UserSession(user_id=owner.id, address=MARK, user_agent=MARK))
    db.session.flush()
    db.session.execute(sa.update(User).where(User.id == owner.id).values(password=MARK, fs_uniquifier=MARK))
    db.session.execute(sa.update(ApiKey).values(key_hash=MARK, addresses=[MARK]))
    db.session.execute(
        sa.update(Job).values(
            prompt_sent=MARK, negative_sent=MARK, template=MARK, choices=[MARK], style={"name": MARK},
            params={"a": MARK}, inputs={"a": MARK}, handle={"a": MARK}, lease_owner=MARK,
        )
    )  # fmt: skip
    db.session.execute(
        sa.update(Batch).values(request={"prompt": MARK}, template=MARK, idempotency_key=MARK, fingerprint=MARK)
    )
    db.session.add(
        Asset(
            owner_id=owner.id, workspace_id=batch.workspace_id, kind="image", source="uploaded", mime="image/png",
            key=MARK, thumb_key=MARK, sha256=MARK, size_bytes=1, width_px=1, height_px=1, placeholder=MARK,
            shown_name=MARK, recipe={"prompt": MARK}, style=MARK,
        )
    )  # fmt: skip
    db.session.commit()


@on_sqlite
def test_no_page_shows_a_secret(staff: Staff, marked: None) -> None:
    names = ["people", "workspaces", "batches", "jobs", "pictures", "api-keys", "mails"]
    models = [User, None, Batch, Job, Asset, ApiKey, Mail]
    for name, model in zip(names, models, strict=True):
        page = staff.page(f"/admin/{name}/")
        assert "<tbody>" in page
        assert MARK not in page, name
        for row_id in db.session.scalars(sa.select(model.id)).all() if model is not None else ():
            assert isinstance(row_id, uuid.UUID)
            assert MARK not in staff.page(f"/admin/{name}/{row_id}"), name
    for path in ("/admin/", "/admin/lanes/"):
        assert MARK not in staff.page(path)


@on_sqlite
def test_searching_for_a_secret_finds_nothing(staff: Staff, marked: None) -> None:
    for name in ("people", "workspaces", "batches", "jobs", "pictures", "api-keys", "mails"):
        assert "Nothing found" in staff.page(f"/admin/{name}/?search={MARK}"), name
