"""Every call of the API against everybody who might make it. A call missing from the table fails."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from PIL import Image

from app.accounts import service
from app.accounts.domain import Scope
from app.accounts.models import User
from app.db import Base, db
from tests.app.api.conftest import Browser, Caller, CallerFor

READ, WRITE, GENERATE = Scope.READ, Scope.WRITE, Scope.GENERATE
NOBODYS = "019aa0c4-76f1-7a55-b001-000000000000"
PICTURE = {"prompt": "a fox", "width": 64, "height": 64}
MOMENT = {"at": "2026-11-20T12:00:03.141592Z"}


@dataclass(frozen=True)
class Row:
    """What a call needs: nothing at all, any live key or session, or a scope; and a request that it takes."""

    needs: Scope | str
    body: Any = None
    query: str = ""


TABLE = {
    "POST /api/generate": Row(GENERATE, PICTURE),
    "POST /api/generate/batch": Row(GENERATE, PICTURE),
    "GET /api/generate/<job_id>": Row(READ),
    "GET /api/status/<job_id>": Row(READ),
    "POST /api/iterate": Row(GENERATE, {"images": [NOBODYS], "prompt": "make it darker"}),
    "POST /api/outpaint": Row(GENERATE, {"images": [NOBODYS], "preset": "16:9"}),
    "GET /api/sessions": Row(READ),
    "POST /api/sessions": Row(GENERATE, {"flow_type": "compare", "initial_config": PICTURE}),
    "GET /api/sessions/<session_id>": Row(READ),
    "PATCH /api/sessions/<session_id>": Row(WRITE, {"name": "Lamps"}),
    "DELETE /api/sessions/<session_id>": Row(WRITE),
    "POST /api/sessions/<session_id>/restore": Row(WRITE),
    "GET /api/gallery": Row(READ),
    "GET /api/gallery/<session_id>": Row(READ),
    "GET /api/batches": Row(READ),
    "GET /api/batches/<batch_id>": Row(READ),
    "POST /api/batches/<batch_id>/cancel": Row(WRITE),
    "POST /api/batches/<batch_id>/retry": Row(GENERATE),
    "POST /api/batches/<batch_id>/rerun": Row(GENERATE),
    "GET /api/jobs": Row(READ),
    "GET /api/jobs/<job_id>": Row(READ),
    "GET /api/jobs/<job_id>/preview": Row(READ),
    "POST /api/jobs/<job_id>/cancel": Row(WRITE),
    "POST /api/jobs/<job_id>/retry": Row(GENERATE),
    "POST /api/jobs/<job_id>/move": Row(WRITE, {"to": "next"}),
    "GET /api/queue": Row(READ),
    "POST /api/queue/pause": Row(WRITE),
    "POST /api/queue/resume": Row(WRITE),
    "POST /api/queue/cancel": Row(WRITE),
    "POST /api/queue/uncancel": Row(GENERATE, MOMENT),
    "POST /api/queue/dismiss": Row(WRITE),
    "POST /api/queue/undismiss": Row(WRITE, MOMENT),
    "POST /api/prompts/expand": Row(READ, {"prompt": "a {red|blue} fox"}),
    "GET /api/prompts/suggest": Row(READ, query="?text=a+fox"),
    "POST /api/prompts/enhance": Row(GENERATE, {"prompt": "a fox"}),
    "POST /api/prompts/enhance/estimate": Row(GENERATE, {"prompt": "a fox"}),
    "GET /api/prompts/enhance/<request_id>": Row(READ),
    "GET /api/prompts/history": Row(READ),
    "POST /api/prompts/history/<past_prompt_id>/pin": Row(WRITE),
    "POST /api/prompts/history/<past_prompt_id>/unpin": Row(WRITE),
    "POST /api/prompts/history/<past_prompt_id>/restore": Row(WRITE),
    "DELETE /api/prompts/history/<past_prompt_id>": Row(WRITE),
    "GET /api/spending": Row(READ),
    "GET /api/images": Row(READ),
    "POST /api/images": Row(WRITE, "a file"),
    "POST /api/images/zip": Row(WRITE, "a ZIP"),
    "POST /api/images/fetch": Row(WRITE, {"url": "http://127.0.0.1/x.png"}),
    "POST /api/images/marks": Row(WRITE, {"ids": [NOBODYS], "favourite": True}),
    "POST /api/images/trash": Row(WRITE, {"ids": [NOBODYS]}),
    "POST /api/images/restore": Row(WRITE, {"ids": [NOBODYS]}),
    "GET /api/images/<image_id>": Row(READ),
    "PATCH /api/images/<image_id>": Row(WRITE, {"favourite": True}),
    "DELETE /api/images/<image_id>": Row(WRITE),
    "POST /api/images/<image_id>/restore": Row(WRITE),
    "GET /api/images/<image_id>/file": Row("anybody signed in"),
    "GET /api/images/<image_id>/preview": Row("anybody signed in"),
    "GET /api/images/<image_id>/thumb": Row("anybody signed in"),
    "GET /api/workspaces": Row(READ),
    "POST /api/workspaces": Row(WRITE, {"name": "Owls"}),
    "GET /api/workspaces/<workspace_id>": Row(READ),
    "PATCH /api/workspaces/<workspace_id>": Row(WRITE, {"name": "Owls"}),
    "DELETE /api/workspaces/<workspace_id>": Row(WRITE, query="?typed_name=Untitled"),
    "GET /api/workspaces/<workspace_id>/chat": Row(READ),
    "POST /api/workspaces/<workspace_id>/chat": Row(GENERATE, {"text": "a fox"}),
    "DELETE /api/workspaces/<workspace_id>/chat": Row(WRITE),
    "POST /api/workspaces/<workspace_id>/chat/restore": Row(WRITE, {"deletion_id": NOBODYS}),
    "GET /api/workspaces/<workspace_id>/chat/<message_id>": Row(READ),
    "PATCH /api/workspaces/<workspace_id>/chat/<message_id>": Row(GENERATE, {"text": "an owl"}),
    "POST /api/workspaces/<workspace_id>/chat/<message_id>/resend": Row(GENERATE),
    "POST /api/workspaces/<workspace_id>/chat/<message_id>/stop": Row(WRITE),
    "DELETE /api/workspaces/<workspace_id>/chat/<message_id>": Row(WRITE),
    "GET /api/themes": Row(READ),
    "POST /api/themes": Row(WRITE, {"name": "Snow"}),
    "GET /api/themes/<theme_id>": Row(READ),
    "PATCH /api/themes/<theme_id>": Row(WRITE, {"name": "Snow"}),
    "POST /api/themes/<theme_id>/duplicate": Row(WRITE),
    "DELETE /api/themes/<theme_id>": Row(WRITE),
    "GET /api/styles": Row(READ),
    "POST /api/styles": Row(WRITE, {"name": "Etching"}),
    "GET /api/styles/<style_id>": Row(READ),
    "PATCH /api/styles/<style_id>": Row(WRITE, {"name": "Etching"}),
    "POST /api/styles/<style_id>/duplicate": Row(WRITE),
    "DELETE /api/styles/<style_id>": Row(WRITE),
    "GET /api/wildcards": Row(READ),
    "POST /api/wildcards": Row(WRITE, {"path": "trees.txt", "text": "oak"}),
    "GET /api/wildcards/<file_id>": Row(READ),
    "PUT /api/wildcards/<file_id>": Row(WRITE, {"path": "beasts.txt", "text": "owl"}),
    "DELETE /api/wildcards/<file_id>": Row(WRITE),
    "GET /api/models": Row(READ),
    "GET /api/loras": Row(READ),
    "GET /api/gpus": Row(READ),
    "GET /api/me": Row(READ),
    "GET /api/live": Row("anybody signed in"),
    "GET /api/health": Row("nothing"),
    "GET /api/docs": Row("nothing"),
    "GET /api/openapi.json": Row("nothing"),
}
GUARDED = {name: row for name, row in TABLE.items() if row.needs != "nothing"}


def routes_of(app: APIFlask) -> set[str]:
    return {
        f"{method} {re.sub(r'<[^:>]+:', '<', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }


def send(call: Caller, name: str, ids: dict[str, str], **further: Any) -> Any:
    method, path = name.split()
    row = TABLE[name]
    path = re.sub(r"<(\w+)>", lambda found: ids[found.group(1)], path) + row.query
    if row.body == "a file":
        return call(method, path, data={"file": (picture(), "fox.png")}, **further)
    if row.body == "a ZIP":
        return call(method, path, data={"file": (zipped(), "foxes.zip")}, **further)
    return call(method, path, row.body, **further)


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(file, "PNG")
    file.seek(0)
    return file


def zipped() -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("fox.png", picture().getvalue())
    file.seek(0)
    return file


def everything() -> dict[str, list[Any]]:
    """All rows that a call could change."""
    # Written at every request, or at a refused one on purpose.
    left_out = {"api_keys", "audit_events", "user_sessions", "alembic_version"}
    return {
        name: [tuple(row) for row in db.session.execute(sa.select(table).order_by(*table.primary_key))]
        for name, table in Base.metadata.tables.items()
        if name not in left_out
    }


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def test_every_call_is_in_the_table(app: APIFlask) -> None:
    assert routes_of(app) == set(TABLE)


def test_strangers_to_the_server_see_nothing(app: APIFlask, owned: dict[str, str]) -> None:
    before = everything()
    for key, code in ((None, "not_signed_in"), ("darkroom_live_nonsense", "invalid_api_key")):
        for name in GUARDED:
            answer = send(Caller(app, key), name, owned)
            assert code_of(answer) == (401, code), name
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert everything() == before


def test_what_is_open_to_all_is_open(app: APIFlask) -> None:
    for name in set(TABLE) - set(GUARDED):
        assert send(Caller(app, None), name, {}).status_code == 200, name


def test_a_key_without_the_scope_is_told_which_it_needs(
    owner: User, caller_for: CallerFor, owned: dict[str, str]
) -> None:
    before = everything()
    for scope in Scope:
        others = caller_for(owner, *(each for each in Scope if each != scope))
        for name, row in TABLE.items():
            if row.needs == scope:
                answer = send(others, name, owned)
                assert code_of(answer) == (403, "missing_scope"), name
                assert f"«{scope}»" in answer.json["error"]["message"]
    assert everything() == before


def test_a_key_with_the_scope_alone_is_let_in(owner: User, caller_for: CallerFor, owned: dict[str, str]) -> None:
    callers = {scope: caller_for(owner, scope) for scope in Scope}
    for name, row in GUARDED.items():
        call = callers[row.needs] if isinstance(row.needs, Scope) else callers[GENERATE]
        assert send(call, name, owned).status_code not in {401, 403}, name


def test_what_belongs_to_somebody_else_is_missing(stranger: User, caller_for: CallerFor, owned: dict[str, str]) -> None:
    before = everything()
    call = caller_for(stranger)
    named = [name for name in TABLE if "<" in name]
    assert named
    for name in named:
        assert code_of(send(call, name, owned)) == (404, "not_found"), name
    for query in (
        "batches?workspace_id",
        "images?workspace_id",
        "styles?workspace_id",
        "wildcards?workspace_id",
        "sessions?workspace_id",
        "gallery?workspace_id",
    ):
        assert call.refused("GET", f"/api/{query}={owned['workspace_id']}") == (404, "not_found")
    assert call.refused("GET", f"/api/jobs?batch_id={owned['batch_id']}") == (404, "not_found")
    theirs = {"workspace_id": owned["workspace_id"]}
    for path, body in {
        "/api/prompts/expand": {"prompt": "a fox", **theirs},
        "/api/styles": {"name": "Etching", **theirs},
        "/api/wildcards": {"path": "trees.txt", "text": "oak", **theirs},
        "/api/images/fetch": {"url": "https://example.com/x.png", **theirs},
        "/api/workspaces": {"name": "Owls", "theme_id": owned["theme_id"]},
        "/api/generate": {**PICTURE, **theirs},
        "/api/sessions": {"initial_config": PICTURE, **theirs},
        "/api/iterate": {"images": [owned["image_id"]], "prompt": "make it darker"},
        "/api/outpaint": {"images": [owned["image_id"]], "preset": "16:9"},
    }.items():
        assert call.refused("POST", path, body) == (404, "not_found"), path
    upload = call("POST", "/api/images", data={"file": (picture(), "fox.png"), **theirs})
    assert code_of(upload) == (404, "not_found")
    assert everything() == before


def test_lists_hold_only_ones_own(stranger: User, caller_for: CallerFor, owned: dict[str, str]) -> None:
    call = caller_for(stranger)
    listed = {path: call.get(f"/api/{path}")["items"] for path in ("jobs", "batches", "images", "workspaces", "themes")}
    assert (listed["jobs"], listed["batches"], listed["images"]) == ([], [], [])
    assert not {row["id"] for rows in listed.values() for row in rows} & set(owned.values())
    queue = call.get("/api/queue")
    assert (queue["running"], queue["waiting"]) == ([], [])


def test_a_browser_may_do_what_its_person_may(browser: Browser, owned: dict[str, str]) -> None:
    for name in GUARDED:
        assert send(browser, name, owned).status_code not in {400, 401, 403}, name


def test_a_change_by_a_browser_needs_the_forms_token(browser: Browser, owned: dict[str, str]) -> None:
    before = everything()
    for name in GUARDED:
        if not name.startswith("GET"):
            for headers in ({"X-CSRFToken": ""}, {"X-CSRFToken": "made up"}, {"Origin": "https://evil.example"}):
                assert code_of(send(browser, name, owned, headers=headers)) == (400, "csrf_failed"), name
    assert everything() == before


def test_nobody_generates_before_confirming_their_address(app: APIFlask, owned: dict[str, str]) -> None:
    user = service.create_account("new@example.com", "a quite long pass phrase", confirmed=True)
    db.session.commit()
    browser = Browser(app, user.email, "a quite long pass phrase")
    user.confirmed_at = None
    db.session.commit()
    for name, row in TABLE.items():
        if row.needs == GENERATE:
            assert code_of(send(browser, name, owned)) == (403, "not_confirmed"), name


def test_in_production_the_description_is_for_those_who_are_signed_in(
    app: APIFlask, monkeypatch: pytest.MonkeyPatch, call: Caller
) -> None:
    production = app.extensions["settings"].model_copy(update={"env": "production"})
    monkeypatch.setitem(app.extensions, "settings", production)
    for path in ("/api/docs", "/api/openapi.json"):
        assert Caller(app, None)("GET", path).status_code == 401
        assert call("GET", path).status_code == 200
