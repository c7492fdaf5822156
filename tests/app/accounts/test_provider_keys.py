"""People's own keys at providers: kept sealed, tested by a worker, shown to nobody."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import provider_keys
from app.accounts.models import AuditEvent, ProviderKey, User
from app.background import TaskName
from app.cli import main
from app.db import Base, db, utc_now
from app.errors import NotFound
from app.llm import key_check
from app.llm.contract import LanguageError
from app.providers import registry
from app.providers.contract import ErrorKind, ProviderError
from tests.app.accounts.conftest import Browser, make_person, on_sqlite

KEY = "sk-proj-8fJq2Lw9ZxVb4NtYr7Uc1Ea6"
OTHER = "fal_key:0123456789:Qm7Wp3Rk5Td8Xz"
Rung = list[tuple[object, ...]]


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Rung:
    calls: Rung = []
    monkeypatch.setattr(provider_keys, "ring", lambda *call: calls.append(call))
    return calls


def answer(monkeypatch: pytest.MonkeyPatch, said: str | Exception) -> list[tuple[str, str]]:
    """What the provider says of a key from now on; returns what it was asked."""
    asked = []

    def check(provider_id: str, key: str) -> str:
        asked.append((provider_id, key))
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(registry, "check", check, raising=False)
    return asked


def save(user: User, provider: str = "openai", key: str = KEY) -> ProviderKey:
    row = provider_keys.save(user, provider, key)
    db.session.commit()
    return row


def test_a_key_is_had_by_its_person_at_its_provider_and_nowhere_else(anna: User) -> None:
    bert = make_person("bert@example.org")
    save(anna)
    assert provider_keys.key_of(anna.id, "openai") == KEY
    assert provider_keys.key_of(anna.id, "fal") is None
    assert provider_keys.key_of(bert.id, "openai") is None
    assert (provider_keys.has_key(anna.id, "openai"), provider_keys.has_key(bert.id, "openai")) == (True, False)
    save(bert, "openai", OTHER)
    save(bert, "fal", OTHER)
    assert provider_keys.holders() == {"openai": {anna.id, bert.id}, "fal": {bert.id}}


def test_a_second_key_takes_the_place_of_the_first(anna: User) -> None:
    first = save(anna)
    first.checked_at, first.check_ok = utc_now(), True
    db.session.commit()
    second = save(anna, key=OTHER)
    assert (second.id, second.last_four, second.check_ok) == (first.id, OTHER[-4:], None)
    assert provider_keys.key_of(anna.id, "openai") == OTHER
    provider_keys.delete(anna, "openai")
    db.session.commit()
    assert provider_keys.holders() == {}


def test_a_row_moved_to_another_person_or_provider_opens_nothing(anna: User) -> None:
    bert = make_person("bert@example.org")
    row = save(anna)
    row.provider = "fal"
    db.session.commit()
    assert provider_keys.key_of(anna.id, "fal") is None
    row.provider, row.user_id = "openai", bert.id
    db.session.commit()
    assert provider_keys.key_of(bert.id, "openai") is None
    assert provider_keys.has_key(bert.id, "openai")


@on_sqlite
def test_an_unknown_provider_and_a_missing_key_are_not_found(anna: User) -> None:
    with pytest.raises(NotFound):
        provider_keys.save(anna, "nobody", KEY)
    with pytest.raises(NotFound):
        provider_keys.delete(anna, "openai")


def test_every_key_can_be_brought_under_a_new_one(anna: User, app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    row = save(anna)
    before = row.sealed_key
    assert provider_keys.reseal_all() == (1, 0)
    db.session.expire_all()
    assert row.sealed_key != before
    assert provider_keys.key_of(anna.id, "openai") == KEY
    row.sealed_key = row.sealed_key[:-8] + "AAAAAAA="
    db.session.commit()
    assert provider_keys.reseal_all() == (0, 1)


@on_sqlite
def test_a_key_for_the_ring_can_be_printed(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key-ring", "new"]) == 0
    assert len(capsys.readouterr().out.strip()) == 44


# The test of a key


def test_a_worker_tries_the_key_and_notes_what_the_provider_says(
    anna: User, bell: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answer(monkeypatch, "OpenAI accepts the key.")
    row = save(anna)
    provider_keys.ask_for_check(row)
    assert provider_keys.is_being_checked(row)
    assert bell == []
    db.session.commit()
    assert bell == [(TaskName.CHECK_PROVIDER_KEY, row.id)]
    provider_keys.check(row.id)
    provider_keys.check(row.id)
    db.session.expire_all()
    assert asked == [("openai", KEY)]
    assert (row.check_ok, row.check_said, provider_keys.is_being_checked(row)) == (
        True, "OpenAI accepts the key.", False,
    )  # fmt: skip


@on_sqlite
def test_a_refusal_is_noted_with_its_sentence(anna: User, bell: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, ProviderError(ErrorKind.USER_FIXABLE, "OpenAI does not know this key."))
    row = save(anna)
    provider_keys.ask_for_check(row)
    db.session.commit()
    provider_keys.check(row.id)
    db.session.expire_all()
    assert (row.check_ok, row.check_said) == (False, "OpenAI does not know this key.")


@on_sqlite
def test_providers_of_words_are_asked_by_their_own_door(
    anna: User, bell: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object, provider: str, key: str) -> str:
        assert (provider, key) == ("mistral", KEY)
        raise LanguageError("Mistral does not accept this key.")

    monkeypatch.setattr(key_check, "check", refuse)
    row = save(anna, "mistral")
    provider_keys.ask_for_check(row)
    db.session.commit()
    provider_keys.check(row.id)
    db.session.expire_all()
    assert (row.check_ok, row.check_said) == (False, "Mistral does not accept this key.")


@on_sqlite
def test_of_a_key_entered_while_the_one_before_was_tried_nothing_is_known(
    anna: User, bell: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = save(anna)
    provider_keys.ask_for_check(row)
    db.session.commit()

    def check(_: str, __: str) -> str:
        save(db.session.get_one(User, anna.id), key=OTHER)
        return "Works."

    monkeypatch.setattr(registry, "check", check, raising=False)
    provider_keys.check(row.id)
    db.session.expire_all()
    assert (row.check_ok, row.last_four) == (None, OTHER[-4:])


@on_sqlite
def test_nobody_waits_for_ever_and_a_late_answer_still_stands_there(
    anna: User, bell: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answer(monkeypatch, "Works.")
    row = save(anna)
    provider_keys.ask_for_check(row)
    row.check_asked_at = utc_now() - provider_keys.CHECK_PATIENCE - timedelta(seconds=1)
    db.session.commit()
    assert not provider_keys.is_being_checked(row)
    provider_keys.check(row.id)
    db.session.expire_all()
    assert (len(asked), row.check_ok) == (1, True)


# The pages


@on_sqlite
def test_a_key_is_entered_tested_and_deleted_on_its_page(
    browser: Browser, anna: User, bell: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "OpenAI accepts the key.")
    browser.sign_in()
    assert "Add a key of OpenAI" in browser.get("/settings/provider-keys").text
    assert browser.post("/settings/provider-keys/openai", {"key": f"  {KEY}\n"}).location == "/settings/provider-keys"
    row = db.session.scalars(sa.select(ProviderKey)).one()
    page = browser.get("/settings/provider-keys").text
    assert (f"…{KEY[-4:]}" in page, "testing" in page, 'hx-trigger="load delay:1s"' in page) == (True, True, True)
    assert KEY not in page
    provider_keys.check(row.id)
    line = browser.get("/settings/provider-keys/openai/state").text
    assert ("OpenAI accepts the key." in line, "hx-get" in line) == (True, False)
    assert KEY not in browser.get("/settings/provider-keys/openai").text
    assert browser.post("/settings/provider-keys/openai/test").location == "/settings/provider-keys"
    assert [name for name, _ in bell] == [TaskName.CHECK_PROVIDER_KEY] * 2
    browser.post("/settings/provider-keys/openai/deletion")
    assert provider_keys.holders() == {}
    actions = [each.action for each in db.session.scalars(sa.select(AuditEvent)) if "provider_key" in each.action]
    assert actions == ["provider_key_added", "provider_key_deleted"]


@on_sqlite
def test_half_a_key_is_refused_and_not_sent_back(browser: Browser, anna: User, bell: Rung) -> None:
    browser.sign_in()
    for bad in ("sk-short", "sk-with a blank 0123456789", ""):
        page = browser.post("/settings/provider-keys/openai", {"key": bad})
        assert page.status_code == 200
        assert "key" in page.text
        assert not bad or bad not in page.text
    assert provider_keys.holders() == {}


@on_sqlite
def test_nobody_reaches_another_persons_key(browser: Browser, anna: User, bell: Rung) -> None:
    save(make_person("bert@example.org"))
    browser.sign_in()
    for path in ("test", "deletion"):
        assert browser.post(f"/settings/provider-keys/openai/{path}").status_code == 404
    assert browser.get("/settings/provider-keys/openai/state").status_code == 404
    assert browser.get("/settings/provider-keys/nobody").status_code == 404
    assert "…" + KEY[-4:] not in browser.get("/settings/provider-keys").text


@on_sqlite
def test_an_api_key_opens_none_of_it_and_a_stranger_is_sent_to_sign_in(browser: Browser, anna: User) -> None:
    from app.accounts import service

    _, key = service.make_api_key(anna, "script")
    db.session.commit()
    assert browser.api("/settings/provider-keys", key).status_code == 403
    assert browser.api("/settings/provider-keys/openai/deletion", key, method="POST").status_code == 403
    assert "/auth/login" in str(browser.get("/settings/provider-keys").location)


@on_sqlite
def test_an_old_sign_in_must_give_the_password_again_to_enter_a_key(browser: Browser, anna: User) -> None:
    browser.sign_in()
    with browser.client.session_transaction(base_url=browser.base_url) as session:
        session["fs_paa"] = 0
    assert "/auth/verify" in str(browser.get("/settings/provider-keys/openai").location)


# Nothing gives a key away


@on_sqlite
def test_a_key_stands_sealed_in_one_column_and_in_nothing_else_we_write(
    browser: Browser,
    anna: User,
    bell: Rung,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Entered well and badly, tested with every outcome, replaced, resealed, made unreadable, deleted."""
    caplog.set_level("DEBUG")
    answers: list[str | Exception] = [
        "Works.",
        ProviderError(ErrorKind.USER_FIXABLE, "No.", detail="401"),
        LanguageError("No."),
        RuntimeError("broken"),
    ]
    browser.sign_in()
    pages = []
    secrets = [f"sk-seed-{number:02}-Zx8Kq4Wm7Rt2Vb9N" for number in range(20)]
    providers = [head.id for head in provider_keys.keyed_providers()]
    for number, secret in enumerate(secrets):
        provider = providers[number % len(providers)]
        answer(monkeypatch, answers[number % len(answers)])
        monkeypatch.setattr(key_check, "check", lambda _, provider, key: registry.check(provider, key))
        pages.append(browser.post(f"/settings/provider-keys/{provider}", {"key": secret + " and more"}))
        pages.append(browser.post(f"/settings/provider-keys/{provider}", {"key": secret}))
        row = db.session.scalars(sa.select(ProviderKey).where(ProviderKey.provider == provider)).one()
        provider_keys.check(row.id)
        pages.append(browser.get("/settings/provider-keys"))
        pages.append(browser.get(f"/settings/provider-keys/{provider}"))
        pages.append(browser.post(f"/settings/provider-keys/{provider}/test"))
    provider_keys.reseal_all()
    rows = " ".join(
        json.dumps([str(value) for value in row])
        for table in Base.metadata.sorted_tables
        for row in db.session.execute(sa.select(table))
    )
    db.session.execute(sa.update(ProviderKey).values(sealed_key="broken"))
    db.session.commit()
    assert provider_keys.key_of(anna.id, "openai") is None
    everything = " ".join([
        rows, *capfd.readouterr(), caplog.text, repr(bell),
        *(page.text + str(page.headers) for page in pages),
    ])  # fmt: skip
    assert "provider_key_unreadable" in everything
    assert "provider_key_check_broke" in everything
    assert "provider_key_replaced" in everything
    for secret in secrets:
        assert secret not in everything
        assert re.sub("-", "", secret)[4:20] not in everything
