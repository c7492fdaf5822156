"""The Create panel: prompts found again, pictures brought along by the dozen, recipes of other programs."""

from __future__ import annotations

import json
import re

from apiflask import APIFlask
from playwright.sync_api import FilePayload, Locator, expect

from app.db import db
from app.history import service as history
from app.wildcards import service as wildcards
from app.wildcards.forms import WildcardBody
from app.workspaces.models import Workspace
from tests.app.imaging.foreign import samples
from tests.browser.canvas import Canvas
from tests.browser.people import Person
from tests.browser.pictures import a_png, no_picture
from tests.browser.watch import Watch

FOX, OWL = "a red fox in the snow", "an owl, dusk light"


def test_a_prompt_is_found_again_without_a_pointer(canvas: Canvas, person: Person, app: APIFlask) -> None:
    with app.app_context():
        for prompt in (FOX, OWL):
            history.remember(person.workspace_id, prompt, "text" if prompt == OWL else "")
        workspace = db.session.get_one(Workspace, person.workspace_id)
        wildcards.create(workspace, WildcardBody(path="weather.txt", text="fog\nrain"))
    keys = canvas.page.keyboard
    options = canvas.page.get_by_role("listbox", name="Suggestions").get_by_role("option")

    # A key that is not for the list does what it always does.
    canvas.prompt.press_sequentially("red")
    expect(options).to_have_count(1)
    keys.press("Enter")
    expect(canvas.prompt).to_have_value("red\n")
    expect(options).to_have_count(0)
    canvas.prompt.fill("")
    canvas.prompt.press_sequentially("FOX")
    expect(options).to_have_text([re.compile(FOX)])
    keys.press("Escape")
    expect(options).to_have_count(0)
    keys.type(" i")
    expect(options).to_have_count(1)
    keys.press("ArrowDown")
    expect(canvas.prompt).to_have_attribute("aria-activedescendant", re.compile("."))
    keys.press("Tab")
    expect(canvas.prompt).to_have_value(FOX)
    expect(canvas.prompt).to_be_focused()
    keys.type(", __we")
    expect(options).to_have_text([re.compile("__weather__.*fog, rain")])
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(canvas.prompt).to_have_value(f"{FOX}, __weather__")
    expect(canvas.generate).to_have_text(re.compile("^Generate 2 "))

    canvas.panel.get_by_role("button", name="History").focus()
    keys.press("Enter")
    dialog = canvas.page.get_by_role("dialog", name="Prompt history")
    rows = dialog.get_by_role("listitem")
    expect(rows).to_have_count(2)
    keys.type("light owl")
    expect(rows).to_have_count(1)
    dialog.get_by_role("button", name="Delete from the history").focus()
    keys.press("Enter")
    expect(dialog.get_by_role("button", name="Undo")).to_be_focused()
    keys.press("Enter")
    dialog.get_by_role("button", name="Pin").focus()
    keys.press("Enter")
    expect(dialog.get_by_role("button", name="Unpin")).to_have_attribute("aria-pressed", "true")
    dialog.get_by_role("button", name=OWL).focus()
    keys.press("Enter")
    expect(dialog).to_be_hidden()
    expect(canvas.prompt).to_have_value(OWL)
    expect(_negative(canvas)).to_have_value("text")
    canvas.toasts.get_by_role("button", name="Undo").click()
    expect(canvas.prompt).to_have_value(f"{FOX}, __weather__")
    expect(_negative(canvas)).to_have_value("")


def test_many_pictures_are_brought_along_each_with_its_own_error(canvas: Canvas, watch: Watch) -> None:
    canvas.panel.get_by_label("Picture", exact=True).set_input_files([a_png("one.png"), no_picture(), a_png("two.png")])
    rows = canvas.panel.get_by_role("list", name="Pictures to start from").get_by_role("listitem")
    one, notes, two = (rows.filter(has_text=name) for name in ("one.png", "notes.png", "two.png"))
    expect(rows).to_have_count(3)
    expect(notes).to_contain_text("not a picture we take")
    expect(one).to_contain_text("Source")
    expect(two).to_contain_text("192 × 128")
    with watch.expecting(400, 403, 422):
        canvas.panel.get_by_role("button", name="From an address").click()
        canvas.panel.get_by_label("Address of a picture").fill("http://127.0.0.1/secret.png")
        canvas.page.keyboard.press("Enter")
        away = rows.filter(has_text="127.0.0.1/secret.png")
        expect(away.locator("[data-error-text]")).to_have_text(re.compile(r"\w+"))
    for row in (away, notes):
        row.get_by_role("button", name=re.compile("^Remove")).click()
    expect(rows).to_have_count(2)

    two.get_by_role("button", name="Move two.png", exact=True).press("ArrowUp")
    expect(rows.first).to_contain_text("two.png")
    expect(two).to_contain_text("Source")
    expect(_source(canvas)).to_have_value(_id(two))
    two.get_by_role("button", name="Remove two.png").click()
    expect(rows).to_have_count(1)
    expect(_source(canvas)).to_have_value(_id(one))
    canvas.toasts.get_by_role("button", name="Undo").click()
    expect(rows.first).to_contain_text("two.png")
    one.get_by_role("button", name="Start from this one").click()
    canvas.ask("golden dunes")
    recipe = canvas.open_first_picture()
    expect(recipe).to_contain_text("From a picture")


def test_the_recipe_of_another_program_is_shown_and_used_on_request(canvas: Canvas) -> None:
    picture: FilePayload = {
        "name": "out_00001_.png",
        "mimeType": "image/png",
        "buffer": samples.as_png(invokeai_metadata=json.dumps(samples.INVOKEAI)),
    }
    canvas.prompt.fill("my own words")
    canvas.panel.get_by_label("Picture", exact=True).set_input_files(picture)
    row = canvas.panel.get_by_role("list", name="Pictures to start from").get_by_role("listitem")
    expect(row).to_contain_text("Recipe read from InvokeAI: a lighthouse at dusk")
    seed = canvas.panel.get_by_label("Seed", exact=True)
    expect(canvas.prompt).to_have_value("my own words")
    row.get_by_role("button", name="Use all").click()
    expect(canvas.prompt).to_have_value("a lighthouse at dusk")
    expect(seed).to_have_value("2718281828")
    expect(_negative(canvas)).to_have_value("text")
    expect(canvas.panel.get_by_text("20 / 4k")).to_be_visible()
    canvas.toasts.get_by_text("Form filled from out_00001_.png").wait_for()
    canvas.toasts.get_by_role("button", name="Undo").click()
    expect(canvas.prompt).to_have_value("my own words")
    expect(seed).to_have_value("")
    row.get_by_role("button", name="Use seed").click()
    expect(seed).to_have_value("2718281828")
    expect(canvas.prompt).to_have_value("my own words")


def test_a_prompt_is_enhanced_edited_used_and_kept_with_what_comes_of_it(canvas: Canvas, watch: Watch) -> None:
    enhance = canvas.panel.get_by_role("button", name=re.compile("^Enhance"))
    variations = canvas.panel.get_by_role("region", name="Enhanced prompts")
    texts = variations.get_by_role("textbox", name=re.compile("^Variation"))
    with watch.expecting(422):
        enhance.click()
        expect(variations.get_by_role("alert")).to_contain_text("Write a few words first")
    canvas.prompt.fill(f"{FOX} {{at dawn|at dusk}}")
    enhance.click()
    expect(texts).to_have_count(5)
    expect(variations).to_contain_text("built-in rules")
    expect(variations.get_by_text(f"{FOX} {{at dawn|at dusk}}", exact=True)).to_be_visible()
    variations.get_by_label("Vary").select_option("Outfits")
    variations.get_by_label("Style hints").fill("etching")
    canvas.page.keyboard.press("Enter")
    expect(texts.first).to_have_value(re.compile("wearing .*, etching$"))

    texts.nth(1).fill("a red fox in the snow, wearing a scarf")
    variations.get_by_role("button", name="Use variation 2").click()
    expect(canvas.prompt).to_have_value("a red fox in the snow, wearing a scarf")
    canvas.toasts.get_by_role("button", name="Undo").click()
    expect(canvas.prompt).to_have_value(f"{FOX} {{at dawn|at dusk}}")
    variations.get_by_role("button", name="Use variation 2").click()
    variations.get_by_role("button", name="Close the variations").press("Enter")
    expect(enhance).to_be_focused()
    canvas.page.reload()
    expect(canvas.prompt).to_have_value("a red fox in the snow, wearing a scarf")
    canvas.generate.click()
    canvas.expect_pictures(1)
    recipe = canvas.open_first_picture()
    expect(recipe).to_contain_text("Enhanced from")
    expect(recipe).to_contain_text(f"{FOX} {{at dawn|at dusk}}")


def _negative(canvas: Canvas) -> Locator:
    return canvas.panel.get_by_label("Keep out of the picture")


def _source(canvas: Canvas) -> Locator:
    return canvas.panel.locator("input[name=image_id]")


def _id(row: Locator) -> re.Pattern[str]:
    """The id of the picture whose thumbnail a row shows, once it has been sent."""
    expect(row.locator("img")).to_have_attribute("src", re.compile("/images/"))
    address = row.locator("img").get_attribute("src")
    assert address is not None
    return re.compile(address.split("/")[3])
