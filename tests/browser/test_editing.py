"""Painting over a picture what should change, and drawing how far it is extended: by mouse and keys, and by fingers."""

from __future__ import annotations

import io

import numpy as np
from apiflask import APIFlask
from PIL import Image
from playwright.sync_api import Page, expect

from app.db import db
from app.library import uploads
from app.workspaces.models import Workspace
from tests.browser.canvas import Canvas
from tests.browser.conftest import DESKTOP, PHONE, OpenContext
from tests.browser.fingers import Fingers
from tests.browser.people import Person
from tests.browser.pictures import a_png

SIZE = (320, 240)


class Painter:
    """The dialog over a picture, and where on the screen the picture's middle is."""

    def __init__(self, page: Page) -> None:
        self.dialog = page.get_by_role("dialog", name="Paint what should change")
        self.view = self.dialog.get_by_role("application", name="The picture")
        self.told = self.dialog.get_by_role("status")
        expect(self.view).to_be_focused()
        box = self.view.bounding_box()
        assert box is not None
        self.x, self.y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def expect_share(self, words: str) -> None:
        expect(self.told).to_contain_text(words)

    def act(self, name: str) -> None:
        self.dialog.get_by_role("button", name=name).click()

    def use(self) -> None:
        self.act("Use this mask")
        expect(self.dialog).to_be_hidden()


def test_a_mask_is_painted_by_mouse_and_keys_and_only_what_it_covers_changes(
    open_context: OpenContext, person: Person, app: APIFlask
) -> None:
    source, page = _brought(app, person), open_context(person, viewport=DESKTOP).new_page()
    page.goto(f"/images/{source}")
    page.get_by_role("link", name="Inpaint").first.click()
    painter = Painter(page)
    painter.expect_share("Nothing is painted yet")
    expect(painter.dialog.get_by_role("button", name="Use this mask")).to_be_disabled()

    # A stroke, taken back and done again, wiped in its middle by keys alone, and all of it turned round twice.
    page.mouse.move(painter.x - 60, painter.y)
    page.mouse.down()
    page.mouse.move(painter.x + 60, painter.y, steps=6)
    page.mouse.up()
    painter.expect_share("5 % of the picture")
    page.keyboard.press("Control+z")
    painter.expect_share("Nothing is painted yet")
    page.keyboard.press("Control+y")
    for key in ("e", "[", *["ArrowLeft"] * 6, "Space", "e", "i"):
        page.keyboard.press(key)
    painter.expect_share("95 % of the picture")
    page.keyboard.press("i")
    painter.use()

    canvas = Canvas(page)
    expect(canvas.panel.get_by_role("checkbox", name="Repaint the painted part")).to_be_checked()
    expect(canvas.panel.get_by_label("Mask", exact=True)).to_be_hidden()
    # It survives a reload with the rest of the form, and can be painted on.
    page.reload()
    expect(canvas.panel.get_by_role("checkbox", name="Repaint the painted part")).to_be_checked()
    canvas.panel.get_by_role("button", name="Change the mask").click()
    # Its soft edge was cut at the middle.
    Painter(page).expect_share("4 % of the picture")
    page.keyboard.press("Escape")
    canvas.ask("a blue owl")
    expect(canvas.open_first_picture()).to_contain_text("Repainted")
    before, after = _pixels(a_png(size=SIZE)["buffer"]), _file_of(page)
    changed = np.flatnonzero((before != after).any(axis=(1, 2)))
    assert SIZE[1] / 2 - 20 < changed.min() < changed.max() < SIZE[1] / 2 + 20


def test_fingers_paint_zoom_and_draw_a_frame(open_context: OpenContext, person: Person, app: APIFlask) -> None:
    source = _brought(app, person)
    page = open_context(person, viewport=PHONE, is_mobile=True, has_touch=True).new_page()
    fingers = Fingers(page)
    page.goto(f"/images/{source}/start?operation=inpaint")
    painter = Painter(page)
    x, y = painter.x, painter.y

    # Two fingers enlarge and paint nothing; one paints.
    fingers.move(((x - 20, y), (x - 70, y)), ((x + 20, y), (x + 70, y)))
    expect(painter.dialog.get_by_role("button", name="Undo")).to_be_disabled()
    fingers.move(((x - 80, y), (x + 80, y)))
    expect(painter.dialog.get_by_role("button", name="Undo")).to_be_enabled()
    for control in painter.dialog.get_by_role("button").all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    painter.use()

    # The form came up by itself; now the same picture is to be extended, by its handle.
    canvas = Canvas(page)
    canvas.expect_sheet(open=True)
    canvas.panel.get_by_label("What to do with it").select_option("outpaint")
    frame = canvas.panel.get_by_role("group", name="New frame")
    frame.scroll_into_view_if_needed()
    frame.evaluate("frame => Promise.all(document.getAnimations().map((each) => each.finished))")
    square = frame.locator("label", has_text="1:1")
    square.tap()
    if not frame.get_by_role("radio", name="1:1").is_checked():
        # Made-up fingers: the browser may still take the first touch for a part of the gesture before it.
        square.tap()
    expect(frame.get_by_label("Top")).to_have_value("40")
    frame.get_by_label("The picture stays").select_option("bottom")
    expect(frame.get_by_label("Top")).to_have_value("80")
    handle = frame.locator("[data-handle=right]")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    at = (box["x"] + 3, box["y"] + 14)
    fingers.move((at, (at[0] + 24, at[1])))
    expect(frame.get_by_role("radio", name="Own")).to_be_checked()
    added = int(frame.get_by_label("Right").input_value())
    assert 20 < added < 80
    canvas.ask("golden dunes")
    canvas.open_first_picture()
    made = _file_of(page)
    assert made.shape == (SIZE[1] + 80, SIZE[0] + added, 3)
    assert np.array_equal(made[80:, : SIZE[0]], _pixels(a_png(size=SIZE)["buffer"]))


def _brought(app: APIFlask, person: Person) -> str:
    with app.app_context():
        workspace = db.session.get_one(Workspace, person.workspace_id)
        return str(uploads.add_bytes(workspace, a_png(size=SIZE)["buffer"], shown_name="dunes.png").id)


def _file_of(page: Page) -> np.ndarray:
    address = page.get_by_role("link", name="Download").first.get_attribute("href")
    assert address is not None
    return _pixels(page.context.request.get(address).body())


def _pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
