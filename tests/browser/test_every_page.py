"""Every page, dark and light, on a desktop and on a phone: nothing serious for axe, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    TooManyRequests,
)

from app.accounts import service as accounts
from app.accounts.errors import CsrfFailed
from app.errors import AppError
from tests.browser.conftest import DESKTOP, PHONE, TOUR_TAKEN, OpenContext
from tests.browser.furnished import PLAIN, Furnished, furnished
from tests.browser.people import sign_in
from tests.browser.watch import Watch
from tests.support.product import Product

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
STRANGERS = ["/", "/auth/login", "/auth/register", "/auth/reset", "/auth/confirm", "/auth/wan-signin"]
ROOMS = [
    "home", "canvas", "empty canvas", "queue", "picture", "upload", "comparison", "lineage", "columns", "new columns",
    "gallery", "chat", "workspaces", "workspace",
    "themes", "theme", "new theme", "styles", "style", "new style", "wildcards", "wildcard file", "new wildcard file",
    "settings", "change of address", "change of password", "second step", "API keys", "new API key",
    "provider keys", "provider key", "spending", "API manual", "style guide", "library", "library by prompt",
    "nothing found", "trash", "sessions", "staff", "staff's models",
    "staff's workspaces", "staff's job",
]  # fmt: skip
# Forms that are sent as they are are refused, and come back with sentences at their fields.
FORMS = [
    "new theme", "new style", "new wildcard file", "new API key", "provider key", "change of password", "workspaces",
]  # fmt: skip
Look = tuple[str, ViewportSize, list[str] | None]
# With every rule of axe's, or with those that looks alone can break.
LOOKS: list[Look] = [
    ("dark", DESKTOP, None),
    ("dark", PHONE, ["color-contrast"]),
    ("light", DESKTOP, ["color-contrast"]),
    ("light", PHONE, None),
]
ERRORS: list[HTTPException | AppError] = [
    CsrfFailed(),
    NotFound(),
    MethodNotAllowed(),
    RequestEntityTooLarge(),
    TooManyRequests(),
    InternalServerError(),
]


@pytest.fixture(scope="module")
def rooms(product: Product) -> Iterator[Furnished]:
    with furnished(product, PLAIN) as made:
        yield made


@dataclass(frozen=True)
class Walk:
    """One browser for all rooms: what it has fetched for one of them it need not fetch for the next."""

    context: BrowserContext
    watch: Watch


@pytest.fixture(scope="module")
def walk(chromium: Browser, product: Product, rooms: Furnished) -> Iterator[Walk]:
    watch = Watch(product.base_url)
    with chromium.new_context(base_url=product.base_url, viewport=DESKTOP) as context:
        context.add_init_script(TOUR_TAKEN)
        watch.listen(context)
        sign_in(context, product.witness, rooms.person)
        yield Walk(context, watch)


@pytest.fixture
def page(walk: Walk) -> Iterator[Page]:
    page = walk.context.new_page()
    yield page
    page.close()
    findings = list(walk.watch.findings)
    walk.watch.findings.clear()
    assert findings == []


@pytest.mark.parametrize("path", STRANGERS)
def test_a_page_for_strangers_is_sound(open_context: OpenContext, path: str) -> None:
    page = open_context().new_page()
    page.goto(path)
    _expect_sound(page)


def test_the_start_page_is_sound(open_context: OpenContext, app: APIFlask) -> None:
    with app.app_context():
        link = accounts.start_link(app.extensions["settings"])
    if link is None:
        pytest.skip("the owner's account is made already")
    page = open_context().new_page()
    page.goto(link)
    _expect_sound(page)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_sound(page: Page, rooms: Furnished, room: str) -> None:
    page.goto(rooms.paths[room])
    # The manual is as long as a book in one hand: two looks at it are enough.
    _expect_sound(page, [LOOKS[0], LOOKS[2]] if room == "API manual" else LOOKS)


@pytest.mark.parametrize("room", FORMS)
def test_a_refused_form_is_sound(page: Page, rooms: Furnished, room: str, walk: Walk) -> None:
    page.goto(rooms.paths[room])
    form = page.locator("main form").filter(has=page.locator("[required]")).first
    form.evaluate("form => { form.noValidate = true; }")
    with walk.watch.expecting(400, 422):
        form.locator("[type=submit]").first.click()
        expect(page.locator("main [aria-invalid=true]").first).to_be_visible()
    _expect_sound(page)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_page_about_an_error_is_sound(page: Page, app: APIFlask, error: HTTPException | AppError, walk: Walk) -> None:
    with app.test_request_context("/somewhere", base_url=str(app.extensions["settings"].public_url)):
        answer = app.make_response(app.handle_user_exception(error))
    page.route(
        "**/somewhere",
        lambda route: route.fulfill(
            status=answer.status_code, content_type="text/html; charset=utf-8", body=answer.get_data()
        ),
    )
    with walk.watch.expecting(answer.status_code):
        page.goto("/somewhere")
        _expect_sound(page)


def _expect_sound(page: Page, looks: Sequence[Look] = LOOKS) -> None:
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("banner")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.evaluate(AXE)
    found = []
    for theme, viewport, rules in looks:
        _show(page, theme, viewport)
        where = f"{theme} {viewport['width']}"
        found += [f"{where}: {finding}" for finding in _axe(page, rules)]
        if (width := page.evaluate("document.documentElement.scrollWidth")) > viewport["width"]:
            found.append(f"{where}: {width} wide")
    assert found == []


def _show(page: Page, theme: str, viewport: ViewportSize) -> None:
    page.set_viewport_size(viewport)
    page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
    # Colours on their way from one theme to the other are nobody's.
    page.evaluate(
        """() => {
          const ending = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity);
          const longest = new Promise((done) => setTimeout(done, 2000));
          return Promise.race([longest, Promise.allSettled(ending.map((each) => each.finished))]);
        }"""
    )


def _axe(page: Page, rules: list[str] | None) -> list[str]:
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    violations = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]
