"""What a page shows is so: after reloading, in two tabs, without a network, and however often one presses."""

from __future__ import annotations

import sqlalchemy as sa
from apiflask import APIFlask
from playwright.sync_api import expect

from app.db import db
from app.generation.domain import OPEN
from app.generation.models import Batch, Job
from tests.browser.canvas import Canvas, resume_queue
from tests.browser.conftest import OpenContext
from tests.browser.people import Person
from tests.browser.watch import Watch
from tests.support.product import Product

# How soon a page that comes back has to be right: two seconds, on a machine that has more to do than this.
SOON_MS = 5_000


def test_a_page_reloaded_in_the_middle_shows_where_things_stand(canvas: Canvas, person: Person) -> None:
    canvas.ask("a red fox", batch=4)
    expect(canvas.cards_in("submitted", "running").first).to_be_visible()
    canvas.page.reload()
    expect(canvas.page.get_by_text("Live", exact=True)).to_be_visible()
    assert canvas.cards.count() + canvas.pictures.count() >= 4
    canvas.expect_pictures(4)
    expect(canvas.cards).to_have_count(0)
    expect(canvas.page.get_by_text("queue is empty")).to_be_visible()


def test_two_tabs_show_the_same(paused: Canvas, person: Person) -> None:
    other = Canvas(paused.page.context.new_page()).open(person.quick_canvas)
    expect(other.page.get_by_text("Live", exact=True)).to_be_visible()
    paused.ask("a red fox", batch=4)
    expect(other.cards).to_have_count(4)
    other.tray.get_by_role("button", name="Cancel 3 of 4").click()
    expect(paused.cards_in("cancelled")).to_have_count(1)
    resume_queue(paused.page)
    paused.open(person.quick_canvas)
    for tab in (paused, other):
        tab.expect_pictures(3)
        expect(tab.cards).to_have_count(0)
    # So with what is done to them afterwards.
    paused.page.locator("[data-picture-link]").first.focus()
    paused.page.keyboard.press("f")
    seen = other.page.locator("[data-grid] [data-picture]:visible")
    expect(seen.first).to_have_attribute("data-favourite", "true")
    paused.page.keyboard.press("Delete")
    expect(seen).to_have_count(2)
    paused.expect_toast("1 picture in the trash")
    paused.page.keyboard.press("Control+z")
    expect(seen).to_have_count(3)


def test_a_page_that_lost_its_connection_says_so_and_catches_up(
    canvas: Canvas, person: Person, app: APIFlask, product: Product, watch: Watch
) -> None:
    page = canvas.page
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    canvas.ask("a red fox", batch=4)
    expect(canvas.cards).to_have_count(4)
    with watch.cut_off(page.context):
        expect(page.get_by_text("Reconnecting")).to_be_visible()
        product.wait_until(lambda: _open_jobs(app, person) == 0, "all pictures are made")
        assert canvas.pictures.count() == 0
    expect(canvas.pictures).to_have_count(4, timeout=SOON_MS)
    expect(canvas.cards).to_have_count(0, timeout=SOON_MS)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SOON_MS)
    # What was missed is told as well.
    canvas.expect_toast("All images complete!")


def test_the_end_of_a_batch_is_told_even_if_its_own_word_never_came(paused: Canvas, person: Person) -> None:
    page = paused.page
    page.evaluate("window.addEventListener('darkroom:batch', (event) => event.stopImmediatePropagation(), true)")
    paused.ask("a red fox", batch=2)
    expect(paused.cards).to_have_count(2)
    other = Canvas(page.context.new_page()).open(person.quick_canvas)
    resume_queue(other.page)
    other.open(person.quick_canvas).expect_pictures(2)
    page.evaluate("document.dispatchEvent(new CustomEvent('darkroom:resync'))")
    paused.expect_pictures(2)
    paused.expect_toast("All images complete!")


def test_sending_without_a_connection_keeps_every_word_and_sends_once_it_is_back(
    canvas: Canvas, person: Person, app: APIFlask, watch: Watch
) -> None:
    with watch.cut_off(canvas.page.context):
        canvas.ask("a red fox", batch=2)
        expect(canvas.panel.get_by_text("Darkroom cannot be reached.")).to_be_visible()
        expect(canvas.prompt).to_have_value("a red fox")
        expect(canvas.generate).to_be_enabled()
    canvas.generate.click()
    canvas.expect_pictures(2)
    assert _batches(app, person) == 1


def test_going_back_shows_what_was_made_meanwhile(
    canvas: Canvas, person: Person, app: APIFlask, product: Product
) -> None:
    canvas.ask("a red fox", batch=2)
    expect(canvas.cards).to_have_count(2)
    canvas.page.goto("/workspaces")
    product.wait_until(lambda: _open_jobs(app, person) == 0, "all pictures are made")
    canvas.page.go_back()
    expect(canvas.pictures).to_have_count(2, timeout=SOON_MS)
    expect(canvas.cards).to_have_count(0, timeout=SOON_MS)


def test_a_double_click_makes_one_batch(canvas: Canvas, person: Person, app: APIFlask) -> None:
    canvas.prompt.fill("a red fox")
    canvas.generate.dblclick()
    canvas.expect_pictures(1)
    expect(canvas.generate).to_be_enabled()
    assert _batches(app, person) == 1


def test_the_same_form_sent_twice_at_once_makes_one_batch(canvas: Canvas, person: Person, app: APIFlask) -> None:
    canvas.prompt.fill("a red fox")
    statuses = canvas.page.evaluate(
        """async () => {
          const form = document.getElementById("create-form");
          const send = () => fetch(form.action, { method: "POST", body: new FormData(form) });
          return (await Promise.all([send(), send()])).map((answer) => answer.status);
        }"""
    )
    assert statuses == [200, 200]
    canvas.expect_pictures(1)
    assert _batches(app, person) == 1


def test_a_page_whose_person_was_signed_out_elsewhere_says_so_and_keeps_every_word(
    canvas: Canvas, person: Person, open_context: OpenContext, watch: Watch
) -> None:
    other = open_context(person).new_page()
    other.goto("/settings")
    other.get_by_role("button", name="Sign out everywhere else").click()
    with watch.expecting(401):
        canvas.ask("a red fox")
        expect(canvas.toasts.get_by_text("You are signed out")).to_be_visible()
    expect(canvas.prompt).to_have_value("a red fox")
    canvas.toasts.get_by_role("button", name="Sign in").click()
    expect(canvas.page.get_by_role("heading", name="Sign in")).to_be_visible()


def _open_jobs(app: APIFlask, person: Person) -> int:
    with app.app_context():
        wanted = sa.select(sa.func.count()).where(Job.owner_id == person.id, Job.state.in_(OPEN))
        return db.session.scalar(wanted) or 0


def _batches(app: APIFlask, person: Person) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).where(Batch.owner_id == person.id)) or 0
