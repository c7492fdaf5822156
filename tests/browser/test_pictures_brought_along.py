"""Starting from a picture: chosen, dropped or pasted; redrawn, repainted, extended, enlarged; and refused kindly."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import FilePayload, expect

from tests.browser.canvas import Canvas
from tests.browser.pictures import SIZE, a_mask, a_png, no_picture
from tests.browser.watch import Watch

SENTENCE = "This file is not a picture we take: send PNG, JPEG, WebP or GIF."


def test_a_chosen_picture_is_redrawn_and_stands_in_the_lineage(canvas: Canvas) -> None:
    canvas.start_from(a_png("dunes.png"))
    expect(canvas.panel.get_by_label("Mask")).to_be_hidden()
    canvas.ask("golden dunes")
    recipe = canvas.open_first_picture()
    expect(recipe).to_contain_text("From a picture")
    recipe.get_by_role("link").get_by_role("img").click()
    expect(canvas.page.get_by_role("heading", level=1)).to_have_text("dunes.png")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_can_be_dropped_or_pasted(canvas: Canvas, way: str) -> None:
    _hand_over(canvas, a_png("dunes.png"), way)
    expect(canvas.panel.get_by_label("Picture", exact=True)).to_have_value(re.compile(r"dunes\.png$"))
    expect(canvas.panel.get_by_label("What to do with it")).to_be_visible()
    canvas.ask("golden dunes")
    expect(canvas.open_first_picture()).to_contain_text("From a picture")


def test_words_pasted_into_the_prompt_stay_words(canvas: Canvas) -> None:
    canvas.prompt.focus()
    canvas.page.evaluate("navigator.clipboard === undefined || document.execCommand('insertText', false, 'a red fox')")
    expect(canvas.prompt).to_have_value("a red fox")
    expect(canvas.panel.get_by_text("none", exact=True)).to_be_visible()


def test_inpainting_leaves_what_the_mask_keeps(canvas: Canvas) -> None:
    source = a_png()
    canvas.start_from(source, operation="inpaint")
    canvas.panel.get_by_label("Mask").set_input_files(a_mask())
    canvas.ask("a blue owl")
    expect(canvas.open_first_picture()).to_contain_text("Repainted")
    made = _picture_of(canvas)
    kept = (0, 0, SIZE[0] // 2 - 1, SIZE[1])
    assert made.size == SIZE
    assert _differences(made, _opened(source["buffer"]), kept) == 0
    assert _differences(made, _opened(source["buffer"]), (SIZE[0] // 2 + 8, 0, *SIZE)) > 0


def test_outpainting_goes_out_to_the_chosen_shape(canvas: Canvas) -> None:
    canvas.start_from(a_png(), operation="outpaint")
    canvas.panel.get_by_role("group", name="New frame").locator("label", has_text="16:9").click()
    canvas.ask("golden dunes")
    expect(canvas.open_first_picture()).to_contain_text("Extended")
    width, height = _picture_of(canvas).size
    assert height == SIZE[1]
    assert width / height == pytest.approx(16 / 9, abs=0.01)


def test_upscaling_doubles_both_sides(canvas: Canvas) -> None:
    canvas.start_from(a_png(), operation="upscale")
    canvas.generate.click()
    recipe = canvas.open_first_picture()
    expect(recipe).to_contain_text("Sketch Upscaler")
    expect(recipe).to_contain_text(f"{SIZE[0] * 2} × {SIZE[1] * 2}")


def test_what_is_no_picture_is_refused_at_its_field_and_nothing_typed_is_lost(canvas: Canvas, watch: Watch) -> None:
    canvas.start_from(no_picture())
    canvas.panel.get_by_label("Seed", exact=True).fill("42")
    with watch.expecting(415, 422):
        canvas.ask("golden dunes", batch=2)
        field = canvas.panel.get_by_label("Picture", exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile(f"^{re.escape(SENTENCE)}"))
    expect(canvas.panel.locator(".field__error", has_text=SENTENCE)).to_be_in_viewport()
    expect(canvas.prompt).to_have_value("golden dunes")
    expect(canvas.panel.get_by_label("Seed", exact=True)).to_have_value("42")
    expect(canvas.batch(2)).to_be_checked()
    # And the next try, with a real one, goes through.
    field.set_input_files(a_png())
    canvas.generate.click()
    canvas.expect_pictures(2)
    expect(field).not_to_have_attribute("aria-invalid", "true")


def _hand_over(canvas: Canvas, file: FilePayload, way: str) -> None:
    """What the browser does when a file is dropped on the panel or pasted into the page."""
    canvas.page.evaluate(
        """([name, type, data, way]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const handed = new DataTransfer();
          handed.items.add(new File([bytes], name, { type }));
          const panel = document.getElementById("create");
          const options = { bubbles: true, cancelable: true };
          if (way === "paste") {
            document.body.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: handed }));
          } else {
            panel.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: handed }));
            panel.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: handed }));
          }
        }""",
        [file["name"], file["mimeType"], base64.b64encode(file["buffer"]).decode(), way],
    )


def _picture_of(canvas: Canvas) -> Image.Image:
    """The file offered for download on a picture's page."""
    address = canvas.page.get_by_role("link", name="Download").first.get_attribute("href")
    assert address is not None
    return _opened(canvas.page.context.request.get(address).body())


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def _differences(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> int:
    """The largest difference of any channel within a part of two pictures."""
    lows_and_highs = ImageChops.difference(one.crop(box), other.crop(box)).getextrema()
    return max(int(high) for _, high in lows_and_highs)  # type: ignore[misc]  # pairs, for a picture with channels
