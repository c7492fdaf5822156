"""Looking at pictures: one at full size over the canvas, by keys, pointer and fingers; two against each other."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import PHONE, OpenContext
from tests.browser.people import Person


class Lightbox:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_role("dialog", name="Picture", exact=True)
        self.stage = self.dialog.locator("[data-stage]")
        self.size = self.dialog.get_by_label("Size on the screen")
        self.recipe = self.dialog.get_by_role("region", name="Recipe")
        self.heart = self.dialog.get_by_role("button", name="Favourite")

    def expect_open(self, link: str) -> None:
        """It shows the picture of this address, and so does the browser's bar."""
        expect(self.dialog).to_be_visible()
        expect(self.dialog.locator(f'[data-open-picture="{link.split("/")[-1]}"]')).to_be_visible()
        expect(self.page).to_have_url(re.compile(f"{link}$"))

    def expect_size(self, percent: int) -> None:
        expect(self.size).to_have_text(f"{percent} %")


def test_a_picture_opens_at_full_size_over_the_canvas(
    canvas: Canvas, open_context: OpenContext, person: Person
) -> None:
    page, keys = canvas.page, canvas.page.keyboard
    box = Lightbox(page)
    canvas.ask("a red fox", batch=4)
    canvas.expect_toast("All images complete!")
    canvas.expect_pictures(4)
    canvas_url = page.url
    links = [link.get_attribute("href") or "" for link in canvas.pictures.all()]

    canvas.pictures.first.focus()
    keys.press("Enter")
    box.expect_open(links[0])
    expect(box.recipe).to_contain_text("a red fox")
    for key, at in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", 0), ("ArrowLeft", 0)):
        keys.press(key)
        box.expect_open(links[at])
    keys.press("f")
    expect(box.heart).to_have_attribute("aria-pressed", "true")
    keys.press("i")
    expect(box.recipe).to_be_hidden()
    keys.press("i")
    expect(box.recipe).to_be_visible()

    # Fits at its own size; closer with the wheel, the keys and a double click, back with 0.
    box.expect_size(100)
    keys.press("+")
    box.expect_size(125)
    keys.press("0")
    box.expect_size(100)
    box.stage.dblclick()
    box.expect_size(200)
    box.stage.hover()
    page.mouse.wheel(0, -1200)
    expect(box.stage).to_have_class(re.compile("is-pixels"))
    before = _place(box.stage)
    page.mouse.down()
    page.mouse.move(700, 500, steps=3)
    page.mouse.up()
    assert _place(box.stage) != before
    keys.press("0")
    box.expect_size(100)

    # The trash makes place for the neighbour, and gives back.
    keys.press("Delete")
    box.expect_open(links[1])
    keys.press("Control+z")
    page.go_back()
    expect(box.dialog).to_be_hidden()
    expect(page).to_have_url(canvas_url)
    expect(canvas.pictures.nth(1)).to_be_focused()
    canvas.expect_pictures(4)

    canvas.pictures.nth(2).click()
    box.expect_open(links[2])
    keys.press("Escape")
    expect(box.dialog).to_be_hidden()
    expect(canvas.pictures.nth(2)).to_be_focused()
    page.go_forward()
    box.expect_open(links[2])
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("a red fox")
    expect(box.dialog).to_be_hidden()

    fingers = open_context(person, viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    phone = Lightbox(fingers)
    fingers.goto(person.canvas)
    fingers.locator(f'[data-grid] a[href="{links[1]}"]').tap()
    phone.expect_open(links[1])
    _touch(fingers, [(300, 300)], [(60, 310)])
    phone.expect_open(links[2])
    _touch(fingers, [(180, 300), (200, 300)], [(100, 300), (280, 300)])
    expect(phone.stage).to_have_class(re.compile("is-zoomed"))


def test_two_pictures_are_compared_and_one_is_kept(canvas: Canvas) -> None:
    page, keys = canvas.page, canvas.page.keyboard
    canvas.ask("a red fox", batch=2)
    canvas.expect_toast("All images complete!")
    canvas.expect_pictures(2)
    for link in canvas.pictures.all():
        link.click(modifiers=["Control"])
    keys.press("c")
    expect(page).to_have_url(re.compile(r"/compare\?ids=[0-9a-f-]{36}(,|%2C)[0-9a-f-]{36}$"))
    facts = page.get_by_role("region", name="Facts")
    expect(facts.get_by_role("row", name=re.compile("^Model Sketch same"))).to_be_visible()

    expect(page.get_by_label("Size on the screen")).to_have_text("100 %")
    page.get_by_role("button", name="Slider").press("Enter")
    divider = page.get_by_role("slider", name="Divider between A and B")
    divider.focus()
    for key, at in (("ArrowRight", 52), ("End", 100), ("ArrowRight", 100), ("Home", 0)):
        keys.press(key)
        expect(divider).to_have_attribute("aria-valuenow", str(at))
    second = page.get_by_role("figure", name=re.compile("^B: "))
    assert second.evaluate("figure => getComputedStyle(figure).clipPath") == "inset(0px 0px 0px 0%)"
    keys.press("+")
    expect(page.get_by_label("Size on the screen")).to_have_text("125 %")
    scales = [
        figure.locator("img").evaluate("picture => new DOMMatrix(getComputedStyle(picture).transform).a")
        for figure in page.locator("[data-window]").all()
    ]
    assert scales == [1.25, 1.25]

    page.get_by_role("button", name="Flicker").press("Enter")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    expect(second).to_be_hidden()
    keys.press("Space")
    expect(second).to_be_visible()
    page.get_by_role("button", name="Side by side").press("Enter")

    page.get_by_role("button", name="Keep A, reject the other").press("Enter")
    feet = page.get_by_role("list").filter(has=page.get_by_role("button", name="Keep A")).get_by_role("listitem")
    kept, rejected = (
        feet.nth(0).get_by_role("button", name="Favourite"),
        feet.nth(1).get_by_role("button", name="Reject", exact=True),
    )
    for mark in (kept, rejected):
        expect(mark).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Undo").click()
    for mark in (kept, rejected):
        expect(mark).to_have_attribute("aria-pressed", "false")


def _place(stage: Locator) -> str:
    return str(stage.locator("img").evaluate("picture => picture.style.transform"))


def _touch(page: Page, start: list[tuple[int, int]], end: list[tuple[int, int]]) -> None:
    """Put fingers down, move them, and take them away."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, points: list[tuple[float, float]]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", [(float(x), float(y)) for x, y in start])
    for part in (0.3, 0.7, 1.0):
        pairs = zip(start, end, strict=True)
        send("touchMove", [(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part) for (x0, y0), (x1, y1) in pairs])
    send("touchEnd", [])
    session.detach()
