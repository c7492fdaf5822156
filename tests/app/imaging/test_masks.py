from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.imaging.framing import Sides
from app.imaging.masks import (
    MaskEmpty,
    MaskMismatch,
    bounding_box,
    feather,
    is_empty,
    keep_outside,
    normalise,
    outside_mask,
)
from tests.app.imaging.files import photo


def blob(width: int = 60, height: int = 40, box: tuple[int, int, int, int] = (20, 10, 44, 30)) -> Image.Image:
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return mask


@st.composite
def masks(draw: st.DrawFn) -> Image.Image:
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    mask = Image.new("L", (width, height))
    for _ in range(draw(st.integers(0, 3))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        right, bottom = x + draw(st.integers(0, 30)), y + draw(st.integers(0, 30))
        ImageDraw.Draw(mask).rectangle((x, y, right, bottom), fill=draw(st.integers(1, 255)))
    return mask


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_a_white_shape_on_black_is_a_mask_in_any_mode(mode: str) -> None:
    image = Image.new("L", (8, 6))
    image.paste(255, (2, 2, 5, 4))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    mask = normalise(image.convert(mode), (8, 6))
    assert mask.mode == "L"
    assert bounding_box(mask) == (2, 2, 5, 4)
    assert mask.getpixel((3, 3)) == 255


def test_strokes_on_a_transparent_layer_are_a_mask() -> None:
    layer = Image.new("RGBA", (8, 6), (255, 255, 255, 0))
    layer.paste((255, 255, 255, 255), (1, 1, 4, 3))
    assert bounding_box(normalise(layer, (8, 6))) == (1, 1, 4, 3)


def test_a_mask_of_another_size_is_refused_with_both_sizes() -> None:
    with pytest.raises(MaskMismatch, match=r"8 × 6 pixels and the picture 6 × 8"):
        normalise(Image.new("L", (8, 6), 255), (6, 8))


@pytest.mark.parametrize("empty", [Image.new("L", (4, 4)), Image.new("RGBA", (4, 4), (255, 255, 255, 0))])
def test_a_mask_that_changes_nothing_is_refused(empty: Image.Image) -> None:
    with pytest.raises(MaskEmpty):
        normalise(empty, (4, 4))
    assert is_empty(empty.convert("LA").getchannel("A")) == (empty.mode == "RGBA")


def test_the_box_grows_by_its_margin_but_not_over_the_edge() -> None:
    assert bounding_box(blob(), margin_px=12) == (8, 0, 57, 40)
    assert bounding_box(Image.new("L", (5, 5))) is None


@given(masks(), st.integers(0, 20))
def test_a_feather_only_softens_and_never_reaches_outside(mask: Image.Image, radius: int) -> None:
    before, after = np.asarray(mask), np.asarray(feather(mask, radius))
    assert after.shape == before.shape
    assert (after <= before).all()
    assert ((after > 0) <= (before > 0)).all()


@given(masks(), st.integers(1, 20))
def test_a_feather_leaves_the_deepest_part_as_strong_as_it_was(mask: Image.Image, radius: int) -> None:
    if is_empty(mask):
        assert is_empty(feather(mask, radius))
        return
    assert np.asarray(feather(mask, radius)).max() > 0


def test_a_feather_falls_evenly_towards_the_edge_but_not_towards_the_border_of_the_picture() -> None:
    mask = Image.new("L", (40, 9))
    mask.paste(255, (0, 0, 20, 9))
    row = [feather(mask, 4).getpixel((x, 4)) for x in range(13, 22)]
    assert row == [255, 255, 255, 255 * 4 // 5, 255 * 3 // 5, 255 * 2 // 5, 255 // 5, 0, 0]
    assert feather(mask, 4).getpixel((0, 0)) == 255


def test_a_negative_feather_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        feather(blob(), -1)


@given(masks(), st.integers(0, 6))
def test_outside_a_mask_every_source_pixel_is_kept_exactly(mask: Image.Image, radius: int) -> None:
    source, result = photo(*mask.size, seed=1), photo(*mask.size, seed=2)
    soft = feather(mask, radius)
    kept = np.asarray(keep_outside(source, result, soft))
    level = np.asarray(soft)
    assert np.array_equal(kept[level == 0], np.asarray(source)[level == 0])
    assert np.array_equal(kept[level == 255], np.asarray(result)[level == 255])


def test_transparency_outside_the_mask_is_kept_too() -> None:
    source = photo(20, 20, "RGBA")
    kept = keep_outside(source, photo(20, 20), blob(20, 20, (5, 5, 15, 15)))
    assert kept.mode == "RGBA"
    assert kept.getpixel((0, 0)) == source.getpixel((0, 0))
    assert kept.getpixel((10, 10))[3] == 255


@pytest.mark.parametrize(
    ("result", "mask"),
    [
        (Image.new("RGB", (9, 8)), Image.new("L", (8, 8))),
        (Image.new("RGB", (8, 8)), Image.new("L", (8, 9))),
        (Image.new("RGB", (8, 8)), Image.new("RGB", (8, 8))),
    ],
)
def test_unequal_sizes_are_a_mistake_of_the_caller(result: Image.Image, mask: Image.Image) -> None:
    with pytest.raises(ValueError, match="sizes differ"):
        keep_outside(Image.new("RGB", (8, 8)), result, mask)


def test_an_outpaint_fills_everything_but_the_source() -> None:
    mask = outside_mask(Sides(left=3, bottom=2).around(10, 6))
    assert mask.size == (13, 8)
    inside = np.asarray(mask)[0:6, 3:13]
    assert (inside == 0).all()
    assert int((np.asarray(mask) == 255).sum()) == 13 * 8 - 60
