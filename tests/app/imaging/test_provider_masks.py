from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.imaging.framing import Canvas, Sides, SizeRule, fit_to
from app.imaging.provider_masks import MaskForm, as_provider_mask, extended, mask_png, on_canvas
from tests.app.imaging.files import photo


def grey_mask() -> Image.Image:
    """Black, faint noise, a blend and white, from left to right."""
    mask = Image.new("L", (40, 10))
    for left, level in ((10, 9), (20, 120), (30, 255)):
        mask.paste(level, (left, 0, left + 10, 10))
    return mask


def test_pure_black_and_white_where_blends_are_repainted_and_noise_is_not() -> None:
    white = np.asarray(as_provider_mask(grey_mask(), "white"))
    assert white.shape == (10, 40)
    assert (white[:, :20] == 0).all()
    assert (white[:, 20:] == 255).all()


def test_the_alpha_form_is_transparent_where_it_is_repainted() -> None:
    alpha = np.asarray(as_provider_mask(grey_mask(), "alpha"))
    assert (alpha[:, :20, 3] == 255).all()
    assert (alpha[:, 20:, 3] == 0).all()


def test_one_file_says_the_same_by_brightness_and_by_transparency() -> None:
    both = np.asarray(as_provider_mask(grey_mask(), "both"))
    assert (both[:, :20] == (0, 0, 0, 255)).all()
    assert (both[:, 20:] == (255, 255, 255, 0)).all()


@pytest.mark.parametrize(("form", "mode"), [("white", "L"), ("alpha", "RGBA"), ("both", "RGBA")])
def test_a_mask_of_a_large_picture_is_a_small_png_that_keeps_its_values(form: MaskForm, mode: str) -> None:
    mask = Image.radial_gradient("L").resize((3840, 2160))
    data = mask_png(mask, form)
    assert len(data) < 400_000
    opened = Image.open(io.BytesIO(data))
    assert (opened.mode, opened.size) == (mode, (3840, 2160))
    assert np.array_equal(np.asarray(opened), np.asarray(as_provider_mask(mask, form)))


SMALL = st.integers(0, 40)


@given(st.builds(Sides, SMALL, SMALL, SMALL, SMALL), st.integers(1, 60), st.integers(1, 60), st.integers(0, 16))
def test_an_extension_holds_the_source_unmoved_and_fills_everything_else(
    sides: Sides, width: int, height: int, overlap: int
) -> None:
    canvas = sides.around(width, height)
    source = photo(width, height)
    made = extended(source, canvas, overlap_px=overlap)
    assert made.image.size == made.mask.size == canvas.size
    left, top, right, bottom = canvas.source_box
    pixels, mask = np.asarray(made.image), np.asarray(made.mask)
    assert np.array_equal(pixels[top:bottom, left:right, :3], np.asarray(source))
    assert (pixels[..., 3] == 255).sum() == width * height
    # All that is new is filled; of the source only a seam along the sides that grow.
    outside = np.ones(mask.shape, dtype=bool)
    outside[top:bottom, left:right] = False
    assert (mask[outside] == 255).all()
    kept = mask[top:bottom, left:right] == 0
    assert kept.any()
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    for grown, seam in (
        (sides.left, columns[0]),
        (sides.right, width - 1 - columns[-1]),
        (sides.top, rows[0]),
        (sides.bottom, height - 1 - rows[-1]),
    ):
        assert 0 <= seam <= (overlap if grown else 0)


def test_a_picture_on_a_providers_canvas_keeps_its_pixels_and_is_edged_by_its_own_colours() -> None:
    canvas = fit_to(50, 30, SizeRule(step_px=16))
    assert canvas == Canvas(64, 32, 7, 1, 50, 30)
    source, mask = photo(50, 30), Image.new("L", (50, 30))
    mask.paste(255, (10, 10, 20, 20))
    placed, around = on_canvas(source, mask, canvas)
    assert np.array_equal(np.asarray(placed)[1:31, 7:57], np.asarray(source))
    assert placed.getpixel((0, 5)) == source.getpixel((0, 4))
    assert placed.getpixel((63, 31)) == source.getpixel((49, 29))
    assert around.getbbox() == (17, 11, 27, 21)
