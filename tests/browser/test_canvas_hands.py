"""The canvas under the hand: choosing, marking and taking back; a long way down and back; one picture beside it."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from apiflask import APIFlask
from playwright.sync_api import Locator, Page, expect

from app.db import db, new_id
from app.library.models import Asset
from tests.browser.canvas import PAINTED_MS, Canvas
from tests.browser.people import Person

# More than a page of the list, and more than the window of the canvas holds.
MANY = 420


def cards(page: Page) -> Locator:
    return page.locator("[data-grid] li:not([hidden]) > [data-picture]")


def fill(app: APIFlask, person: Person, count: int, *, days: int) -> list[uuid.UUID]:
    """Pictures over some days, newest first. All show the file of the first one that was made."""
    with app.app_context():
        pattern = db.session.scalars(sa.select(Asset).where(Asset.owner_id == person.id)).first()
        assert pattern is not None
        kept = {column.name: getattr(pattern, column.name) for column in Asset.__table__.columns}
        shapes = ((192, 128), (128, 128), (128, 192), (256, 128))
        rows = []
        for number in range(count):
            made_at = datetime.now(UTC) - timedelta(days=1 + number * days // count, seconds=number)
            key = int(made_at.timestamp() * 1000) << 80 | new_id().int & ((1 << 80) - 1)
            width_px, height_px = shapes[number % len(shapes)]
            more = {"id": uuid.UUID(int=key), "created_at": made_at, "width_px": width_px, "height_px": height_px}
            rows.append({**kept, **more, "job_id": None, "batch_id": None})
        db.session.execute(sa.insert(Asset), rows)
        db.session.commit()
        return sorted((row["id"] for row in rows), reverse=True)


def marks(app: APIFlask, person: Person) -> list[tuple[bool, int, bool]]:
    """Favourite, rating and in the trash, newest picture first."""
    with app.app_context():
        db.session.rollback()
        rows = db.session.scalars(sa.select(Asset).where(Asset.owner_id == person.id).order_by(Asset.id.desc()))
        return [(row.favourite, row.rating, row.deleted_at is not None) for row in rows]


def test_pictures_are_chosen_marked_and_taken_back_by_pointer_and_by_keys(
    canvas: Canvas, app: APIFlask, person: Person
) -> None:
    page = canvas.page
    canvas.ask("a {red|green} fox", batch=2)
    expect(canvas.pictures).to_have_count(4, timeout=PAINTED_MS)
    bar = page.get_by_role("toolbar", name="Selected pictures")
    cards(page).nth(0).get_by_role("checkbox").check(force=True)
    cards(page).nth(2).locator("[data-picture-link]").click(modifiers=["Shift"])
    expect(bar.get_by_text("3 selected")).to_be_visible()
    bar.get_by_role("button", name="Favourite").click()
    canvas.expect_toast("3 pictures kept as favourite")
    expect(page.locator("[data-grid] [data-favourite=true]")).to_have_count(3)
    # The keys mean the same, and the newest act is taken back first.
    page.keyboard.press("Shift+Digit4")
    canvas.expect_toast("3 pictures rated 4 of 5")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    canvas.pictures.nth(3).focus()
    page.keyboard.press("Delete")
    canvas.expect_toast("1 picture in the trash")
    expect(cards(page)).to_have_count(3)
    expect(canvas.pictures.nth(2)).to_be_focused()
    assert marks(app, person) == [(True, 4, False)] * 3 + [(False, 0, True)]
    page.keyboard.press("Control+z")
    expect(cards(page)).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(page.locator('[data-grid] [data-rating="4"]')).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("[data-grid] [data-favourite=true]")).to_have_count(0)
    expect(canvas.toasts.get_by_role("button", name="Undo")).to_have_count(0)
    assert marks(app, person) == [(False, 0, False)] * 4
    # By a rectangle, from the empty place beside the last picture.
    first, last = cards(page).first.bounding_box(), cards(page).nth(3).bounding_box()
    assert first is not None
    assert last is not None
    page.mouse.move(last["x"] + last["width"] + 30, last["y"] + last["height"] - 4)
    page.mouse.down()
    page.mouse.move(first["x"] + 20, first["y"] + 20, steps=4)
    page.mouse.up()
    expect(bar.get_by_text("4 selected")).to_be_visible()


def test_a_long_canvas_keeps_the_page_small_and_loses_neither_place_nor_focus(
    canvas: Canvas, app: APIFlask, person: Person
) -> None:
    page = canvas.page
    canvas.ask("a red fox")
    expect(canvas.pictures).to_have_count(1, timeout=PAINTED_MS)
    ids = fill(app, person, MANY, days=12)
    page.reload()
    canvas.pictures.nth(1).focus()
    page.keyboard.press("Space")
    most = 0
    last = page.locator(f"#picture-{ids[-1]}")
    page.mouse.move(700, 500)
    for _ in range(120):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(60)
        most = max(most, cards(page).count())
        if last.count():
            break
    expect(last).to_be_attached()
    assert most < 260, "what is far away must leave the page"
    # What has the focus and what is selected is still there; the way back shows every picture once, in order.
    expect(page.locator(f"#picture-{ids[0]}")).to_be_focused()
    for _ in range(120):
        page.mouse.wheel(0, -2500)
        page.wait_for_timeout(60)
        if page.locator("#main").evaluate("main => main.scrollTop") == 0:
            break
    expect(page.locator(f"#picture-{ids[40]}")).to_be_attached()
    shown = cards(page).evaluate_all("cards => cards.map((card) => card.dataset.id)")
    assert shown == sorted(set(shown), reverse=True)
    expect(cards(page).nth(1)).to_have_class(re.compile("is-selected"))
    # The rail leads to any day, on the page or not.
    page.reload()
    page.get_by_role("navigation", name="Days").get_by_role("link").nth(6).click()
    day = (datetime.now(UTC) - timedelta(days=6)).date()
    expect(page.locator(f'#grid > [data-day="{day}"] [data-picture]').first).to_be_in_viewport()


def test_the_selected_picture_stands_beside_the_canvas_with_its_recipe(canvas: Canvas) -> None:
    page = canvas.page
    canvas.ask("a {red|green} fox")
    expect(canvas.pictures).to_have_count(2, timeout=PAINTED_MS)
    canvas.prompt.fill("something else")
    canvas.pictures.first.focus()
    page.keyboard.press("i")
    panel = page.get_by_role("complementary", name="Picture")
    expect(panel.get_by_text("a {red|green} fox")).to_be_visible()
    taken = panel.locator("[data-prompt=typed] .macro").inner_text()
    expect(page).to_have_url(re.compile("image="))
    # Reading changes nothing; the arrows go on, and the panel with them.
    expect(canvas.prompt).to_have_value("something else")
    page.keyboard.press("ArrowRight")
    expect(panel.locator("[data-prompt=typed] .macro")).not_to_have_text(taken)
    panel.get_by_role("link", name="Use prompt").click()
    expect(canvas.prompt).to_have_value("a {red|green} fox")
    page.reload()
    expect(panel.get_by_text("a {red|green} fox")).to_be_visible()
    panel.get_by_role("button", name="Run again").click()
    expect(canvas.pictures).to_have_count(4, timeout=PAINTED_MS)
    panel.get_by_role("link", name="Close").click()
    expect(panel).to_be_hidden()
    expect(page).not_to_have_url(re.compile("image="))
