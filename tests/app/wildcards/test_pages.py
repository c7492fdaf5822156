"""The pages as a browser without scripts uses them."""

from __future__ import annotations

import io
import re
import uuid
from html import unescape

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from app import limits
from app.accounts.models import User
from app.db import db
from app.wildcards import queries
from app.wildcards.models import WildcardFile
from app.workspaces.models import Workspace
from tests.app.accounts.conftest import Browser
from tests.app.wildcards.conftest import Put


@pytest.fixture
def base(workspace: Workspace) -> str:
    return f"/w/{workspace.id}/wildcards"


@pytest.fixture
def browser(app: APIFlask, owner: User) -> Browser:
    """The owner's, signed in."""
    return signed_in(app, "owner@example.com", "a quite long pass phrase")


@pytest.fixture
def their_browser(app: APIFlask, stranger: User) -> Browser:
    return signed_in(app, "stranger@example.com", "another long pass phrase")


def signed_in(app: APIFlask, email: str, password: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(email, password).status_code == 302
    return browser


def upload(browser: Browser, base: str, *files: tuple[str, bytes], **fields: str) -> TestResponse:
    data = {"files": [(io.BytesIO(content), name) for name, content in files], **fields}
    return browser.post(f"{base}/uploads", data, content_type="multipart/form-data")


def error_at(page: str, field: str) -> str:
    found = re.search(rf'<p class="field__error" id="{field}-error">(.*?)</p>', page, re.DOTALL)
    assert found, page
    return unescape(re.sub(r"<[^>]+>", "", found[1])).strip()


def words(page: TestResponse) -> str:
    """What a page says, without the places where a long name may be broken."""
    return unescape(page.text).replace("<wbr>", "")


def only_file(workspace_id: uuid.UUID) -> WildcardFile:
    [file] = queries.files_of(workspace_id)
    return file


def test_an_empty_shelf_says_what_it_is_for(browser: Browser, base: str) -> None:
    page = browser.get(base).text
    assert "No wildcards" in page
    assert f'href="{base}/new"' in page


def test_a_file_is_written_listed_edited_and_deleted(browser: Browser, base: str, workspace: Workspace) -> None:
    workspace_id = workspace.id
    saved = browser.post(f"{base}/new", {"path": "animals/birds", "text": "owl\r\nwren\r\n"})
    assert saved.location == base
    page = words(browser.get(base))
    assert "was saved with 2 entries" in page
    assert "__animals/birds__" in page
    assert "owl · wren" in page

    address = f"{base}/{only_file(workspace_id).id}"
    assert ">owl\nwren</textarea>" in browser.get(address).text
    assert browser.post(address, {"path": "birds.txt", "text": "owl\nwren\nrobin"}).location == base
    assert "__birds__" in browser.get(base).text

    assert browser.post(f"{address}/deletion").location == base
    assert "“birds.txt” was deleted" in browser.get(base).text
    assert queries.files_of(workspace_id) == []


def test_the_menu_of_a_workspace_leads_there(browser: Browser, base: str) -> None:
    assert f'href="{base}"' in browser.get(f"{base}/new").text


def test_a_mistake_stands_at_its_field_and_nothing_typed_is_lost(browser: Browser, base: str) -> None:
    page = browser.post(f"{base}/new", {"path": "birds.txt", "text": "owl\nan __eagle__"})
    assert page.status_code == 422
    assert error_at(page.text, "text").startswith("birds.txt, line 2, column 4: There is no wildcard called eagle")
    assert "an __eagle__</textarea>" in page.text
    page = browser.post(f"{base}/new", {"path": "my birds.txt", "text": "owl"})
    assert "This file's name cannot be used" in error_at(page.text, "path")
    page = browser.post(f"{base}/new", {"path": "", "text": ""})
    assert (error_at(page.text, "path"), error_at(page.text, "text")) == ("This is needed.", "This is needed.")


def test_a_taken_name_stands_at_the_name(browser: Browser, base: str, put: Put) -> None:
    put("birds.txt", "owl")
    page = browser.post(f"{base}/new", {"path": "birds.txt", "text": "wren"})
    assert (page.status_code, error_at(page.text, "path")[:35]) == (409, "There is a file birds.txt already. ")


def test_a_file_that_others_need_is_not_deleted(browser: Browser, base: str, put: Put) -> None:
    birds = put("birds.txt", "owl")
    put("forest.txt", "__birds__")
    address = f"{base}/{birds.id}"
    assert browser.post(f"{address}/deletion").location == address
    assert "forest.txt (line 1) uses __birds__" in unescape(browser.get(address).text)


def test_several_files_are_uploaded_at_once(browser: Browser, base: str, workspace: Workspace) -> None:
    files = [
        ("lists/birds.txt", b"\xef\xbb\xbfowl\r\nw\xc3\xa4ren"),
        ("clothes.yaml", b"winter: [coat, __x/birds__]"),
    ]
    assert upload(browser, base, *files, folder=" x/ ").location == base
    page = words(browser.get(base))
    assert "2 files were added." in page
    assert "__x/clothes/winter__" in page
    assert queries.texts_of(workspace.id)["x/birds.txt"] == "owl\nwären"


def test_an_upload_replaces_a_file_only_when_told_to(browser: Browser, base: str, put: Put) -> None:
    file_id = put("birds.txt", "owl").id
    refused = upload(browser, base, ("birds.txt", b"wren"))
    assert (refused.status_code, error_at(refused.text, "files")[:33]) == (409, "There is a file birds.txt already")
    assert upload(browser, base, ("birds.txt", b"wren"), replace="y").location == base
    assert db.session.get_one(WildcardFile, file_id).text == "wren"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "Choose one or more .txt or .yaml files."),
        ([("", b"")], "Choose one or more .txt or .yaml files."),
        ([("birds.txt", b"\xff\xfeo\x00w\x00l\x00")], "birds.txt is not written in UTF-8"),
        ([("birds.txt", b"x" * (limits.WILDCARD_FILE_BYTES + 1))], "birds.txt is larger than 1 MiB"),
        ([("birds.txt", b"owl"), ("other/birds.txt", b"wren")], "Two of the files are called birds.txt"),
        ([("birds.exe", b"MZ")], "This file's name cannot be used"),
        ([("<img src=x onerror=alert(1)>.txt", b"owl")], "This file's name cannot be used"),
        ([("birds.yaml", b"a: [")], "birds.yaml, line"),
        ([("birds.txt", b"owl\x00")], "Remove the characters that are no text"),
    ],
)
def test_a_bad_upload_is_refused_whole(
    browser: Browser, base: str, workspace: Workspace, files: list[tuple[str, bytes]], says: str
) -> None:
    page = (
        upload(browser, base, ("good.txt", b"fine"), *files) if files and files[0][0] else upload(browser, base, *files)
    )
    assert page.status_code == 422
    assert says in error_at(page.text, "files")
    assert queries.texts_of(workspace.id) == {}


def test_a_file_as_large_as_may_be_can_be_edited_in_the_page(browser: Browser, base: str, workspace: Workspace) -> None:
    """A browser sends two bytes for each line end, and words in any alphabet."""
    line = "ä" * 7 + "\r\n"
    text = line * (limits.WILDCARD_FILE_BYTES // 15)
    assert len(text.encode()) > limits.FORM_BODY_BYTES
    assert browser.post(f"{base}/new", {"path": "a.txt", "text": text}, content_type="multipart/form-data").location
    assert only_file(workspace.id).entries == limits.WILDCARD_FILE_BYTES // 15
    over = browser.post(f"{base}/new", {"path": "b.txt", "text": text + line}, content_type="multipart/form-data")
    assert over.status_code == 422
    assert "A wildcard file may have 1 MiB" in error_at(over.text, "text")
    vast = {"path": "b.txt", "text": "x" * limits.WILDCARD_BODY_BYTES}
    assert browser.post(f"{base}/new", vast, content_type="multipart/form-data").status_code == 413


def test_strangers_may_not_send_so_much(app: APIFlask, base: str) -> None:
    vast = {"path": "b.txt", "text": "x" * (limits.FORM_BODY_BYTES + 1)}
    assert Browser(app).post(f"{base}/new", vast).status_code == 413


def test_a_file_is_downloaded_as_text(browser: Browser, base: str, put: Put) -> None:
    file = put("animals/birds.txt", "owl", "wrän")
    answer = browser.get(f"{base}/{file.id}/text")
    assert answer.data == "owl\nwrän".encode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="birds.txt"'


def test_what_people_type_is_shown_as_text(browser: Browser, base: str, put: Put) -> None:
    put("a.txt", '<script>alert("x")</script>')
    page = browser.get(base).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_long_lists_are_hinted_at(browser: Browser, base: str, put: Put) -> None:
    put("clothes.yaml", *[line for number in range(9) for line in (f"k{number}:", *["  - x"] * 6)])
    page = words(browser.get(base))
    assert "__clothes/k3__" in page
    assert "__clothes/k4__" not in page
    assert "and 5 more" in page
    assert "x · x · x · x …" in page


def test_files_that_can_no_longer_be_read_are_listed_with_the_reason(browser: Browser, base: str, put: Put) -> None:
    """As if an older version had allowed more."""
    file = put("a.yaml", "a: [x]")
    file.text = "a: ["
    db.session.commit()
    browser.app.extensions["wildcard_sets"].__init__()
    page = browser.get(base)
    assert page.status_code == 200
    assert "No prompt can use these files now." in page.text
    assert "a.yaml, line" in page.text


def test_a_stranger_finds_nothing_and_changes_nothing(
    browser: Browser, their_browser: Browser, base: str, their_workspace: Workspace, put: Put
) -> None:
    file_id = put("birds.txt", "owl").id
    theirs = f"/w/{their_workspace.id}/wildcards"
    texts = {"path": "birds.txt", "text": "wren"}
    for address in (base, f"{base}/new", f"{base}/{file_id}", f"{base}/{file_id}/text", f"{theirs}/{file_id}"):
        assert their_browser.get(address).status_code == 404
    for address in (f"{base}/new", f"{base}/{file_id}", f"{base}/{file_id}/deletion", f"{base}/uploads",
                    f"{theirs}/{file_id}", f"{theirs}/{file_id}/deletion"):  # fmt: skip
        assert their_browser.post(address, texts).status_code == 404
    assert db.session.get_one(WildcardFile, file_id).text == "owl"


def test_a_file_is_found_in_its_own_workspace_only(browser: Browser, owner: User, base: str, put: Put) -> None:
    from app.workspaces import service as workspaces
    from app.workspaces.forms import WorkspaceBody

    file_id = put("birds.txt", "owl").id
    other = workspaces.create_workspace(owner.id, WorkspaceBody(name="Other"))
    assert browser.get(f"/w/{other.id}/wildcards/{file_id}").status_code == 404
    assert browser.post(f"/w/{other.id}/wildcards/{file_id}/deletion").status_code == 404
    assert browser.get(f"{base}/{file_id}").status_code == 200


def test_visitors_are_asked_to_sign_in(app: APIFlask, base: str) -> None:
    assert "/auth/login" in (Browser(app).get(base).location or "")
