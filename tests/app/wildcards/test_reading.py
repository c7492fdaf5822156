from __future__ import annotations

import contextvars
import threading
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from sqlalchemy.engine import Engine

from app import create_app
from app.config import Settings
from app.db import db, new_id
from app.prompts.errors import MacroError
from app.prompts.wildcard_files import read_files
from app.prompts.wildcards import WildcardSet
from app.wildcards import aside, reading, service, sets
from app.wildcards.reading import sample_of, templates_of, wildcards_of
from app.wildcards.sets import ReadSets, read_sets
from app.workspaces.models import Workspace
from tests.app.wildcards.conftest import Put, body


@pytest.fixture
def statements(app: APIFlask) -> Iterator[list[str]]:
    """What the database is asked from here on."""
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def other_app(app: APIFlask, settings: Settings) -> Iterator[APIFlask]:
    """What a second process has: the same database, and a memory of its own."""
    other = create_app(settings)
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def workspace_id(workspace: Workspace) -> uuid.UUID:
    return workspace.id


def names_in(app: APIFlask, workspace_id: uuid.UUID) -> list[str]:
    """The names of the workspace's wildcards, as that process knows them."""
    db.session.rollback()

    def ask() -> list[str]:
        with app.app_context():
            return wildcards_of(workspace_id).names

    return contextvars.Context().run(ask)


def test_files_are_read_once_and_then_one_small_query_tells_that_they_are_the_same(
    workspace_id: uuid.UUID, put: Put, other_app: APIFlask, statements: list[str]
) -> None:
    put("birds.txt", "owl")
    assert names_in(other_app, workspace_id) == ["birds"]
    statements.clear()
    assert names_in(other_app, workspace_id) == ["birds"]
    assert len(statements) == 1
    assert "wildcard_files" not in statements[0]


def test_who_saved_has_read_the_files_already(workspace_id: uuid.UUID, put: Put, statements: list[str]) -> None:
    put("birds.txt", "owl")
    statements.clear()
    assert wildcards_of(workspace_id) is wildcards_of(workspace_id)
    assert [statement for statement in statements if "wildcard_files" in statement] == []


def test_a_prompt_without_wildcards_asks_nothing(workspace_id: uuid.UUID, put: Put, statements: list[str]) -> None:
    put("birds.txt", "owl")
    statements.clear()
    [(_, plan)] = templates_of(workspace_id, "a {red|green} fox, a_b")
    assert (plan.total, statements) == (2, [])


def test_what_one_process_changes_the_other_sees_at_once(
    app: APIFlask, other_app: APIFlask, workspace_id: uuid.UUID, put: Put
) -> None:
    assert names_in(other_app, workspace_id) == []
    birds = put("birds.txt", "owl")
    assert names_in(other_app, workspace_id) == ["birds"]
    service.change(birds, body("fowl.txt", "owl"))
    assert names_in(other_app, workspace_id) == ["fowl"]
    fish = put("fish.txt", "eel")
    service.delete(birds)
    put("birds.txt", "owl")
    service.delete(fish)
    assert names_in(other_app, workspace_id) == names_in(app, workspace_id) == ["birds"]


def test_a_changed_text_is_seen_by_the_other_process(other_app: APIFlask, workspace_id: uuid.UUID, put: Put) -> None:
    birds = put("birds.txt", "owl")

    def there() -> list[str]:
        db.session.rollback()

        def ask() -> list[str]:
            with other_app.app_context():
                return sample_of(workspace_id, "__birds__", 9)

        return contextvars.Context().run(ask)

    assert there() == ["owl"]
    service.change(birds, body("birds.txt", "wren"))
    assert there() == ["wren"]


def test_a_refused_change_is_not_remembered(workspace_id: uuid.UUID, put: Put) -> None:
    put("birds.txt", "owl")
    before = wildcards_of(workspace_id)
    with pytest.raises(Exception, match="nowhere"):
        put("fish.txt", "__nowhere__")
    assert wildcards_of(workspace_id) is before


def test_mistakes_keep_their_line_in_the_whole_text(workspace_id: uuid.UUID, put: Put) -> None:
    put("birds.txt", "owl")
    with pytest.raises(MacroError, match=r"Line 3, column 4: There is no wildcard called bird; did you mean birds\?"):
        templates_of(workspace_id, "__birds__\n---\nan __bird__")


def test_several_templates_share_a_sample(workspace_id: uuid.UUID, put: Put) -> None:
    put("birds.txt", "owl", "wren")
    assert sample_of(workspace_id, "__birds__\n---\na {red|green} fox", 4) == [
        "owl",
        "wren",
        "a red fox",
        "a green fox",
    ]
    assert sample_of(workspace_id, "__birds__\n---\na {red|green} fox", 2) == ["owl", "a red fox"]


def some(entries: int, name: str = "a") -> WildcardSet:
    return read_files([(f"{name}.txt", "\n".join(f"word {number}" for number in range(entries)))])


def test_only_the_sets_used_last_are_kept() -> None:
    kept = ReadSets(most_sets=2, most_entries=1_000)
    first, second, third = new_id(), new_id(), new_id()
    version = new_id()
    kept.keep(first, version, some(1))
    kept.keep(second, version, some(1))
    assert kept.find(first, version) is not None
    kept.keep(third, version, some(1))
    assert (kept.find(second, version), len(kept)) == (None, 2)
    assert kept.find(first, version) is not None


def test_only_so_many_entries_are_kept_but_always_the_last_set() -> None:
    kept = ReadSets(most_sets=9, most_entries=10)
    first, second, third = new_id(), new_id(), new_id()
    version = new_id()
    kept.keep(first, version, some(5))
    kept.keep(second, version, some(5))
    assert len(kept) == 2
    kept.keep(third, version, some(11))
    assert len(kept) == 1
    assert kept.find(third, version) is not None


def test_another_version_is_another_set() -> None:
    kept = ReadSets()
    workspace_id, old, new = new_id(), new_id(), new_id()
    kept.keep(workspace_id, old, some(1))
    assert kept.find(workspace_id, new) is None
    kept.keep(workspace_id, new, some(2))
    assert (kept.find(workspace_id, old), len(kept)) == (None, 1)


def test_patterns_without_end_do_not_fill_the_memory(workspace_id: uuid.UUID, put: Put) -> None:
    put("birds.txt", *[f"bird {number}" for number in range(50)])
    patterns = [f"__{'b' * (number % 2)}{'*' * (1 + number)}s__" for number in range(3 * sets.MOST_PATTERNS)]
    for pattern in patterns:
        assert len(sample_of(workspace_id, f"a {pattern}", 3)) in (0, 3)
    assert len(wildcards_of(workspace_id).memory) < 4 * sets.MOST_PATTERNS


def test_slow_work_in_a_gevent_process_is_done_on_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside.monkey, "is_module_patched", lambda name: True)
    assert aside.aside(threading.get_ident) != threading.get_ident()

    def refuse() -> None:
        raise MacroError("bad_yaml", "This is not YAML.")

    with pytest.raises(MacroError, match="not YAML"):
        aside.aside(refuse)


def test_the_app_remembers_in_one_place(app: APIFlask, workspace_id: uuid.UUID, put: Put) -> None:
    put("birds.txt", "owl")
    assert len(read_sets()) == 1
    assert reading.read_sets() is app.extensions["wildcard_sets"]
