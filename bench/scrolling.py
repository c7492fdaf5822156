"""Scrolling a list of a hundred thousand pictures in a real browser: frames, what stands in the page, memory."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import CDPSession, Page, sync_playwright

from app import create_app
from app.config import Settings
from app.db import db
from app.extensions import storage
from app.library.models import Asset
from bench.ground import EMAIL, PASSWORD, add_pictures, person
from bench.measurement import Row, row
from bench.product import product

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PICTURES = 100_000
SECONDS = 15
# As fast as a wheel turned without pause.
_PX_A_FRAME = 40
# How far down memory is looked at; the whole way with DARKROOM_BENCH_SCROLLED=100000.
_SCROLLED = int(os.environ.get("DARKROOM_BENCH_SCROLLED", "4000"))
_LOOKS = 30

_SCROLL = """([seconds, px]) => new Promise((done) => {
  const scroller = document.querySelector(".stage__main");
  const frames = [];
  const began = performance.now();
  const step = (now) => {
    frames.push(now - began);
    scroller.scrollTop += px;
    if (now - began < seconds * 1000) requestAnimationFrame(step);
    else done(frames);
  };
  requestAnimationFrame(step);
})"""
# From the last picture to the next ones, until so many have gone by.
_RUN = """([count]) => new Promise((done) => {
  const scroller = document.querySelector(".stage__main");
  const seen = new Set();
  const step = () => {
    const cards = document.querySelectorAll("#grid [data-picture]");
    for (const card of cards) seen.add(card.dataset.id);
    scroller.scrollTop = scroller.scrollHeight;
    if (seen.size >= count || !document.querySelector("#grid [data-older]")) done([seen.size, cards.length]);
    else setTimeout(step, 60);
  };
  step();
})"""


def run() -> list[Row]:
    chromium = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    if chromium is None:
        print("  left out: there is no Chromium on PATH")
        return []
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder, product(Path(folder)) as address:
        workspace_id = _fill(folder)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
            page = browser.new_page(base_url=address, viewport={"width": 1440, "height": 900})
            page.set_default_timeout(900_000)
            page.goto("/auth/login")
            page.get_by_label("E-mail address").fill(EMAIL)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/")
            lists = {"library": "/library?group=none", "canvas": f"/w/{workspace_id}"}
            found = [each for name, path in lists.items() for each in _measure(page, name, path)]
            browser.close()
    return found


def _fill(folder: str) -> object:
    """A hundred thousand rows, all of one picture of which there is a file."""
    environ = {"DARKROOM_ENV": "test", "DARKROOM_HOME": folder, "DARKROOM_LOG_LEVEL": "ERROR"}
    with create_app(Settings.from_environ(environ)).app_context():
        workspace = person()
        add_pictures(workspace, PICTURES)
        data = io.BytesIO()
        Image.effect_noise((256, 170), 60).convert("RGB").save(data, "WEBP", quality=80)
        thumb = storage().put(data.getvalue(), "webp").key
        db.session.execute(sa.update(Asset).values(thumb_key=thumb, preview_key=thumb))
        db.session.commit()
        db.engine.dispose()
        return workspace.id


def _measure(page: Page, name: str, path: str) -> list[Row]:
    page.goto(path)
    page.locator("#grid [data-picture]").first.wait_for()
    page.wait_for_timeout(1500)
    tools = page.context.new_cdp_session(page)
    frames: list[float] = page.evaluate(_SCROLL, [SECONDS, _PX_A_FRAME])
    a_second = [float(sum(second <= at / 1000 < second + 1 for at in frames)) for second in range(SECONDS)]
    before = _memory(tools)
    seen, cards = page.evaluate(_RUN, [_SCROLLED])
    page.wait_for_timeout(1500)
    after = _memory(tools)
    note = f"{PICTURES:,} pictures, headless Chromium"
    went = f"before and after {seen:,} pictures went by"
    return [
        row(f"scrolling the {name}, frames", a_second, "1/s", budget=50, note=note),
        row(
            f"scrolling the {name}, cards in the page", [float(cards)], "", budget=600, note=f"after {seen:,} pictures"
        ),
        row(
            f"scrolling the {name}, heap",
            [after[0] / before[0]],
            "times",
            budget=2,
            note=f"{before[0]:.1f} and {after[0]:.1f} MB, {went}",
        ),
        row(
            f"scrolling the {name}, nodes",
            [after[1] / before[1]],
            "times",
            budget=2,
            note=f"{before[1]:,.0f} and {after[1]:,.0f}, {went}",
        ),
    ]


def _memory(tools: CDPSession) -> tuple[float, float]:
    """Megabytes of the heap after a collection, and nodes."""
    tools.send("Performance.enable")
    for _ in range(3):
        tools.send("HeapProfiler.collectGarbage")
    metrics: dict[str, Any] = {each["name"]: each["value"] for each in tools.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"] / 1e6, metrics["Nodes"]
