"""A person's rooms with something in every one of them: what the tests of all pages walk through."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa
from PIL import Image

from app.accounts import provider_keys
from app.accounts import service as accounts
from app.accounts.models import User
from app.billing import service as billing
from app.billing.service import Workload
from app.chat import queries as chats
from app.chat import service as chat
from app.db import database_now, db, new_id, utc_now
from app.generation import events, leases, queueing, submission
from app.generation.domain import OPEN, JobState
from app.generation.models import Job
from app.generation.specs import GenerationSpec
from app.library import marks, uploads
from app.library.marks import Marks
from app.library.models import Asset
from app.studio import sessions
from app.wildcards import service as wildcards
from app.wildcards.forms import WildcardBody
from app.workspaces import service as workspaces
from app.workspaces.forms import StyleBody, ThemeBody, WorkspaceBody
from app.workspaces.models import Workspace
from tests.browser.people import Person, make_person
from tests.browser.pictures import a_png
from tests.support.product import Product


@dataclass(frozen=True)
class Words:
    """What people wrote, in one line and at any length."""

    name: str
    text: str
    file_name: str


PLAIN = Words("Foxes", "a red fox in the snow", "dunes.png")


@dataclass(frozen=True)
class Furnished:
    person: Person
    paths: dict[str, str]


@contextmanager
def furnished(product: Product, words: Words) -> Iterator[Furnished]:
    """A workspace with pictures, a batch in all states, and one of everything that has a name; and an empty one."""
    person = make_person(product.witness)
    with product.witness.app_context():
        workspace = db.session.get_one(Workspace, person.workspace_id)
        theme = workspaces.create_theme(
            person.id, ThemeBody(name=words.name, base_prompt=words.text, description=words.text)
        )
        workspaces.change_workspace(workspace, WorkspaceBody(name=words.name, theme_id=theme.id))
        style = workspaces.create_style(
            workspace, StyleBody(name=words.name, positive=words.text, negative=words.text, width_px=96, height_px=64)
        )
        empty = workspaces.create_workspace(person.id, WorkspaceBody(name=f"{words.name[:70]} 2"))
        file = wildcards.create(workspace, WildcardBody(path="animals/forest", text="badger\nowl"))
        user = db.session.get_one(User, person.id)
        user.is_admin = True
        accounts.make_api_key(user, words.name)
        _spend(user)
        db.session.commit()
        source = uploads.add_bytes(workspace, a_png()["buffer"], shown_name=words.file_name)

        def submit(count: int, **more: object) -> None:
            wishes = {"prompt": words.text, "negative_prompt": words.text, "style_id": style.id, "batch_size": count}
            submission.submit(workspace, GenerationSpec.model_validate({**wishes, **more}), key=str(new_id()))

        submit(3)
        submit(1, image=source.id, operation="img2img")
        columns = GenerationSpec(prompt=words.text, width=96, height=64)
        compared = sessions.start(workspace, columns, ["sketch", "sketch-neon"], key=str(new_id()), name=words.name)
        product.wait_until(lambda: not _jobs(person, Job.state.in_(OPEN)), "the pictures are made")
        picture = db.session.scalars(
            sa.select(Asset).where(Asset.owner_id == person.id, Asset.source == "generated").order_by(Asset.id.desc())
        ).first()
        assert picture is not None
        marks.set_marks(person.id, [picture.id], Marks(rating=4, add_tags=["keepers"]))
        thrown = uploads.add_bytes(workspace, a_png()["buffer"], shown_name=words.file_name)
        marks.trash(person.id, [thrown.id])
        chat.send(workspace, f"{words.text}\n**{words.text}**", [picture.id])
        product.wait_until(lambda: chats.open_answer(workspace.id) is None, "the message is answered")
        queueing.pause(person.id)
        submit(4)
        _stage(person, words)
        paths = {
            "home": "/",
            "canvas": f"/w/{workspace.id}",
            "empty canvas": f"/w/{empty.id}",
            "queue": "/queue",
            "picture": f"/images/{picture.id}",
            "upload": f"/images/{source.id}",
            "comparison": f"/compare?ids={source.id},{picture.id}",
            "lineage": f"/images/{source.id}/lineage",
            "columns": f"/compare/{compared.session.id}",
            "new columns": f"/w/{empty.id}/compare",
            "gallery": "/gallery",
            "chat": f"/w/{workspace.id}/chat",
            "workspaces": "/workspaces",
            "workspace": f"/w/{workspace.id}/settings",
            "themes": f"/w/{workspace.id}/themes",
            "theme": f"/w/{workspace.id}/themes/{theme.id}",
            "new theme": f"/w/{workspace.id}/themes/new",
            "styles": f"/w/{workspace.id}/styles",
            "style": f"/w/{workspace.id}/styles/{style.id}",
            "new style": f"/w/{workspace.id}/styles/new",
            "wildcards": f"/w/{workspace.id}/wildcards",
            "wildcard file": f"/w/{workspace.id}/wildcards/{file.id}",
            "new wildcard file": f"/w/{workspace.id}/wildcards/new",
            "library": "/library",
            "library by prompt": "/library?group=prompt&kind=image&tag=keepers",
            "nothing found": "/library?q=no+such+thing",
            "trash": "/library/trash",
            "sessions": "/library/sessions",
            "settings": "/settings",
            "change of address": "/settings/email",
            "change of password": "/auth/change",
            "second step": "/auth/tf-setup",
            "API keys": "/settings/api-keys",
            "new API key": "/settings/api-keys/new",
            "provider keys": "/settings/provider-keys",
            "provider key": "/settings/provider-keys/openai",
            "spending": "/settings/spending",
            "API manual": "/api/docs",
            "style guide": "/styleguide",
            "staff": "/admin/",
            "staff's models": "/admin/offers/",
            "staff's workspaces": "/admin/workspaces/?deleted=no&sort=0",
            "staff's job": f"/admin/jobs/{_jobs(person, Job.state == JobState.FAILED)[0]}",
        }
    yield Furnished(person, paths)
    # The staged ones would hold a slot for good, and where there is an admin nobody starts anew.
    with product.witness.app_context():
        db.session.execute(sa.update(User).where(User.id == person.id).values(is_admin=False))
        db.session.execute(sa.update(Job).where(Job.owner_id == person.id).values(state=JobState.CANCELLED))
        db.session.commit()


def _spend(user: User) -> None:
    """A key that was refused, and a few cents on it and on the house's."""
    row = provider_keys.save(user, "openai", "sk-nobody-0123456789")
    row.check_asked_at = row.checked_at = utc_now()
    row.check_ok, row.check_said = False, "OpenAI does not accept this key."
    for own_key in (False, True):
        work = Workload(new_id(), 1, price=Decimal("0.12"), provider="openai", model="sketch")
        billing.reserve(user.id, [work])
        billing.settle(user.id, work, cost=Decimal("0.12"), own_key=own_key)


def _stage(person: Person, words: Words) -> None:
    """Of the waiting pictures one is being made by this very process, and one has failed."""
    running, failed, *_ = _jobs(person, Job.state == JobState.WAITING)
    _set(
        running,
        state=JobState.RUNNING,
        lane="sketch",
        attempt=1,
        lease_owner=leases.lease_owner(),
        lease_until=database_now() + timedelta(hours=1),
        submitted_at=database_now(),
        started_at=database_now(),
        reason=words.text,
    )
    _set(
        failed,
        state=JobState.FAILED,
        finished_at=database_now(),
        error_kind="provider",
        error_sentence=words.text,
    )
    db.session.commit()
    look = io.BytesIO()
    Image.new("RGB", (48, 32), "#703020").save(look, "JPEG")
    events.job_progress(db.session.get_one(Job, running), 0.42, message=words.text[:80], preview=look.getvalue())


def _jobs(person: Person, condition: sa.ColumnElement[bool]) -> list[uuid.UUID]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Job.id).where(Job.owner_id == person.id, condition).order_by(Job.id)))


def _set(job_id: uuid.UUID, **values: object) -> None:
    db.session.execute(sa.update(Job).where(Job.id == job_id).values(**values))
