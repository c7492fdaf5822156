"""A real Chromium in front of a whole Darkroom: one of each serves every test in this folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.generation import queueing
from tests.browser.canvas import Canvas
from tests.browser.people import Person, make_person, sign_in
from tests.browser.watch import Watch
from tests.conftest import missing
from tests.support.product import Product, running_product

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# The first is Debian's name, the last two are how others call the same thing.
# The shell is the same engine without the browser's own windows and menus around it: a third of the work for a page.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Slots enough that nothing waits for another test's pictures; latency enough to catch a picture being made.
PRODUCT = {
    "DARKROOM_SKETCH_LATENCY_S": "0.6",
    "DARKROOM_SKETCH_SLOTS": "4",
    "DARKROOM_SKETCH_FAST": "false",
    # Nothing is killed here, and a busy machine must not look like a dead worker.
    "DARKROOM_LEASE_S": "30",
}
TOUR_TAKEN = "if (location.protocol.startsWith('http')) localStorage.setItem('darkroom:tour', 'done')"
_HERE = Path(__file__).parent

OpenContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # Two of them at once would make each other wait longer than people do.
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        missing("browser", f"none of {', '.join(CHROMIUMS)} is on PATH")
    # Long, for a machine that has more to do than this; what never comes costs it only once.
    expect.set_options(timeout=40_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, chromium: Browser) -> Iterator[Product]:
    home = tmp_path_factory.mktemp("product")
    shutil.copy(migrated_sqlite, home / "darkroom.db")
    with running_product(home, **PRODUCT) as running:
        yield running


@pytest.fixture
def app(product: Product) -> APIFlask:
    """The product's app in this process, for what a test arranges behind the pages."""
    return product.witness


@pytest.fixture
def open_context(chromium: Browser, product: Product, app: APIFlask, watch: Watch) -> Iterator[OpenContext]:
    """Makes browser contexts; the options are those of Browser.new_context, and `person` is signed in.

    A newcomer is offered the tour; everybody else has had it.
    """
    opened: list[BrowserContext] = []

    def open_one(person: Person | None = None, *, newcomer: bool = False, **options: Any) -> BrowserContext:
        context = chromium.new_context(**{"base_url": product.base_url, "viewport": DESKTOP, **options})
        if not newcomer:
            context.add_init_script(TOUR_TAKEN)
        opened.append(context)
        watch.listen(context)
        if person is not None:
            sign_in(context, app, person)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def watch(product: Product) -> Iterator[Watch]:
    """Fails the test for anything that its pages complained about."""
    watch = Watch(product.base_url)
    yield watch
    assert watch.findings == []


@pytest.fixture
def person(app: APIFlask) -> Person:
    return make_person(app)


@pytest.fixture
def page(open_context: OpenContext, person: Person) -> Page:
    """A page of somebody who is signed in."""
    return open_context(person).new_page()


@pytest.fixture
def canvas(page: Page, person: Person) -> Canvas:
    """The canvas of somebody who is signed in, set to small pictures."""
    return Canvas(page).open(person.quick_canvas)


@pytest.fixture
def paused(canvas: Canvas, person: Person, app: APIFlask) -> Canvas:
    """A canvas on which what is asked for waits."""
    with app.app_context():
        queueing.pause(person.id)
    return canvas
