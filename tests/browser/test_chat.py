"""A picture is talked over, in two tabs, and made from what was proposed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import OpenContext
from tests.browser.people import Person

SUBJECT = "a lighthouse in a storm"


def test_a_picture_is_talked_over_and_made_of_what_was_proposed(
    canvas: Canvas, person: Person, open_context: OpenContext
) -> None:
    canvas.open(person.quick_canvas)
    page, keys = canvas.page, canvas.page.keyboard
    page.get_by_role("link", name="Chat", exact=True).click()
    message = page.get_by_role("textbox", name="Message")
    expect(message).to_be_focused()
    expect(page).to_have_url(re.compile("panel=chat"))
    other = open_context(person).new_page()
    other.goto(f"{person.canvas}/chat")

    keys.type(SUBJECT)
    keys.press("Enter")
    cards = page.get_by_role("article", name="Proposed prompt")
    expect(cards).to_have_count(3)
    expect(message).to_have_value("")
    expect(page.locator("#announcer")).to_have_text(re.compile("^Answer: .*built-in rules"))
    expect(other.get_by_role("article", name="Proposed prompt")).to_have_count(3)

    proposed = cards.first.locator(".chat-card__prompt").inner_text()
    cards.first.get_by_role("link", name="Use").click()
    canvas.expect_toast("The proposed prompt is in the form")
    expect(page.locator("#prompt")).to_have_value(proposed)
    page.locator("h1").first.evaluate("document.activeElement.blur()")
    keys.press("Control+z")
    expect(page.locator("#prompt")).to_have_value("")

    # As the form would make it: small, by its style.
    cards.first.get_by_role("button", name="Generate · free").click()
    canvas.expect_pictures(1)

    cards.first.get_by_role("button", name="Make variations").click()
    expect(cards).to_have_count(6)
    expect(page.get_by_role("paragraph").filter(has_text="Make three variations of")).to_be_visible()

    _edit_first(page, "a calm harbour")
    expect(page.get_by_role("article").filter(has_text="a calm harbour")).to_have_count(3)
    expect(cards).to_have_count(3)
    canvas.toasts.get_by_role("button", name="Undo").last.click()
    expect(cards).to_have_count(6)
    expect(other.get_by_role("article").filter(has_text="a calm harbour")).to_have_count(0)

    page.get_by_role("searchbox", name="Search this conversation").fill("variations")
    expect(page.get_by_text("message with “variations”")).to_be_visible()
    page.get_by_role("link", name="Show where").click()
    page.get_by_role("link", name="To the newest messages").click()
    expect(cards).to_have_count(6)
    page.get_by_role("button", name="Delete the conversation").click()
    expect(cards).to_have_count(0)
    expect(other.get_by_role("article")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Talk a picture over")).to_be_visible()


def _edit_first(page: Page, text: str) -> None:
    first = page.locator("[data-message]").first
    first.locator("summary").click()
    box = first.get_by_role("textbox", name="Your message")
    expect(box).to_be_focused()
    box.fill(text)
    first.get_by_role("button", name="Send again").click()
