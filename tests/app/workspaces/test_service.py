"""Workspaces, themes and styles: made, changed, copied, deleted, and nobody else's."""

from __future__ import annotations

import pytest

from app.accounts.models import User
from app.db import db
from app.errors import NotFound
from app.forms import read_form
from app.workspaces import queries, service
from app.workspaces.errors import LastWorkspace, WrongTypedName
from app.workspaces.forms import StyleBody, ThemeBody, WorkspaceBody
from tests.support.engine import Engine


def test_a_new_account_starts_with_a_workspace_a_dozen_themes_and_a_dozen_styles(owner: User) -> None:
    workspaces = queries.workspaces_of(owner.id)
    assert [workspace.name for workspace in workspaces] == ["Untitled"]
    assert len(queries.themes_of(owner.id)) == 12
    assert len(queries.styles_of(workspaces[0].id)) == 12


def test_a_new_workspace_has_the_starter_styles_of_its_own(owner: User) -> None:
    workspace = service.create_workspace(owner.id, WorkspaceBody(name="Field notes"))
    assert len(queries.styles_of(workspace.id)) == 12
    service.delete_style(queries.styles_of(workspace.id)[0])
    assert [len(queries.styles_of(each.id)) for each in queries.workspaces_of(owner.id)] == [11, 12]


def test_a_workspace_is_renamed_and_given_a_theme(owner: User) -> None:
    workspace, theme = queries.workspaces_of(owner.id)[0], queries.themes_of(owner.id)[0]
    service.change_workspace(workspace, WorkspaceBody(name="Winter", theme_id=theme.id))
    assert (workspace.name, workspace.theme_id) == ("Winter", theme.id)
    service.delete_theme(theme)
    db.session.expire_all()
    assert queries.workspaces_of(owner.id)[0].theme_id is None


def test_deleting_a_workspace_takes_its_name_and_stops_its_jobs(engine: Engine, owner: User) -> None:
    service.create_workspace(owner.id, WorkspaceBody(name="Other"))
    workspace = service.create_workspace(owner.id, WorkspaceBody(name="Doomed"))
    batch = engine.submit(workspace, batch_size=3)
    with pytest.raises(WrongTypedName):
        service.delete_workspace(workspace, typed_name="doomed")
    service.delete_workspace(workspace, typed_name="Doomed")
    assert engine.states(batch) == ["cancelled"] * 3
    with pytest.raises(NotFound):
        service.workspace_for(owner.id, workspace.id)
    assert "Doomed" not in [each.name for each in queries.workspaces_of(owner.id)]
    engine.check()


def test_the_only_workspace_cannot_be_deleted(owner: User) -> None:
    workspace = queries.workspaces_of(owner.id)[0]
    with pytest.raises(LastWorkspace):
        service.delete_workspace(workspace, typed_name=workspace.name)


def test_nothing_of_somebody_else_can_be_reached_or_attached(owner: User, stranger: User) -> None:
    mine = queries.workspaces_of(owner.id)[0]
    theme, style = queries.themes_of(owner.id)[0], queries.styles_of(mine.id)[0]
    for reach in (
        lambda: service.workspace_for(stranger.id, mine.id),
        lambda: service.theme_for(stranger.id, theme.id),
        lambda: service.style_for(stranger.id, style.id),
        lambda: service.create_workspace(stranger.id, WorkspaceBody(name="x", theme_id=theme.id)),
    ):
        with pytest.raises(NotFound):
            reach()


def test_copies_are_independent(owner: User) -> None:
    theme = queries.themes_of(owner.id)[0]
    copy = service.duplicate_theme(theme)
    service.change_theme(copy, ThemeBody(name="Mine", base_prompt="rain"))
    assert (theme.name, copy.name) == (theme.name, "Mine")
    assert theme.base_prompt != "rain"
    style = queries.styles_of(queries.workspaces_of(owner.id)[0].id)[0]
    assert service.duplicate_style(style).positive == style.positive


def test_a_form_reads_empty_fields_as_not_given(owner: User) -> None:
    body = read_form(
        StyleBody, {"name": " Ink\u200b ", "steps": "", "seed": "0", "cfg_scale": "7.5", "csrf_token": "x"}
    )
    assert (body.name, body.steps, body.seed, body.cfg_scale) == ("Ink", None, 0, 7.5)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u202e \u200b"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "seed": "4294967296"}, "seed"),
        ({"name": "x", "seed": "-1"}, "seed"),
        ({"name": "x", "steps": "many"}, "steps"),
        ({"name": "x", "cfg_scale": "NaN"}, "cfg_scale"),
        ({"name": "x", "sampler": "{{7*7}}"}, "sampler"),
        ({"name": "x", "positive": "p" * 4001}, "positive"),
        ({"name": "x", "width_px": "15"}, "width_px"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_do(form: dict[str, str], field: str) -> None:
    from app.errors import Invalid

    with pytest.raises(Invalid) as refusal:
        read_form(StyleBody, form)
    assert list(refusal.value.fields) == [field]
    assert refusal.value.fields[field]
