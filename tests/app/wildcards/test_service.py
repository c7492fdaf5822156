from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from sqlalchemy.exc import NoResultFound

from app import limits
from app.accounts.models import User
from app.db import db
from app.errors import AppError, NotFound
from app.prompts.plan import check
from app.prompts.wildcard_files import read_files
from app.wildcards import queries, service
from app.wildcards.errors import ChangedMeanwhile, PathTaken, ShelfFull, UnusableWildcards, WildcardInUse
from app.wildcards.models import WildcardFile, WildcardShelf
from app.wildcards.reading import sample_of, templates_of, wildcards_of
from app.workspaces.models import Workspace
from tests.app.wildcards.conftest import Put, body


def kept(workspace: Workspace) -> dict[str, str]:
    return queries.texts_of(workspace.id)


def test_a_file_is_kept_and_a_prompt_picks_from_it(workspace: Workspace, put: Put) -> None:
    file = put("animals/birds.txt", "# of the night", "owl", "", "nightjar")
    assert (file.path, file.entries) == ("animals/birds.txt", 2)
    assert sample_of(workspace.id, "an __animals/birds__ at dusk", 9) == ["an owl at dusk", "an nightjar at dusk"]
    [(_, plan)] = templates_of(workspace.id, "__animals/*__")
    assert plan.total == 2


def test_a_yaml_file_keeps_several_lists(workspace: Workspace, put: Put) -> None:
    file = put("clothes.yaml", "winter:", "  - coat", "  - scarf", "summer:", "  - shirt")
    assert file.entries == 3
    assert wildcards_of(workspace.id).names == ["clothes/summer", "clothes/winter"]


@pytest.mark.parametrize("path", ["animals/birds", " animals/birds.txt\n"])
def test_a_name_without_an_ending_is_that_of_a_text_file(put: Put, path: str) -> None:
    assert put(path, "owl").path == "animals/birds.txt"


@pytest.mark.parametrize(
    ("path", "lines", "code", "says"),
    [
        ("a.txt", ["fine", "__nowhere__"], "missing_wildcard", "a.txt, line 2, column 1: There is no wildcard called"),
        ("a.txt", ["x", "so {a|__a__}"], "cyclic_wildcard", "a.txt, line 2, column 7: Wildcards lead in a circle"),
        ("a.txt", ["a {red|green fox"], "unclosed_group", "a.txt, line 1, column 3: This group is never closed"),
        ("a.txt", ["", "# nothing but a note"], "empty_wildcard", "a.txt, line 1, column 1: There is no entry yet"),
        ("a.txt", ["x" * 4_001], "too_long", "a.txt, line 1, column 1: An entry may have 4,000 characters."),
        ("a.txt", ["owl"] * 100_001, "too_many_entries", "All wildcards together hold 100,000 entries."),
        ("a.txt", ["ä" * 1_000] * 525, "too_large", "A wildcard file may have 1 MiB; split it."),
        ("a.yaml", ["a: [1", "b: ]"], "bad_yaml", "a.yaml, line 2, column"),
        ("a.yaml", ["- one", "- !!python/object/apply:os.system [id]"], "bad_yaml", "a.yaml, line 2, column 3"),
        ("a.yaml", ["a: &x [one]", "b: *x"], "bad_yaml", "a.yaml, line 2, column 4: Aliases"),
        ("a.yaml", ["a:", "  - one", "a:", "  - two"], "duplicate_wildcard", "a.yaml, line 4, column 3"),
        ("a b.txt", ["x"], "bad_name", "This file's name cannot be used"),
        ("../a.txt", ["x"], "bad_name", "This file's name cannot be used"),
        ("/etc/a.txt", ["x"], "bad_name", "This file's name cannot be used"),
        ("a.exe", ["x"], "bad_name", "This file's name cannot be used"),
        (".txt", ["x"], "bad_name", "This file's name cannot be used"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    workspace: Workspace, put: Put, path: str, lines: list[str], code: str, says: str
) -> None:
    with pytest.raises(UnusableWildcards) as refused:
        put(path, *lines)
    assert refused.value.code == code
    assert says in refused.value.message
    assert list(refused.value.fields) == ["path" if code == "bad_name" else "text"]
    assert kept(workspace) == {}


def test_a_circle_through_several_files_is_refused_and_nothing_changes(workspace: Workspace, put: Put) -> None:
    [forest, _] = service.add_files(
        workspace, [body("forest.txt", "oak", "__birds__"), body("birds.txt", "owl")], replace=False
    )
    [birds] = [file for file in queries.files_of(workspace.id) if file.path == "birds.txt"]
    before = kept(workspace)
    with pytest.raises(UnusableWildcards, match=r"circle: .*birds.* → .*forest") as refused:
        service.change(birds, body("birds.txt", "owl", "in the __forest__"))
    assert refused.value.code == "cyclic_wildcard"
    assert kept(workspace) == before
    assert forest.entries == 2


def test_files_that_need_each_other_go_together(workspace: Workspace) -> None:
    together = [body("a.txt", "an __b__"), body("b.txt", "owl")]
    with pytest.raises(UnusableWildcards, match="no wildcard called b"):
        service.add_files(workspace, together[:1], replace=False)
    service.add_files(workspace, together, replace=False)
    assert sample_of(workspace.id, "__a__", 1) == ["an owl"]


def test_two_files_of_one_name_are_refused(workspace: Workspace, put: Put) -> None:
    put("birds.txt", "owl")
    with pytest.raises(PathTaken):
        put("birds.txt", "wren")
    with pytest.raises(UnusableWildcards, match=r"already taken by birds\.txt"):
        put("birds.yaml", "- wren")
    with pytest.raises(PathTaken):
        service.add_files(workspace, [body("birds.txt", "wren")], replace=False)
    assert kept(workspace) == {"birds.txt": "owl"}


def test_an_upload_may_replace_a_file_and_keeps_its_id(workspace: Workspace, put: Put) -> None:
    old = put("birds.txt", "owl")
    old_id, made = old.id, old.created_at
    [new] = service.add_files(workspace, [body("birds.txt", "wren", "robin")], replace=True)
    assert (new.id, new.created_at, new.entries) == (old_id, made, 2)
    assert new.changed_at > made
    assert kept(workspace) == {"birds.txt": "wren\nrobin"}


def test_a_file_can_be_renamed(workspace: Workspace, put: Put) -> None:
    file = put("birds.txt", "owl")
    same = service.change(file, body("animals/birds.txt", "owl"))
    assert same.id == file.id
    assert wildcards_of(workspace.id).names == ["animals/birds"]


def test_a_name_is_not_taken_from_another_file(workspace: Workspace, put: Put) -> None:
    put("birds.txt", "owl")
    fish = put("fish.txt", "eel")
    with pytest.raises(PathTaken):
        service.change(fish, body("birds.txt", "eel"))
    assert kept(workspace) == {"birds.txt": "owl", "fish.txt": "eel"}


def test_what_others_need_can_be_neither_deleted_nor_renamed_nor_emptied(workspace: Workspace, put: Put) -> None:
    birds = put("birds.yaml", "night:", "  - owl", "day:", "  - wren")
    put("forest.txt", "oak", "{fir|an old __birds/night__}")
    put("sky.txt", "a ${x:__birds/night__}")
    before = kept(workspace)
    attempts = [
        lambda: service.delete(birds),
        lambda: service.change(birds, body("fowl.yaml", "night:", "  - owl", "day:", "  - wren")),
        lambda: service.change(birds, body("birds.yaml", "day:", "  - wren")),
    ]
    for attempt in attempts:
        with pytest.raises(WildcardInUse) as refused:
            attempt()
        assert "forest.txt (line 2) uses __birds/night__, sky.txt (line 1) uses __birds/night__" in str(refused.value)
        assert kept(workspace) == before
    service.change(birds, body("birds.yaml", "night:", "  - owl"))  # what nobody needs may go


def test_many_users_of_a_file_are_counted_and_not_all_named(put: Put) -> None:
    birds = put("birds.txt", "owl")
    put("forest.txt", *[f"__birds__ {number}" for number in range(9)])
    with pytest.raises(WildcardInUse, match=r"line 5\) uses __birds__, and 4 more do"):
        service.delete(birds)


def test_a_file_that_nobody_needs_is_deleted(workspace: Workspace, put: Put) -> None:
    put("birds.txt", "owl")
    fish = put("fish.txt", "eel", "__birds__")
    service.delete(fish)
    assert kept(workspace) == {"birds.txt": "owl"}
    assert wildcards_of(workspace.id).names == ["birds"]


def test_a_pattern_that_still_finds_something_holds_nothing_back(workspace: Workspace, put: Put) -> None:
    owls = put("birds/owls.txt", "owl")
    put("birds/wrens.txt", "wren")
    put("forest.txt", "__birds/*__")
    service.delete(owls)
    assert sample_of(workspace.id, "__forest__", 5) == ["wren"]


def test_a_workspace_holds_so_many_files_and_no_more(
    workspace: Workspace, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WILDCARD_FILES", 2)
    put("a.txt", "x")
    put("b.txt", "x")
    with pytest.raises(ShelfFull, match="holds 2 wildcard files"):
        put("c.txt", "x")
    assert limits.WILDCARD_FILES == 500


def test_a_workspace_holds_so_many_bytes_and_no_more(workspace: Workspace) -> None:
    line = "x" * 1_000
    full = [body(f"{number}.txt", *[line] * 1_047) for number in range(8)]  # 8 files of 1,048,046 bytes
    service.add_files(workspace, full, replace=False)
    left = limits.WILDCARD_BYTES - 8 * 1_048_046
    with pytest.raises(ShelfFull, match="8 MiB together"):
        service.create(workspace, body("last.txt", "y" * 560, "z" * (left - 560)))
    service.create(workspace, body("last.txt", "y" * 560, "z" * (left - 561)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_workspace_holds_so_many_choices_and_no_more(workspace: Workspace, put: Put) -> None:
    """More would keep whoever saves, and whoever names them in a prompt, waiting for many seconds."""
    put("a.txt", "{a|b}")
    lines = ["__a__"] * (limits.WILDCARD_MARKS // 2 - 1)
    with pytest.raises(ShelfFull, match="200,000"):
        put("b.txt", *lines, "|")
    assert put("b.txt", *lines).entries == len(lines)


def test_workspaces_know_nothing_of_each_others_files(
    workspace: Workspace, their_workspace: Workspace, put: Put
) -> None:
    put("birds.txt", "owl")
    assert wildcards_of(their_workspace.id).names == []
    put("birds.txt", "wren", into=their_workspace)
    assert sample_of(workspace.id, "__birds__", 5) == ["owl"]
    assert sample_of(their_workspace.id, "__birds__", 5) == ["wren"]


def test_a_strangers_file_looks_like_a_missing_one(owner: User, stranger: User, put: Put) -> None:
    file = put("birds.txt", "owl")
    assert service.file_for(owner.id, file.id) is file
    with pytest.raises(NotFound) as theirs:
        service.file_for(stranger.id, file.id)
    service.delete(file)
    with pytest.raises(NotFound) as missing:
        service.file_for(stranger.id, file.id)
    assert str(theirs.value) == str(missing.value)


def test_who_saves_while_another_saves_is_checked_against_what_that_one_left(
    workspace: Workspace, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each change alone is fine; after the other, the second names what is gone."""
    birds = put("birds.txt", "owl")
    real = service._turn_over

    def overtaken(*given: Any) -> bool:
        monkeypatch.setattr(service, "_turn_over", real)
        service.delete(birds)
        return real(*given)

    monkeypatch.setattr(service, "_turn_over", overtaken)
    with pytest.raises(UnusableWildcards, match="no wildcard called birds"):
        put("forest.txt", "__birds__")
    assert kept(workspace) == {}


def test_files_hold_together_whoever_changes_them_at_once(app: APIFlask, workspace: Workspace, put: Put) -> None:
    birds_id, workspace_id = put("birds.txt", "owl").id, workspace.id

    def act(number: int) -> str:
        with app.app_context():
            try:
                if number % 4 == 0:
                    service.delete(db.session.get_one(WildcardFile, birds_id))
                else:
                    mine = db.session.get_one(Workspace, workspace_id)
                    service.create(mine, body(f"f{number}.txt", "__birds__" if number % 2 else "oak"))
            except (AppError, NoResultFound) as refusal:
                return type(refusal).__name__
            finally:
                db.session.remove()
            return f"f{number}.txt" if number % 4 else ""

    db.session.rollback()
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(act, range(8)))
    texts = kept(workspace)
    check(read_files(texts.items()))
    assert {outcome for outcome in outcomes if outcome.endswith(".txt")} == set(texts) - {"birds.txt"}
    assert ("birds.txt" in texts) is ("" not in outcomes)


def test_who_is_always_overtaken_is_told_to_try_again(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_turn_over", lambda *given: False)
    with pytest.raises(ChangedMeanwhile):
        put("birds.txt", "owl")


def test_a_workspaces_files_go_with_its_row(workspace: Workspace, put: Put) -> None:
    put("birds.txt", "owl")
    db.session.delete(workspace)
    db.session.commit()
    for table in (WildcardFile, WildcardShelf):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


@pytest.mark.parametrize("text", ["owl\r\nwren\r", "\ufeffowl\nwren\n\n", "owl\u2028wren"])
def test_line_ends_and_byte_order_marks_make_no_difference(workspace: Workspace, put: Put, text: str) -> None:
    put("birds.txt", text)
    assert sample_of(workspace.id, "__birds__", 5) == ["owl", "wren"]


def test_every_refusal_is_one_a_person_can_act_on() -> None:
    for refusal in (PathTaken("a.txt"), ShelfFull("Full."), ChangedMeanwhile(), WildcardInUse([])):
        assert isinstance(refusal, AppError)
        assert 400 <= refusal.status < 500
