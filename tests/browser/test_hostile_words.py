"""Whatever people write is shown as what they wrote: no page runs it, breaks on it, or complains about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import OpenContext
from tests.browser.furnished import Furnished, Words, furnished
from tests.browser.test_every_page import ROOMS
from tests.support.product import Product

MARKUP = "<img src=x onerror=alert(1)>"
BREAKOUT = "\"><svg onload=alert(2)>' onfocus=alert(3) autofocus x='"
ADDRESS = "javascript:alert(4)"
RIGHT_TO_LEFT = "שועל אדום ثعلب أحمر"
EMOJI = "🦊👩‍👩‍👧‍👦🏳️‍🌈"
# The rooms in which something of theirs is shown.
WITH_WORDS = [
    room for room in ROOMS if not room.startswith(("new ", "change ")) and room not in {"API manual", "style guide"}
]
# Parts whose words run out of them, into what stands beside.
SPILT = """() => ["main", ".topbar__brand", ".side__nav", ".panel__body"]
  .filter((part) => ((found) => found && found.scrollWidth > found.clientWidth)(document.querySelector(part)))"""
LONG = "Donaudampfschifffahrt" * 20

RUNNABLE = Words(MARKUP, f"{MARKUP} {BREAKOUT} {ADDRESS} </script><script>alert(5)</script> (7*7)", f"{BREAKOUT}.png")
UNWIELDY = Words(f"{EMOJI} {RIGHT_TO_LEFT} {LONG}"[:80], f"{RIGHT_TO_LEFT} {EMOJI} {LONG}", f"{LONG[:90]}.png")


@pytest.fixture(scope="module", params=[RUNNABLE, UNWIELDY], ids=["runnable", "unwieldy"])
def rooms(request: pytest.FixtureRequest, product: Product) -> Iterator[Furnished]:
    with furnished(product, request.param) as made:
        yield made


def test_hostile_words_are_only_words(open_context: OpenContext, rooms: Furnished) -> None:
    """The watch listens for dialogs, errors, refused resources and requests; this walks, and looks at the width."""
    page = open_context(rooms.person).new_page()
    for room in WITH_WORDS:
        page.goto(rooms.paths[room])
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert page.evaluate("document.querySelectorAll('[onerror], [onload], [onfocus]').length") == 0, room
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, room
        assert page.evaluate(SPILT) == [], room
    for room in ("canvas", "queue", "picture", "workspaces", "styles", "API keys"):
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(rooms.paths[room])
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, room


def test_hostile_words_make_pictures_like_any_others(canvas: Canvas) -> None:
    words = f"{MARKUP} {BREAKOUT} {ADDRESS} {RIGHT_TO_LEFT} {EMOJI}"
    canvas.ask(words)
    recipe = canvas.open_first_picture()
    expect(recipe.get_by_text(words, exact=True)).to_be_visible()
    recipe.get_by_role("link", name="Use prompt").click()
    expect(canvas.prompt).to_have_value(words)


def test_hostile_choices_are_offered_as_words(canvas: Canvas) -> None:
    canvas.prompt.fill(f"a {{{MARKUP}|{ADDRESS}|owl}}")
    expect(canvas.panel.get_by_text("3", exact=True).locator("visible=true")).to_have_count(1)
    canvas.generate.click()
    expect(canvas.dialog).to_contain_text(f"a {MARKUP}")
    canvas.dialog.get_by_role("link", name="No").click()
    expect(canvas.dialog).to_have_count(0)
