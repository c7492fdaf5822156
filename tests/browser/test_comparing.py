"""Compare as a person meets it: four columns, one refined on its own, three by one prompt, a frame extended, and all of
it there after a reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import PAINTED_MS
from tests.browser.people import Person

pytestmark = pytest.mark.timeout(240)


def test_one_prompt_in_four_columns_refined_alone_and_together(page: Page, person: Person) -> None:
    page.goto(f"/w/{person.workspace_id}/compare?aspect=Custom&width=96&height=64")
    page.get_by_role("textbox", name="Prompt", exact=True).fill("a striped lighthouse at dusk")
    clicks = 0
    page.get_by_role("button", name="Generate 4 · free").click()
    clicks += 1
    columns = page.locator("[data-column]")
    pictures = page.locator("[data-column] [data-picture]")
    expect(columns).to_have_count(4)
    expect(pictures).to_have_count(4, timeout=PAINTED_MS)
    expect(page.get_by_text("4 originals, 0 iterations · free")).to_be_visible()

    # By words, twice, in one column; Enter sends.
    change = columns.first.get_by_role("textbox", name="Change Sketch")
    for number, words in enumerate(("make the sky more purple", "add snow"), start=1):
        expect(columns.first.get_by_role("radio", name=_base(number - 1))).to_be_checked(timeout=PAINTED_MS)
        change.fill(words)
        columns.first.get_by_role("button", name="Iterate Sketch").click()
        clicks += 1
        expect(columns.first.locator("[data-picture]")).to_have_count(number + 1, timeout=PAINTED_MS)
        expect(change).to_have_value("")
    assert clicks < 5
    expect(columns.first.get_by_text("2 of 7")).to_be_visible()

    # Another branch: from the original once more.
    columns.first.get_by_role("radio", name="Go on from the original").check(force=True)
    columns.first.get_by_role("button", name="16:9").click()
    expect(columns.first.get_by_text("Outpaint 16:9")).to_be_visible()
    expect(columns.first.get_by_text("from original")).to_be_visible()
    expect(pictures).to_have_count(7, timeout=PAINTED_MS)

    # Three columns by one prompt; their own docks stand back meanwhile.
    for at in (0, 1, 3):
        columns.nth(at).get_by_role("checkbox").first.check()
    bar = page.get_by_role("form", name="One prompt for the selected pictures")
    expect(bar.get_by_text("one prompt for Sketch, Sketch Pastel, Sketch Sepia")).to_be_visible()
    expect(columns.nth(2).locator("[data-dock]")).to_have_attribute("inert", "")
    expect(columns.nth(2).get_by_placeholder("Uses the shared prompt")).to_be_attached()
    bar.get_by_role("textbox").fill("light the lamp")
    expect(bar.get_by_role("button", name="Iterate 3 · free")).to_be_visible()
    # In this field the key that generates means this step.
    bar.get_by_role("textbox").press("Control+Enter")
    expect(pictures).to_have_count(10, timeout=PAINTED_MS)
    expect(bar).to_be_hidden()
    expect(page.locator(".take__caption").filter(has_text="light the lamp")).to_have_count(3)

    # What is kept is counted where the price stands.
    pictures.nth(1).hover()
    pictures.nth(1).get_by_role("button", name="Favourite").click()
    expect(columns.first.get_by_text("1 kept")).to_be_visible()

    # What a picture continued stands in its recipe.
    page.reload()
    expect(pictures).to_have_count(10)
    expect(page.get_by_text("4 originals, 6 iterations · free")).to_be_visible()
    columns.first.locator("[data-picture-link]").nth(2).click()
    recipe = page.get_by_role("region", name="Recipe")
    expect(recipe.get_by_text("Continued from")).to_be_visible()
    expect(recipe).to_contain_text("make the sky more purple")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Gallery").click()
    expect(page.locator(".shelf__iterations").first.locator("[data-picture]")).to_have_count(4)
    page.get_by_role("link", name=re.compile("^Reopen")).click()
    expect(pictures).to_have_count(10)


def _base(number: int) -> str:
    return "Go on from the original" if number == 0 else f"Go on from iteration {number}"
