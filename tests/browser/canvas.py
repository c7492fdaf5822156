"""The canvas as a person finds it: by labels and roles, never by where things stand in the markup."""

from __future__ import annotations

import re
import time

from playwright.sync_api import FilePayload, Locator, Page, expect

# Six pictures in full size, on a machine that has other things to do as well.
PAINTED_MS = 100_000


class Canvas:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.get_by_role("complementary", name="Control panel")
        self.prompt = page.get_by_role("textbox", name="Prompt", exact=True)
        self.generate = self.panel.get_by_role("button", name=re.compile("^Generate|^Queuing"))
        self.dialog = page.get_by_role("dialog", name=re.compile("^Generate batch of"))
        self.tray = page.get_by_role("region", name="In progress")
        self.cards = self.tray.locator("[data-job]")
        self.pictures = page.locator("[data-grid] [data-picture-link]")
        self.toasts = page.get_by_role("status", name="Notices")

    def open(self, path: str) -> Canvas:
        self.page.goto(path)
        return self

    def ask(self, prompt: str, *, batch: int = 1) -> Canvas:
        """Fill the form and press Generate."""
        self.prompt.fill(prompt)
        self.choose_batch(batch)
        self.generate.click()
        return self

    def batch(self, size: int) -> Locator:
        return self.panel.get_by_role("group", name="Batch").get_by_role("radio", name=str(size), exact=True)

    def cards_in(self, *states: str) -> Locator:
        return self.tray.locator(",".join(f'[data-job][data-state="{state}"]' for state in states))

    def expect_pictures(self, count: int) -> None:
        expect(self.pictures).to_have_count(count)

    def expect_toast(self, text: str) -> None:
        expect(self.toasts.get_by_text(text)).to_be_visible(timeout=PAINTED_MS)

    def expect_pictures_after_reloading(self, count: int, *, timeout_s: float = PAINTED_MS / 1000) -> None:
        deadline = time.monotonic() + timeout_s
        while self.pictures.count() != count:
            assert time.monotonic() < deadline
            self.page.reload()

    def open_sheet(self) -> None:
        """On a phone the panel lies at the bottom until it is called."""
        self.panel.get_by_role("button", name="Open the control panel").click()
        self.expect_sheet(open=True)

    def expect_sheet(self, *, open: bool) -> None:
        """Wait until the sheet lies where it should."""
        grip = self.panel.get_by_role("button", name="Open or close the control panel")
        expect(grip).to_have_attribute("aria-expanded", str(open).lower())
        self.panel.evaluate("panel => Promise.all(panel.getAnimations().map((each) => each.finished))")

    def choose_batch(self, size: int) -> None:
        # The radio is see-through; its label is what one sees and meets.
        self.panel.get_by_role("group", name="Batch").locator("label", has_text=str(size)).click()

    def open_first_picture(self) -> Locator:
        """Wait for the picture and follow it to its page. Returns its recipe."""
        self.pictures.first.click()
        return self.page.get_by_role("region", name="Recipe")

    def cancel_all(self) -> None:
        self.tray.get_by_role("button", name="Cancel all").click()
        expect(self.cards).to_have_count(0)

    def start_from(self, picture: FilePayload, *, operation: str = "img2img") -> None:
        """Unfold "Start from a picture" and choose a file and what to do with it."""
        self.panel.get_by_text("Start from a picture").click()
        self.panel.get_by_label("Picture", exact=True).set_input_files(picture)
        self.panel.get_by_label("What to do with it").select_option(operation)


def resume_queue(page: Page) -> None:
    page.goto("/queue")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)
