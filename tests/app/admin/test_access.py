"""Every address below /admin against everybody who might ask for it. An address missing from the table fails."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts import mail, service
from app.accounts.models import AuditEvent, User
from app.db import db, new_id
from app.generation.models import Batch, Job
from app.library.models import Asset
from tests.app.admin.conftest import Staff
from tests.app.api.conftest import Browser, Caller, make_key
from tests.support.engine import Engine

# Pages are alike on both databases.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LISTS = ["people", "workspaces", "batches", "jobs", "pictures", "api-keys", "mails"]
TABLE = {
    "GET /admin/",
    "GET /admin/lanes/",
    "GET /admin/offers/",
    "POST /admin/offers/models/<row_id>",
    "POST /admin/offers/providers/<row_id>",
    "POST /admin/jobs/<row_id>/prompt",
    *(f"GET /admin/{name}/" for name in LISTS),
    *(f"GET /admin/{name}/<row_id>" for name in LISTS),
}


@pytest.fixture
def addresses(batch: Batch, engine: Engine, admin: User) -> list[tuple[str, str]]:
    """(method, path) of all, of rows that exist."""
    engine.turn()
    key, _ = service.make_api_key(admin, "a program")
    letter = mail.queue("welcome", admin.email, "Hello", "Come in.")
    db.session.commit()
    rows = {
        "people": admin.id,
        "workspaces": batch.workspace_id,
        "batches": batch.id,
        "jobs": engine.jobs(batch)[0].id,
        "pictures": engine.assets()[0].id,
        "api-keys": key.id,
        "offers": "sketch",
        "mails": letter.id,
    }
    asked = (each.split() for each in sorted(TABLE))
    return [(method, path.replace("<row_id>", str(rows.get(path.split("/")[2], "")))) for method, path in asked]


def send(call: Caller, method: str, path: str) -> Any:
    return call(method, path, headers={"Accept": "text/html"})


def test_every_address_is_in_the_table(app: APIFlask) -> None:
    routes = {
        f"{method} {re.sub(r'<[^:>]+:', '<', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/admin")
    }
    assert routes == TABLE


def test_strangers_are_sent_to_sign_in_and_back(app: APIFlask, addresses: list[tuple[str, str]]) -> None:
    for method, path in addresses:
        if method == "GET":
            answer = send(Caller(app, None), method, path)
            assert (answer.status_code, answer.location) == (302, f"/auth/login?next={path}"), path
        else:
            assert send(Caller(app, None), method, path).status_code == 400, path
    program = Caller(app, None)("GET", "/admin/", headers={"Accept": "application/json"})
    assert (program.status_code, program.get_json()["error"]["code"]) == (401, "not_signed_in")


def test_everybody_else_finds_nothing_and_that_they_looked_is_written_down(
    app: APIFlask, addresses: list[tuple[str, str]], stranger: User
) -> None:
    browser = Browser(app, stranger.email, "another long pass phrase")
    for method, path in addresses:
        assert send(browser, method, path).status_code == 404, path
    denied = sa.select(sa.func.count()).where(AuditEvent.actor_id == stranger.id, AuditEvent.action == "access_denied")
    assert db.session.scalar(denied) == len(addresses)
    assert "/admin" not in browser("GET", "/workspaces").text


def test_admins_are_let_in_and_led_there(staff: Staff, addresses: list[tuple[str, str]]) -> None:
    for method, path in addresses:
        assert send(staff, method, path).status_code in {200, 303}, path
    assert 'href="/admin/"' in staff.page("/workspaces")


def test_no_key_opens_them_not_even_an_admins(
    app: APIFlask, addresses: list[tuple[str, str]], admin: User, owner: User
) -> None:
    for user, status in ((admin, 403), (owner, 404)):
        call = Caller(app, make_key(user))
        assert {send(call, method, path).status_code for method, path in addresses} == {status}


def test_an_admin_who_is_one_no_more_is_out_at_once(app: APIFlask, staff: Staff, admin: User) -> None:
    staff.page("/admin/")
    db.session.execute(sa.update(User).where(User.id == admin.id).values(is_admin=False))
    db.session.commit()
    assert staff("GET", "/admin/").status_code == 404


def test_a_row_that_is_not_there_is_missing(staff: Staff) -> None:
    for name in LISTS:
        for row_id in (new_id(), "' OR 1=1 --", "%00", "9" * 400):
            assert staff("GET", f"/admin/{name}/{row_id}").status_code == 404, (name, row_id)


def test_looking_changes_nothing(staff: Staff, addresses: list[tuple[str, str]]) -> None:
    def rows() -> list[Any]:
        tables = [sa.inspect(each).local_table for each in (User, Job, Asset)]
        return [db.session.execute(sa.select(table).order_by(table.c.id)).all() for table in tables]

    before = rows()
    for method, path in addresses:
        send(staff, method, path)
        # Nor does any other method do anything.
        for other in {"POST", "PUT", "DELETE", "PATCH"} - {method}:
            assert send(staff, other, path).status_code == 405, (other, path)
    assert rows() == before


def test_reading_a_prompt_needs_the_forms_token(staff: Staff, batch: Batch, engine: Engine) -> None:
    path = f"/admin/jobs/{engine.jobs(batch)[0].id}/prompt"
    assert staff("POST", path, headers={"X-CSRFToken": ""}).status_code == 400
    assert staff("POST", path, headers={"Origin": "https://evil.example"}).status_code == 400
    assert staff("POST", path).status_code == 200
