"""The frame: the queue over the page, every command by its letters, and the tour of a newcomer."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import PHONE, OpenContext
from tests.browser.people import Person


def test_the_queue_opens_over_the_page_and_is_put_in_order(paused: Canvas) -> None:
    page = paused.page
    paused.ask("a red fox", batch=4)
    expect(paused.cards_in("waiting")).to_have_count(4)
    page.keyboard.press("Escape")
    page.get_by_role("banner").get_by_role("link", name="Queue").click()
    panel = page.get_by_role("dialog", name="Queue")
    rows = panel.locator("[data-queue-waiting]")
    expect(rows).to_have_count(4)
    expect(rows.first).to_be_focused()
    first, second, third, fourth = (row.get_attribute("id") for row in rows.all())

    # By keys: the row keeps the focus wherever it goes.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowUp")
    _expect_order(page, [second, first, third, fourth])
    expect(rows.first).to_be_focused()
    # By hand: the first below the third.
    grip, below = rows.nth(0).locator("[data-queue-grip]").bounding_box(), rows.nth(2).bounding_box()
    assert grip is not None
    assert below is not None
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, below["y"] + below["height"] - 4, steps=4)
    page.mouse.up()
    _expect_order(page, [first, third, second, fourth])
    page.keyboard.press("Delete")
    expect(rows).to_have_count(3)
    expect(panel.locator("[data-queue-waiting]:focus")).to_have_count(1)

    # The top bar is still in use: by its count, and by closing what it opened.
    expect(page.locator("#queue-count")).to_have_text(re.compile("^3"))
    panel.get_by_role("button", name="Cancel all").click()
    expect(rows).to_have_count(0)
    expect(page.get_by_role("contentinfo")).to_contain_text("queue is empty")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("banner").get_by_role("link", name="Queue")).to_be_focused()


def test_commands_are_found_by_their_letters(canvas: Canvas) -> None:
    page = canvas.page
    canvas.prompt.fill("a red fox")
    page.keyboard.press("Control+k")
    find = page.get_by_role("combobox", name="Find a command or a place")
    expect(find).to_be_focused()
    page.keyboard.type("resq")
    chosen = page.locator("#palette [aria-selected=true]")
    expect(chosen).to_have_text("Resume the queue")
    expect(find).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    page.keyboard.press("Enter")
    canvas.expect_toast("The queue goes on")
    expect(canvas.prompt).to_have_value("a red fox")
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")
    expect(page.get_by_text("Nothing is called that.")).to_be_visible()
    for _ in range(4):
        page.keyboard.press("Backspace")
    page.keyboard.type("api keys")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/settings/api-keys$"))


def test_a_newcomer_is_shown_round_once_and_may_go_again(open_context: OpenContext, person: Person) -> None:
    page = open_context(person, newcomer=True).new_page()
    page.goto(person.canvas)
    tour = page.get_by_role("region", name=re.compile("^Tour, step"))
    expect(tour).to_contain_text("step 1 of 4")
    # It blocks nothing: the prompt takes what is typed.
    page.get_by_role("textbox", name="Prompt", exact=True).fill("a red fox")
    for step in (2, 3, 4):
        tour.get_by_role("button", name="Next").press("Enter")
        expect(tour).to_contain_text(f"step {step} of 4")
    tour.get_by_role("button", name="Done").press("Enter")
    expect(tour).to_be_hidden()
    page.reload()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(tour).to_be_hidden()
    # On a phone the way back to it is in the account's menu.
    page.set_viewport_size(PHONE)
    page.goto("/settings")
    page.locator("summary", has=page.locator(".avatar")).click()
    page.get_by_role("button", name="Take the tour").click()
    expect(page).to_have_url(re.compile(person.canvas))
    expect(tour.get_by_role("button", name="Next")).to_be_focused()
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()


def _expect_order(page: Page, ids: list[str | None]) -> None:
    """Wait until the rows stand so and nothing is under way that would change them."""
    page.wait_for_function(
        """ids => {
          const rows = [...document.querySelectorAll("#queue-panel [data-queue-waiting]")];
          return !document.querySelector("#queue-panel .htmx-request") && rows.every(({ id }, at) => id === ids[at]);
        }""",
        arg=ids,
    )
