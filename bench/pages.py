"""What a page costs the server when there is very much to show, and what it weighs."""

from __future__ import annotations

import gzip
import re
from time import perf_counter

import sqlalchemy as sa
from flask.testing import FlaskClient

from app.db import db
from app.library.models import Asset
from bench.ground import EMAIL, PASSWORD, add_pictures, ground, person
from bench.measurement import Row, row

PICTURES = 100_000


def run() -> list[Row]:
    with ground() as base:
        workspace = person()
        add_pictures(workspace, PICTURES)
        workspace_id = workspace.id
        deep = _cursor(workspace_id, PICTURES - 200)
        client = base.app.test_client()
        _sign_in(client)
        canvas, grid = f"/w/{workspace_id}", f"/w/{workspace_id}/grid"
        note = f"{PICTURES:,} pictures, SQLite, in process"
        rows = [
            row("canvas, first page", _times(client, canvas), "ms", budget=40, note=note),
            row("canvas, at the far end", _times(client, f"{canvas}?after={deep}"), "ms", budget=40, note=note),
            row("next page of pictures, at the far end", _times(client, f"{grid}?after={deep}"), "ms", note=note),
        ]
        weight, files = _first_load(client, canvas)
        rows.append(
            row(
                "first load of the canvas, compressed, without pictures",
                [weight],
                "kB",
                budget=200,
                note=f"{files} files",
            )
        )
        db.session.remove()
    return rows


def _cursor(workspace_id: object, skip: int) -> object:
    """The id a page deep down starts after."""
    newest_first = sa.select(Asset.id).where(Asset.workspace_id == workspace_id).order_by(Asset.id.desc())
    return db.session.scalar(newest_first.offset(skip).limit(1))


def _sign_in(client: FlaskClient) -> None:
    page = client.get("/auth/login").get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token.group(1), "email": EMAIL, "password": PASSWORD}
    answer = client.post("/auth/login", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 302, answer.get_data(as_text=True)


def _times(client: FlaskClient, path: str, rounds: int = 40) -> list[float]:
    found = []
    for number in range(rounds + 3):
        start = perf_counter()
        answer = client.get(path)
        spent = (perf_counter() - start) * 1000
        assert answer.status_code == 200, answer.status
        if number >= 3:
            found.append(spent)
    return found


def _first_load(client: FlaskClient, path: str) -> tuple[float, int]:
    """Kilobytes of the page and of every stylesheet, script and font it leads to, as they travel."""
    page = client.get(path).get_data(as_text=True)
    seen: dict[str, int] = {path: len(gzip.compress(page.encode()))}
    todo = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        body = client.get(address).get_data()
        packed = body if address.endswith((".woff2", ".png", ".webp")) else gzip.compress(body)
        seen[address] = len(packed)
        if address.endswith(".js"):
            base = address.rsplit("/", 1)[0]
            for relative in re.findall(r'from\s*"(\.[^"]+)"', body.decode()):
                parts = f"{base}/{relative}".split("/")
                flat: list[str] = []
                for part in parts:
                    if part == "..":
                        flat.pop()
                    elif part != ".":
                        flat.append(part)
                todo.append("/".join(flat))
    return sum(seen.values()) / 1000, len(seen)
