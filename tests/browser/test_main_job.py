"""The main job: words with choices become pictures. For a newcomer, by keyboard alone, and without a script."""

from __future__ import annotations

import re

import pytest
from apiflask import APIFlask
from playwright.sync_api import Page, expect

from app.accounts import service as accounts
from app.extensions import settings
from tests.browser.canvas import PAINTED_MS, Canvas
from tests.browser.conftest import OpenContext
from tests.browser.people import PASSWORD, Person

PROMPT = "a {red|green|blue} fox, {dawn|dusk} light"
SIX = 6

pytestmark = pytest.mark.timeout(240)  # pictures in full size, perhaps on a busy machine


def test_a_newcomer_turns_one_prompt_into_six_pictures(app: APIFlask, open_context: OpenContext) -> None:
    with app.app_context():
        start_link = accounts.start_link(settings())
    assert start_link is not None
    page = open_context().new_page()
    page.goto(start_link)
    page.get_by_label("E-mail address").fill("newcomer@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the Darkroom").click()
    page.get_by_role("textbox", name="Prompt").press_sequentially(PROMPT)
    page.get_by_role("button", name="Take it to the canvas").click()

    canvas = Canvas(page)
    expect(canvas.prompt).to_have_value(PROMPT)
    expect(canvas.panel.get_by_text("3 × 2 = 6")).to_be_visible()
    expect(canvas.generate).to_have_text(re.compile("^Generate 6 · free$"))
    canvas.generate.click()
    expect(canvas.dialog).to_contain_text("Generate batch of 6 images?")
    expect(canvas.dialog).to_contain_text("6 images · free")
    expect(canvas.dialog.get_by_role("listitem")).to_have_count(SIX)
    expect(canvas.dialog).to_contain_text("a green fox, dusk light")
    canvas.dialog.get_by_role("button", name="Yes").click()

    expect(canvas.cards).to_have_count(SIX)
    expect(canvas.tray).to_contain_text("Generating 6 images...")
    # Some card shows the picture while it is still being made.
    expect(canvas.tray.locator("[data-preview]").locator("visible=true").first).to_be_visible(timeout=PAINTED_MS)
    expect(page).to_have_title(re.compile(r"^\d of 6 · "))
    canvas.expect_toast("All images complete!")
    canvas.expect_pictures(SIX)
    expect(page).to_have_title("Untitled · Darkroom")

    address = canvas.pictures.first.get_attribute("href")
    assert address is not None
    canvas.pictures.first.click()
    recipe = page.get_by_role("region", name="Recipe")
    expect(recipe).to_contain_text(PROMPT)
    expect(recipe.get_by_text(re.compile("^a (red|green|blue) fox, (dawn|dusk) light$"))).to_be_visible()
    seed = recipe.locator(".seed").inner_text()
    recipe.get_by_role("link", name="Use all").click()
    expect(canvas.prompt).to_have_value(PROMPT)
    expect(canvas.panel.get_by_label("Seed", exact=True)).to_have_value(seed)
    # On the picture's own page the same links lead to a canvas with its form filled; what one typed before stays.
    canvas.prompt.fill("my own words")
    canvas.panel.get_by_label("Seed", exact=True).fill("7")
    page.goto(address)
    recipe.get_by_role("link", name="Use seed").click()
    expect(canvas.prompt).to_have_value("my own words")
    expect(canvas.panel.get_by_label("Seed", exact=True)).to_have_value(seed)
    page.go_back()
    recipe.get_by_role("link", name="Use prompt").click()
    expect(canvas.prompt).to_have_value(PROMPT)
    canvas.toasts.get_by_role("button", name="Undo").click()
    expect(canvas.prompt).to_have_value("my own words")
    page.reload()
    expect(canvas.prompt).to_have_value("my own words")


def test_the_main_job_needs_no_pointer(page: Page, person: Person) -> None:
    page.goto("/")
    _tab_to(page, "link", "Playground")
    page.keyboard.press("Enter")
    canvas = Canvas(page)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.keyboard.press("/")
    expect(canvas.prompt).to_be_focused()
    page.keyboard.type(PROMPT)
    expect(canvas.panel.get_by_text("3 × 2 = 6")).to_be_visible()
    _tab_to(page, "combobox", "Style")
    page.keyboard.type("Small")
    page.keyboard.press("Control+Enter")

    yes = canvas.dialog.get_by_role("button", name="Yes")
    expect(yes).to_be_focused()
    for _ in range(8):  # more than the dialog has to offer: the focus goes round and never behind it
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        _expect_visible_focus(page)
    page.keyboard.press("Escape")
    expect(canvas.dialog).to_have_count(0)
    expect(canvas.prompt).to_be_focused()

    page.keyboard.press("Control+Enter")
    expect(yes).to_be_focused()
    page.keyboard.press("Enter")
    canvas.expect_toast("All images complete!")
    canvas.expect_pictures(SIX)

    _tab_to(page, "link", re.compile("fox"))
    for key, index in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        page.keyboard.press(key)
        expect(canvas.pictures.nth(index)).to_be_focused()
        _expect_visible_focus(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Recipe")).to_contain_text(PROMPT)


def test_the_main_job_needs_no_script(open_context: OpenContext, person: Person) -> None:
    page = open_context(person, java_script_enabled=False).new_page()
    canvas = Canvas(page).open(person.quick_canvas)
    canvas.prompt.fill(PROMPT)
    canvas.generate.click()
    expect(canvas.dialog).to_contain_text("6 images · free")
    canvas.dialog.get_by_role("button", name="Yes").click()
    expect(canvas.cards).to_have_count(SIX)
    # Nothing moves by itself here: the person looks again until all are there.
    canvas.expect_pictures_after_reloading(SIX)
    page.reload()  # the last of them may have come while the page was being written
    expect(canvas.tray.locator("[data-job]")).to_have_count(0)
    canvas.pictures.first.click()
    expect(page.get_by_role("region", name="Recipe")).to_contain_text(PROMPT)


def _tab_to(page: Page, role: str, name: str | re.Pattern[str], most: int = 60) -> None:
    """Press Tab until that element has the focus; every stop on the way must be visible."""
    wanted = page.get_by_role(role, name=name).first
    for _ in range(most):
        page.keyboard.press("Tab")
        _expect_visible_focus(page)
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab did not lead to {role} {name}")


def _expect_visible_focus(page: Page) -> None:
    """What has the focus is on the page, has a size, and wears a ring."""
    worn = page.evaluate(
        """() => {
          const at = document.activeElement;
          if (at === document.body) return true;
          // Over a segment or the model's row lies a see-through control: the ring is its neighbour's or its parent's.
          const seen = [at, at.nextElementSibling, at.parentElement, at.parentElement?.parentElement].filter(Boolean);
          const ring = (style) =>
            (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
          const box = at.getBoundingClientRect();
          return box.width > 0 && box.height > 0 && seen.some((element) => ring(getComputedStyle(element)))
            ? true
            : at.outerHTML.slice(0, 200);
        }"""
    )
    assert worn is True, worn
