"""Passkeys, with an authenticator in software: it makes keys, signs, and answers as a browser would."""

from __future__ import annotations

import hashlib
import json
import re
from html import unescape
from typing import Any

import cbor2
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from app.accounts.models import AuditEvent, User, WebAuthn
from app.db import db
from tests.app.accounts.conftest import EMAIL, Browser, mails_to, make_person, on_sqlite

pytestmark = [on_sqlite, pytest.mark.usefixtures("anna")]

USER_PRESENT, USER_VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class Device:
    """One passkey for one site. `verifies`: whether it checks finger, face or code."""

    def __init__(self, *, verifies: bool = True, origin: str = "http://localhost") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = b"credential-" + bytes(16)
        self.verifies = verifies
        self.origin = origin
        self.uses = 0
        self.user_handle = b""

    def create(self, options: dict[str, Any]) -> str:
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public_key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(public_key)
        data = self._authenticator_data(options["rp"]["id"], WITH_KEY) + attested
        answer = {
            "clientDataJSON": self._client_data("webauthn.create", options["challenge"]),
            "attestationObject": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
        }
        return self._answer(answer, transports=["internal", "made-up"])

    def get(self, options: dict[str, Any]) -> str:
        data = self._authenticator_data(options["rpId"], 0)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        answer = {
            "clientDataJSON": client_data,
            "authenticatorData": data,
            "signature": self.key.sign(signed, ec.ECDSA(SHA256())),
            "userHandle": self.user_handle,
        }
        return self._answer(answer)

    def _authenticator_data(self, site: str, flags: int) -> bytes:
        self.uses += 1
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies else 0)
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes], **further: Any) -> str:
        texts = {name: bytes_to_base64url(value) for name, value in response.items()}
        raw_id = bytes_to_base64url(self.credential_id)
        return json.dumps({"id": raw_id, "rawId": raw_id, "type": "public-key", "response": texts | further})


def ceremony(page: str) -> tuple[str, dict[str, Any]]:
    """(where to send the answer, the options the browser is asked with)"""
    found = re.search(r'action="([^"]+)" data-passkey="\w+" data-options="([^"]+)"', page)
    assert found, page
    return unescape(found.group(1)), json.loads(unescape(found.group(2)))


def add(browser: Browser, device: Device, name: str = "laptop") -> Any:
    action, options = ceremony(browser.post("/auth/wan-register", {"name": name}).text)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    return browser.post(action, {"credential": device.create(options)})


def sign_in(browser: Browser, device: Device, **further: str) -> Any:
    action, options = ceremony(browser.post("/auth/wan-signin", further).text)
    assert not options.get("allowCredentials"), "nobody is told who has a passkey"
    return browser.post(action, {"credential": device.get(options)})


@pytest.fixture
def device(browser: Browser) -> Device:
    made = Device()
    browser.sign_in()
    assert add(browser, made).location == "/settings"
    browser.sign_out()
    return made


def test_a_passkey_signs_in_without_a_password(browser: Browser, device: Device) -> None:
    assert sign_in(browser, device).location == "/"
    assert browser.is_signed_in
    assert "laptop" in browser.get("/settings").text
    assert [row.subject for row in mails_to(EMAIL)] == ["A passkey was added"]
    last = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert last.changes == {"via": ["webauthn"]}


def test_it_stands_for_both_steps(browser: Browser, device: Device) -> None:
    user = db.session.scalars(sa.select(User)).one()
    user.tf_primary_method, user.tf_totp_secret = "authenticator", "{}"
    db.session.commit()
    assert sign_in(browser, device).location == "/"
    assert browser.is_signed_in


def test_a_device_that_does_not_check_its_owner_is_refused(browser: Browser) -> None:
    browser.sign_in()
    assert add(browser, Device(verifies=False)).location == "/auth/wan-register"
    assert db.session.scalars(sa.select(WebAuthn)).all() == []


def test_an_answer_meant_for_another_site_is_refused(browser: Browser, device: Device) -> None:
    device.origin = "https://evil.example"
    sign_in(browser, device)
    assert not browser.is_signed_in


def test_an_answer_of_another_key_is_refused(browser: Browser, device: Device) -> None:
    device.key = Device().key
    sign_in(browser, device)
    assert not browser.is_signed_in


def test_a_copied_device_is_noticed_by_its_count(browser: Browser, device: Device) -> None:
    sign_in(browser, device)
    browser.sign_out()
    device.uses = 0
    sign_in(browser, device)
    assert not browser.is_signed_in


@pytest.mark.parametrize("answer", ["", "nonsense", "{}", "[]", '{"id": 1}', "null", "\\ud800"])
def test_nonsense_is_refused(browser: Browser, device: Device, answer: str) -> None:
    action, _ = ceremony(browser.post("/auth/wan-signin").text)
    assert browser.post(action, {"credential": answer}).status_code in {302, 422}
    assert not browser.is_signed_in


@pytest.mark.parametrize("column", ["active", "confirmed_at"])
def test_a_disabled_or_unconfirmed_account_stays_shut(browser: Browser, device: Device, column: str) -> None:
    db.session.execute(sa.update(User).values({column: False if column == "active" else None}))
    db.session.commit()
    sign_in(browser, device)
    assert not browser.is_signed_in


def test_it_can_replace_the_password_before_a_change(browser: Browser, device: Device) -> None:
    browser.sign_in()
    with browser.client.session_transaction(base_url=browser.base_url) as cookie:
        cookie["fs_paa"] -= 600
    assert "Use a passkey" in browser.get("/auth/verify?next=/probe/fresh").text
    action, options = ceremony(browser.post("/auth/wan-verify", query_string={"next": "/probe/fresh"}).text)
    assert browser.post(action, {"credential": device.get(options)}).location == "/probe/fresh"
    assert browser.get("/probe/fresh").status_code == 200


def test_it_can_be_removed(browser: Browser, device: Device) -> None:
    browser.sign_in()
    browser.post("/auth/wan-delete", {"name": "laptop"})
    browser.sign_out()
    sign_in(browser, device)
    assert not browser.is_signed_in


def test_names_are_cleaned_and_used_once(browser: Browser, device: Device) -> None:
    browser.sign_in()
    for name in ("", " \u200b ", "laptop", "x" * 65):
        assert "data-passkey" not in browser.post("/auth/wan-register", {"name": name}).text
    action, options = ceremony(browser.post("/auth/wan-register", {"name": "<b>my\u202e phone</b>"}).text)
    other = Device()
    other.credential_id = b"another"
    browser.post(action, {"credential": other.create(options)})
    names = sorted(db.session.scalars(sa.select(WebAuthn.name)))
    assert names == ["<b>my phone</b>", "laptop"]
    assert "&lt;b&gt;my phone" in browser.get("/settings").text


def test_someone_elses_passkey_cannot_be_added_again(browser: Browser, device: Device) -> None:
    make_person("berta@example.org")
    browser.sign_in("berta@example.org")
    assert add(browser, device).location == "/auth/wan-register"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(WebAuthn)) == 1


def test_on_an_address_without_a_name_the_page_points_to_one(browser: Browser) -> None:
    browser.base_url = "http://127.0.0.1:8000"
    assert "http://localhost:8000/auth/wan-signin" in browser.get("/auth/wan-signin").text
