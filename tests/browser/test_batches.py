"""Batches on the canvas: how many, how they stand, how one is stopped and mended."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from playwright.sync_api import Locator, Route, ViewportSize, expect

from app.db import db
from app.extensions import storage
from app.generation import queueing
from app.library.models import Asset
from tests.browser.canvas import Canvas, resume_queue
from tests.browser.conftest import DESKTOP, PHONE, OpenContext
from tests.browser.people import Person
from tests.browser.pictures import a_png


def test_the_batch_size_is_a_choice_of_three_with_one_sentence(canvas: Canvas) -> None:
    sizes = canvas.panel.get_by_role("group", name="Batch").get_by_role("radio")
    expect(sizes).to_have_count(3)
    expect(canvas.batch(1)).to_be_checked()
    expect(canvas.panel.get_by_text("Generate multiple variations with different seeds")).to_be_visible()
    unchosen = _fill_of(canvas.batch(4))
    canvas.choose_batch(4)
    expect(canvas.batch(4)).to_be_checked()
    expect(canvas.batch(1)).not_to_be_checked()
    expect(canvas.generate).to_have_text("Generate 4 · free")
    assert _fill_of(canvas.batch(4)) != unchosen


def test_while_a_batch_is_being_sent_nothing_can_be_sent_again(canvas: Canvas) -> None:
    held: list[Route] = []
    canvas.page.route("**/batches", lambda route: held.append(route))  # noqa: PLW0108 - it marks what it is given
    canvas.ask("a red fox", batch=4)
    expect(canvas.generate).to_be_disabled()
    expect(canvas.generate).to_have_attribute("aria-busy", "true")
    expect(canvas.generate).to_have_text("Queuing 4")
    for size in (1, 2, 4):
        expect(canvas.batch(size)).to_be_disabled()
    assert canvas.prompt.evaluate("prompt => prompt.closest('[inert]') !== null")
    canvas.page.keyboard.press("Control+Enter")
    assert len(held) == 1
    held[0].continue_()
    expect(canvas.cards).to_have_count(4)
    expect(canvas.generate).to_be_enabled()
    expect(canvas.batch(4)).to_be_enabled()
    expect(canvas.batch(4)).to_be_checked()


@pytest.mark.parametrize(
    ("count", "title"), [(1, "Generating image..."), (2, "Generating 2 images..."), (4, "Generating 4 images...")]
)
def test_the_head_says_how_many_are_being_made(paused: Canvas, count: int, title: str) -> None:
    paused.ask("a red fox", batch=count)
    expect(paused.tray.get_by_role("heading", name=title)).to_be_visible()
    expect(paused.cards).to_have_count(count)
    for card in paused.cards.all():
        expect(card.get_by_role("progressbar")).to_have_count(1)
        expect(card.get_by_role("button", name="Cancel")).to_be_visible()
    paused.cancel_all()


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2)])
def test_pending_pictures_stand_side_by_side_on_a_desktop(paused: Canvas, count: int, columns: int) -> None:
    paused.ask("a red fox", batch=count)
    boxes = _boxes(paused, count)
    assert len({round(x) for x, _, _, _ in boxes}) == columns
    assert len({round(y) for _, y, _, _ in boxes}) == count // columns
    assert {round(width / height, 1) for _, _, width, height in boxes} == {1.5}


def test_pending_pictures_stand_in_one_column_on_a_phone(
    open_context: OpenContext, person: Person, app: APIFlask
) -> None:
    with app.app_context():
        queueing.pause(person.id)
    page = open_context(person, viewport=PHONE, is_mobile=True, has_touch=True).new_page()
    canvas = Canvas(page).open(person.quick_canvas)
    canvas.open_sheet()
    canvas.ask("a red fox", batch=4)
    # The sheet makes way, and the batch is one strip that unfolds.
    canvas.expect_sheet(open=False)
    canvas.tray.get_by_role("button", name="Show the pictures").tap()
    boxes = _boxes(canvas, 4)
    assert len({round(x) for x, _, _, _ in boxes}) == 1
    assert len({round(y) for _, y, _, _ in boxes}) == 4
    assert {round(width / height, 1) for _, _, width, height in boxes} == {1.5}
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize(("viewport", "count"), [(DESKTOP, 1), (DESKTOP, 4), (PHONE, 2), (PHONE, 4)])
def test_nothing_jumps_while_pictures_develop(
    open_context: OpenContext, person: Person, viewport: ViewportSize, count: int
) -> None:
    page = open_context(person, viewport=viewport).new_page()
    canvas = Canvas(page).open(person.quick_canvas)
    if viewport == PHONE:
        canvas.open_sheet()
    canvas.ask("a red fox", batch=count)
    if viewport == PHONE:
        canvas.expect_sheet(open=False)
    expect(canvas.cards).to_have_count(count)
    page.evaluate(_WATCH_SHIFTS)
    canvas.expect_toast("All images complete!")
    canvas.expect_pictures(count)
    shifts = page.evaluate("window.shifts")
    assert sum(shift["value"] for shift in shifts) < 0.02, shifts


def test_one_picture_of_a_batch_can_be_cancelled_and_taken_back(paused: Canvas) -> None:
    paused.ask("a red fox", batch=4)
    paused.tray.get_by_role("button", name="Cancel 2 of 4").click()
    expect(paused.cards_in("cancelled")).to_contain_text("Cancelled. Nothing more will come.")
    expect(paused.cards_in("cancelled")).to_have_count(1)
    expect(paused.cards_in("waiting")).to_have_count(3)
    expect(paused.tray).to_contain_text("0 of 4 done, 1 cancelled")
    paused.toasts.get_by_role("button", name="Undo").click()
    expect(paused.cards_in("waiting")).to_have_count(4)
    paused.cancel_all()
    expect(paused.toasts).to_contain_text("4 jobs cancelled")
    expect(paused.toasts.get_by_text("complete")).to_have_count(0)  # they know, they pressed the button
    paused.page.keyboard.press("Control+z")
    expect(paused.cards_in("waiting")).to_have_count(4)
    paused.cancel_all()


def test_a_failure_says_why_and_can_be_tried_again(paused: Canvas, person: Person, app: APIFlask) -> None:
    page = paused.page
    paused.start_from(a_png())
    paused.ask("a red fox")
    expect(paused.cards_in("waiting")).to_have_count(1)
    with app.app_context():
        source = db.session.scalars(sa.select(Asset).where(Asset.owner_id == person.id)).one()
        kept = storage().path(source.key)
        aside = kept.rename(kept.with_suffix(".aside"))
    resume_queue(page)

    paused.open(person.canvas)
    failed = paused.cards_in("failed")
    expect(failed).to_contain_text("The picture used as image was deleted before this could start. Choose another.")
    aside.rename(kept)
    failed.get_by_role("button", name="Retry").click()
    paused.expect_pictures(1)
    expect(paused.cards).to_have_count(0)


def _fill_of(radio: Locator) -> str:
    """What the eye sees of it: the background of its label."""
    return str(radio.evaluate("radio => getComputedStyle(radio.closest('label')).backgroundColor"))


def _boxes(canvas: Canvas, count: int) -> list[tuple[float, float, float, float]]:
    expect(canvas.cards).to_have_count(count)
    # All in one moment: between two questions a card may be replaced.
    found = canvas.cards.evaluate_all("cards => cards.map((card) => card.getBoundingClientRect().toJSON())")
    return [(box["x"], box["y"], box["width"], box["height"]) for box in found]


_WATCH_SHIFTS = """() => {
  window.shifts = [];
  const at = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  const named = ({ node, previousRect, currentRect }) =>
    `${node?.className || node?.nodeName}: ${at(previousRect)} to ${at(currentRect)}`;
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) window.shifts.push({ value, moved: sources.map(named) });
  }).observe({ type: "layout-shift" });
}"""
