"""What keys do, and that the list under "?" names them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.canvas import Canvas


def test_a_slash_leads_to_the_prompt_and_is_not_typed_there(canvas: Canvas) -> None:
    canvas.page.keyboard.press("/")
    expect(canvas.prompt).to_be_focused()
    expect(canvas.prompt).to_have_value("")
    # In the prompt it is a letter like any other.
    canvas.page.keyboard.type("half/half, really?")
    expect(canvas.prompt).to_have_value("half/half, really?")


def test_digits_choose_the_batch_size_where_nothing_is_being_typed(canvas: Canvas) -> None:
    for size in (4, 2, 1):
        canvas.page.keyboard.press(str(size))
        expect(canvas.batch(size)).to_be_checked()
    canvas.prompt.fill("")
    canvas.prompt.press_sequentially("4 foxes")
    expect(canvas.batch(1)).to_be_checked()
    expect(canvas.prompt).to_have_value("4 foxes")


def test_control_and_enter_generate_from_anywhere(canvas: Canvas) -> None:
    canvas.prompt.fill("a red fox")
    canvas.page.keyboard.press("Control+Enter")
    canvas.expect_pictures(1)
    canvas.page.get_by_role("button", name="Squares").focus()
    canvas.page.keyboard.press("Control+Enter")
    canvas.expect_pictures(2)


def test_arrows_walk_the_pictures_and_enter_opens_one(canvas: Canvas) -> None:
    canvas.ask("a red fox", batch=4)
    canvas.expect_pictures(4)
    canvas.pictures.first.focus()
    for key, index in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", 0), ("ArrowLeft", 0)):
        canvas.page.keyboard.press(key)
        expect(canvas.pictures.nth(index)).to_be_focused()
    canvas.page.keyboard.press("Enter")
    expect(canvas.page).to_have_url(re.compile("/images/"))


def test_g_then_a_letter_leads_to_a_place(canvas: Canvas) -> None:
    canvas.page.goto("/workspaces")
    canvas.page.keyboard.press("g")
    canvas.page.keyboard.press("c")
    expect(canvas.prompt).to_be_visible()
    canvas.page.keyboard.press("g")
    canvas.page.keyboard.press("w")
    expect(canvas.page).to_have_url(re.compile("/workspaces$"))


def test_the_list_of_keys_opens_names_them_all_and_gives_the_focus_back(canvas: Canvas) -> None:
    canvas.generate.focus()
    canvas.page.keyboard.press("?")
    keys = canvas.page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    listed = keys.get_by_role("term").all_inner_texts()
    assert [" ".join(term.split()) for term in listed] == [
        "/",
        "Ctrl ↵",
        "1 2 4",
        "← ↑ ↓ →",
        "↵",
        "Space",
        "Shift ← ↑ ↓ →",
        "Ctrl A",
        "I",
        "F",
        "X",
        "Shift 1 to 5",
        "C",
        "U",
        "V",
        "D",
        "Del",
        "+ − 0",
        "Ctrl Z",
        "G then C",
        "G then L",
        "G then W",
        "G then Q",
        "Alt ↑ ↓",
        "Ctrl K",
        "?",
        "Esc",
    ]
    # Behind an open dialog the keys do nothing.
    canvas.page.keyboard.press("4")
    expect(canvas.batch(1)).to_be_checked()
    canvas.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(canvas.generate).to_be_focused()
