"""Finding pictures again: by words, by tags, on a desk and on a phone; throwing them away and thinking again."""

from __future__ import annotations

import re

import pytest
from apiflask import APIFlask
from playwright.sync_api import Locator, Page, expect

from app.db import db
from app.library import uploads
from app.workspaces.models import Workspace
from tests.browser.conftest import PHONE, OpenContext
from tests.browser.people import Person
from tests.browser.pictures import a_png

_DROP = """bytes => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], "<b>brought.png", { type: "image/png" }));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}"""
# As many pages more as there would be with a thousand pictures: an empty one holds the room of what scrolled by.
_LONGER = """pages => {
  const page = document.querySelector("[data-groups]");
  for (let number = 0; number < pages; number += 1) {
    const more = page.cloneNode(true);
    for (const group of more.querySelectorAll("[data-group]")) group.dataset.group += `&page=${number}`;
    page.parentElement.append(more);
  }
}"""
NAMES = ("grey owl.png", "red fox.png", "arctic fox.png", "blue hare.png")


@pytest.fixture(autouse=True)
def _brought_along(app: APIFlask, person: Person) -> None:
    with app.app_context():
        workspace = db.session.get_one(Workspace, person.workspace_id)
        for name in NAMES:
            uploads.add_bytes(workspace, a_png()["buffer"], shown_name=name)


def pictures(page: Page) -> Locator:
    return page.locator("[data-grid] li:not([hidden]) > [data-picture]")


def expect_ready(page: Page) -> None:
    """The numbers come by themselves, once the page's modules are there to hear clicks and keys."""
    expect(page.get_by_role("link", name="Everything")).to_contain_text(re.compile(r"\d"))


def test_pictures_are_found_tagged_thrown_away_and_taken_back(page: Page, person: Person) -> None:
    page.goto(person.canvas)
    page.locator("body").press("g")
    page.locator("body").press("l")
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_attached()
    expect_ready(page)
    expect(pictures(page)).to_have_count(4)

    # By words, as they are typed; the address follows, and so does the way back.
    page.locator("body").press("/")
    page.keyboard.type("fox")
    expect(pictures(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/library\?q=fox$"))
    expect(page.get_by_role("searchbox", name="Search prompts")).to_be_focused()
    page.get_by_role("navigation", name="Group by").get_by_role("link", name="Nothing").click()
    expect(page).to_have_url(re.compile(r"q=fox&group=none$"))
    with page.expect_event("load"):  # the way back is read anew
        page.go_back()
    expect(page).to_have_url(re.compile(r"/library\?q=fox$"))
    expect_ready(page)
    expect(pictures(page)).to_have_count(2)

    # One shows its recipe beside the list, in the address too; more than one say how many they are.
    pictures(page).first.locator("[data-picture-link]").focus()
    page.keyboard.press("i")
    beside = page.get_by_role("complementary", name="Picture")
    expect(beside.get_by_role("link", name="Download")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=fox&image="))

    # All of a group at once.
    page.get_by_role("checkbox", name=re.compile("^Select all of")).check()
    bar = page.get_by_role("toolbar", name="Selected pictures")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_label("Tag for the selected pictures").fill("Keepers")
    bar.get_by_label("Tag for the selected pictures").press("Enter")
    expect(page.get_by_role("status", name="Notices")).to_contain_text("tag", ignore_case=True)
    with page.expect_download() as packed:
        bar.get_by_role("button", name="Download").click()
    assert re.fullmatch(r"darkroom-[\d-]+\.zip", packed.value.suggested_filename)
    page.goto("/library")
    page.get_by_role("complementary", name="Shelves").get_by_role("link", name="keepers").click()
    expect(page).to_have_url(re.compile(r"\?tag=keepers$"))
    expect_ready(page)
    expect(pictures(page)).to_have_count(2)

    # A library in groups goes on by itself; what is far is emptied, and there again with what was chosen of it.
    page.goto("/library?group=batch")
    expect_ready(page)
    page.evaluate(_LONGER, 40)
    first = page.locator("[data-groups]").first
    page.get_by_role("checkbox", name=re.compile("^Select all of")).first.check()
    page.get_by_role("checkbox", name=re.compile("^Select all of")).last.focus()
    page.evaluate("document.querySelector('.stage__main').scrollTop = 1e6")
    expect(first.locator("[data-picture]")).to_have_count(0)
    page.evaluate("document.querySelector('.stage__main').scrollTop = 0")
    expect(first.locator("[data-picture]")).to_have_count(4)
    expect(first.get_by_role("checkbox", name=re.compile("^Select all of"))).to_be_checked()
    page.goto("/library?tag=keepers")
    expect_ready(page)

    # Away, back, away; and out of the trash.
    page.get_by_role("checkbox", name=re.compile("^Select all of")).check()
    bar.get_by_role("button", name="Trash").click()
    expect(pictures(page)).to_have_count(0)
    expect(page.get_by_role("status", name="Notices")).to_contain_text("trash")
    page.locator("body").press("Control+z")
    expect(pictures(page)).to_have_count(2)
    page.get_by_role("checkbox", name=re.compile("^Select all of")).check()
    with page.expect_response("**/api/images/trash"):
        bar.get_by_role("button", name="Trash").click()
    page.get_by_role("complementary", name="Shelves").get_by_role("link", name="Trash").click()
    expect(pictures(page)).to_have_count(2)
    page.get_by_role("button", name="Restore all").click()
    expect(pictures(page)).to_have_count(4)

    # A file dropped there is kept, and opens for its recipe.
    expect_ready(page)
    page.evaluate(_DROP, list(a_png()["buffer"]))
    expect(page.get_by_role("dialog").get_by_role("heading", name="<b>brought.png")).to_be_visible()
    page.keyboard.press("Escape")
    expect(pictures(page)).to_have_count(5)


def test_the_library_fits_a_hand(open_context: OpenContext, person: Person) -> None:
    page = open_context(person, viewport=PHONE, has_touch=True).new_page()
    page.goto("/library")
    page.get_by_role("navigation", name="Main, phone").get_by_role("link", name="Library").tap()
    page.get_by_text("Source", exact=True).tap()
    made_here = page.get_by_role("link", name="Made here")
    box = made_here.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    made_here.tap()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Made here")).tap()
    expect(pictures(page)).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
