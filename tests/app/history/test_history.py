"""What is remembered of prompts: once each, found again, pinned, forgotten and brought back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.db import db
from app.errors import AppError, Conflict, NotFound
from app.history import queries, service
from app.history.models import PastPrompt
from app.library import marks
from app.workspaces import queries as workspaces
from app.workspaces.models import Workspace
from tests.support.engine import Engine


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return workspaces.workspaces_of(owner.id)[0]


def remember(workspace: Workspace, *prompts: str) -> None:
    for prompt in prompts:
        service.remember(workspace.id, prompt, "")
    db.session.commit()
    db.session.expire_all()


def prompts_of(workspace: Workspace, words: str = "") -> list[str]:
    db.session.expire_all()
    return [past.template for past in queries.past_prompts(workspace.id, words=words).prompts]


def one(workspace: Workspace, words: str) -> PastPrompt:
    (past,) = queries.past_prompts(workspace.id, words=words).prompts
    return past


def test_a_submission_is_remembered_with_it_or_not_at_all(engine: Engine, workspace: Workspace) -> None:
    for _ in range(2):
        engine.submit(workspace, "a {red|blue} fox", negative_prompt="text")
    with pytest.raises(AppError):
        engine.submit(workspace, "a {red|blue} owl", model="no such model")
    past = one(workspace, "")
    assert (past.template, past.negative, past.times_used) == ("a {red|blue} fox", "text", 2)


def test_a_prompt_outlives_its_pictures(engine: Engine, owner: User, workspace: Workspace) -> None:
    engine.submit(workspace, "a red fox")
    engine.turn()
    marks.trash(owner.id, [asset.id for asset in engine.assets()])
    assert prompts_of(workspace) == ["a red fox"]


def test_the_latest_use_comes_first_and_the_pinned_before_all(workspace: Workspace) -> None:
    remember(workspace, "one", "two", "three", "one")
    assert prompts_of(workspace) == ["one", "three", "two"]
    service.pin(one(workspace, "two"))
    assert prompts_of(workspace) == ["two", "one", "three"]
    service.unpin(one(workspace, "two"))
    assert prompts_of(workspace) == ["one", "three", "two"]


def test_the_same_words_to_keep_out_make_another_prompt_of_it(workspace: Workspace) -> None:
    service.remember(workspace.id, "a fox", "")
    service.remember(workspace.id, "a fox", "text")
    service.remember(workspace.id, "   ", "text")
    assert prompts_of(workspace) == ["a fox", "a fox"]


def test_search_finds_all_words_in_any_order_and_takes_no_sign_for_a_pattern(workspace: Workspace) -> None:
    remember(workspace, "A Red FOX in the snow", "a red owl", "100% wool_", "ÉTUDE in blue")
    assert prompts_of(workspace, "fox RED") == ["A Red FOX in the snow"]
    assert prompts_of(workspace, "étude") == ["ÉTUDE in blue"]
    assert prompts_of(workspace, "%") == ["100% wool_"]
    assert prompts_of(workspace, "_") == ["100% wool_"]
    assert prompts_of(workspace, "fox owl") == []


def test_pages_go_on_where_the_last_one_ended(workspace: Workspace) -> None:
    remember(workspace, *(f"fox {number}" for number in range(7)))
    for number in (0, 3):
        service.pin(one(workspace, f"fox {number}"))
    seen: list[str] = []
    after = None
    while True:
        page = queries.past_prompts(workspace.id, after=after, most=2)
        seen += [past.template for past in page.prompts]
        if page.after is None:
            break
        after = db.session.get_one(PastPrompt, page.after)
    assert seen == [f"fox {number}" for number in (3, 0, 6, 5, 4, 2, 1)]


def test_what_begins_with_the_text_is_suggested_before_what_holds_it(workspace: Workspace) -> None:
    remember(workspace, "fox in snow", "a red fox", "fox", "owl")
    assert [past.template for past in queries.like(workspace.id, "FOX", most=5)] == ["fox in snow", "a red fox"]


def test_what_is_forgotten_can_be_brought_back_for_a_day(owner: User, workspace: Workspace) -> None:
    remember(workspace, "a fox", "an owl")
    past = one(workspace, "fox")
    service.forget(past)
    assert prompts_of(workspace) == ["an owl"]
    with pytest.raises(NotFound):
        service.past_prompt_for(owner.id, past.id)
    service.bring_back(service.past_prompt_for(owner.id, past.id, even_deleted=True))
    assert prompts_of(workspace, "fox") == ["a fox"]
    service.forget(past)
    remember(workspace, "a fox")
    assert prompts_of(workspace) == ["a fox", "an owl"]


def test_the_oldest_go_and_the_pinned_stay(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "UNPINNED_MOST", 3)
    remember(workspace, "pinned")
    service.pin(one(workspace, "pinned"))
    remember(workspace, *(f"fox {number}" for number in range(6)))
    assert prompts_of(workspace) == ["pinned", "fox 5", "fox 4", "fox 3"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PastPrompt)) == 4


def test_pins_are_bounded(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PINNED_MOST", 1)
    remember(workspace, "one", "two")
    service.pin(one(workspace, "one"))
    service.pin(one(workspace, "one"))
    with pytest.raises(Conflict):
        service.pin(one(workspace, "two"))


def test_somebody_elses_prompt_looks_like_none(stranger: User, workspace: Workspace) -> None:
    remember(workspace, "a fox")
    with pytest.raises(NotFound):
        service.past_prompt_for(stranger.id, one(workspace, "fox").id)
