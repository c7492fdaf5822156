"""What a person may choose of the look, and what their machine has chosen already."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import OpenContext
from tests.browser.people import Person


def test_the_theme_turns_at_once_and_stays_after_reloading(page: Page, person: Person) -> None:
    page.goto(person.canvas)
    dark = _room(page)
    with page.expect_response("**/theme"):
        _choose_theme(page, "Light theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    light = _room(page)
    assert light != dark
    page.reload()
    assert _room(page) == light
    with page.expect_response("**/theme"):
        _choose_theme(page, "Dark theme")
    page.goto("/queue")
    assert _room(page) == dark


def test_the_theme_can_be_chosen_without_a_script(open_context: OpenContext, person: Person) -> None:
    page = open_context(person, java_script_enabled=False).new_page()
    page.goto(person.canvas)
    _choose_theme(page, "Light theme")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    expect(page).to_have_url(page.url)


@pytest.mark.parametrize(("wish", "moving"), [("no-preference", True), ("reduce", False)])
def test_nothing_moves_for_those_who_asked_for_stillness(
    open_context: OpenContext, person: Person, wish: str, moving: bool
) -> None:
    page = open_context(person, reduced_motion=wish).new_page()
    Canvas(page).open(person.canvas)
    longest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("*")].flatMap((element) => {
          const { transitionDuration, animationDuration } = getComputedStyle(element);
          return [...transitionDuration.split(","), ...animationDuration.split(",")].map(parseFloat);
        }))"""
    )
    assert (longest > 0.01) is moving


def test_the_view_of_the_canvas_stays_as_chosen(canvas: Canvas) -> None:
    squares = canvas.page.get_by_role("button", name="Squares")
    expect(squares).to_have_attribute("aria-pressed", "false")
    squares.click()
    canvas.page.reload()
    expect(squares).to_have_attribute("aria-pressed", "true")


def _choose_theme(page: Page, name: str) -> None:
    page.locator("summary", has=page.locator(".avatar")).click()
    page.get_by_role("button", name=name).click()


def _room(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
