"""Make the README's picture: a Darkroom of its own with a day's work on the canvas and six foxes developing on top.

    .venv/bin/python scripts/screenshot.py [docs/images/canvas.webp]

Starts the product over a temporary folder, paints for a minute or two, photographs, and leaves nothing behind.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from bench.product import product  # noqa: E402 - the repository is no installed package

EMAIL, PASSWORD = "anna@example.com", "six foxes at dusk, developing"
MOST_BYTES = 250_000
# Shape, then what to paint; the canvas shows the last one first.
SIZES = {"wide": (896, 512), "landscape": (768, 512), "square": (576, 576), "tall": (512, 768)}
DAY = [
    ("landscape", "autumn forest, mist, low sun"),
    ("square", "three pears on a table, soft light"),
    ("wide", "mountains at first light, calm"),
    ("tall", "bronze bust, dramatic light"),
    ("landscape", "koi pond, morning"),
    ("landscape", "hot air balloons over green hills, sunrise"),
    ("square", "coral dahlia, close-up"),
    ("tall", "jellyfish in dark water"),
    ("wide", "city skyline in the rain, neon"),
    ("landscape", "sailboat on a calm sea, golden hour"),
    ("tall", "white arches, late afternoon"),
    ("landscape", "arctic owl, snowfall, dusk"),
    ("square", "saturn, stars, violet"),
    ("wide", "dunes, low sun, wide"),
    ("landscape", "lighthouse, storm, dusk"),
    ("square", "a grey cat in the grass, noon"),
    ("tall", "birches in the snow, blue hour"),
    ("landscape", "aurora over mountains, night"),
    ("wide", "hills in spring, morning mist"),
    ("square", "blue vases, overcast"),
    ("landscape", "a wolf in the snow, moonlight"),
    ("tall", "teal lighthouse, sunrise"),
    ("landscape", "lemons in a bowl, warm"),
    ("wide", "ocean waves, sunset"),
    ("square", "a brown bear in the forest, october"),
    ("landscape", "city at night, blue hour"),
    ("tall", "portrait, sepia"),
    ("landscape", "dunes, moonlight, starry"),
    ("square", "a rabbit in a meadow, summer"),
    ("wide", "mountains, sunset, epic"),
    ("landscape", "golden owl, autumn forest"),
    ("landscape", "red koi, dark water"),
    ("square", "white rose, soft light"),
    ("tall", "city, fog, dawn"),
    ("landscape", "lighthouse, calm sea, golden hour"),
    ("landscape", "a husky at the sea, overcast"),
]
FOXES = "a {red|green|blue} fox, {dawn|dusk} light"
# Enough done, being done and still dark to show all three.
HALF_WAY = """() => {
  const states = [...document.querySelectorAll("#tray [data-job]")].map((card) => card.dataset.state);
  const seen = [...document.querySelectorAll("#tray [data-preview]:not([hidden])")].filter((each) => each.naturalWidth);
  const furthest = Math.max(...seen.map((each) => parseInt(each.closest("[data-job]").textContent.match(/\\d+(?=%)/))));
  const done = states.filter((state) => state === "succeeded").length;
  return done >= 2 && seen.length >= 2 && furthest >= 40 && states.includes("waiting");
}"""


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "canvas.webp"
    with tempfile.TemporaryDirectory(prefix="darkroom-") as folder:
        home = Path(folder)
        with product(home, DARKROOM_SKETCH_FAST="false", DARKROOM_SKETCH_SLOTS="2") as url:
            _darkroom(home, "create-user", EMAIL, "--password-stdin", told=PASSWORD)
            key = _darkroom(home, "api-key", EMAIL, "--name", "screenshot")
            _paint_a_day(url, key)
            shot = _photograph(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_small(shot))
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


def _darkroom(home: Path, *arguments: str, told: str = "") -> str:
    environ = {**os.environ, "DARKROOM_ENV": "test", "DARKROOM_HOME": str(home)}
    command = [sys.executable, "-m", "app.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environ, input=told, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _paint_a_day(url: str, key: str) -> None:
    """In the order of the list; the pictures stand on the canvas by the time they were finished."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"
    for shape, prompt in DAY:
        width, height = SIZES[shape]
        _post(
            session,
            f"{url}/api/generate",
            {"prompt": prompt, "width": width, "height": height, "seed": zlib.crc32(prompt.encode())},
        )
    while any(session.get(f"{url}/api/queue", timeout=10).json()["counts"].values()):
        time.sleep(1)


def _post(session: requests.Session, address: str, body: Mapping[str, Any]) -> None:
    answer = session.post(address, json=body, timeout=30)
    answer.raise_for_status()


def _photograph(url: str) -> bytes:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is needed to photograph, and none is on PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=url, viewport={"width": 1440, "height": 900})
        page.goto("/auth/login")
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Playground").click()
        _ask_for_foxes(page)
        page.mouse.move(0, 0)  # away from the pictures, which would offer their tools
        page.wait_for_function(HALF_WAY, timeout=120_000)
        # What comes up out of the dark does so in 160 ms.
        page.evaluate("() => Promise.allSettled(document.getAnimations().map((each) => each.finished))")
        shot = page.screenshot()
        browser.close()
        return shot


def _ask_for_foxes(page: Page) -> None:
    page.get_by_role("textbox", name="Prompt", exact=True).fill(FOXES)
    page.locator("label", has_text="3:2").click()
    page.get_by_text("3 × 2 = 6").wait_for()
    page.locator("#create-form [data-generate]").click()
    page.get_by_role("button", name="Yes").click()
    page.locator("#tray [data-job]").first.wait_for()
    # A photographer waits for the light: thumbnails below the fold load when they are looked at.
    page.wait_for_function("() => [...document.images].slice(0, 24).every((image) => image.complete)")


def _small(shot: bytes) -> bytes:
    """As fine as fits below the limit."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    for quality in (92, 88, 84, 80):
        data = io.BytesIO()
        picture.save(data, "WEBP", quality=quality, method=6)
        if data.tell() < MOST_BYTES:
            break
    return data.getvalue()


if __name__ == "__main__":
    main()
