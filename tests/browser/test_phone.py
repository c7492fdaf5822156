"""A phone in the hand: real touches, as the browser makes them of fingers."""

from __future__ import annotations

import re

from apiflask import APIFlask
from playwright.sync_api import expect

from app.db import db
from app.library import uploads
from app.workspaces.models import Workspace
from tests.browser.canvas import Canvas
from tests.browser.conftest import PHONE, OpenContext
from tests.browser.fingers import Fingers
from tests.browser.people import Person
from tests.browser.pictures import a_png


def test_fingers_draw_the_sheet_choose_pictures_and_walk_through_them(
    open_context: OpenContext, person: Person, app: APIFlask
) -> None:
    with app.app_context():
        workspace = db.session.get_one(Workspace, person.workspace_id)
        for name in ("one.png", "two.png", "three.png"):
            uploads.add_bytes(workspace, a_png()["buffer"], shown_name=name)
    page = open_context(person, viewport=PHONE, is_mobile=True, has_touch=True).new_page()
    fingers = Fingers(page)

    # The sheet follows from any of its edges, without calling the keyboard; down again as well.
    canvas = Canvas(page).open(person.quick_canvas)
    expect(page.get_by_text("Live", exact=True)).to_be_attached()
    fingers.move(((90, 760), (90, 420)))
    canvas.expect_sheet(open=True)
    expect(canvas.prompt).not_to_be_focused()
    fingers.move(((90, 80), (90, 400)))
    canvas.expect_sheet(open=False)

    # A finger that stays on a picture chooses it, and a tap the next; the bar's signs have names.
    page.goto("/library?group=none")
    pictures = page.locator("[data-grid] [data-picture]")
    expect(pictures).to_have_count(3)
    first = pictures.first.bounding_box()
    assert first is not None
    fingers.stay((first["x"] + 100, first["y"] + 60))
    bar = page.get_by_role("toolbar", name="Selected pictures")
    expect(bar).to_contain_text("1 selected")
    pictures.nth(1).locator("[data-picture-link]").tap()
    expect(bar).to_contain_text("2 selected")
    for name in ("Favourite", "Reject", "Compare", "Download", "Trash", "Select nothing"):
        box = bar.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, name
    bar.get_by_role("button", name="Select nothing").tap()

    # Two fingers enlarge, one walks on.
    pictures.first.locator("[data-picture-link]").tap()
    opened = page.get_by_role("dialog").locator("[data-picture-view]")
    expect(opened.get_by_role("heading", name="three.png")).to_be_visible()
    stage = opened.locator("[data-stage]")
    fingers.move(((165, 400), (75, 400)), ((225, 400), (315, 400)))
    expect(stage).to_have_class(re.compile("is-zoomed"))
    fingers.move(((75, 400), (180, 400)), ((315, 400), (210, 400)))
    expect(stage).not_to_have_class(re.compile("is-zoomed"))
    fingers.move(((300, 400), (90, 404)))
    expect(opened.get_by_role("heading", name="two.png")).to_be_visible()
