from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.imaging.errors import FileTooLarge
from app.imaging.framing import NoSuchCanvas, Sides, SizeRule
from app.imaging.preparing import Sheets, extension, fitted, repaint
from tests.app.imaging.files import encoded, opened, photo

SIXTEENS = SizeRule(step_px=16, min_pixels=128 * 128, max_pixels=512 * 512, max_ratio=3)


def test_a_picture_within_the_limits_keeps_every_pixel() -> None:
    sheet = fitted(encoded(photo(40, 30)), most_side_px=40, most_pixels=1200)
    assert (sheet.mime, sheet.width_px, sheet.height_px) == ("image/png", 40, 30)
    assert np.array_equal(np.asarray(opened(sheet.data)), np.asarray(photo(40, 30)))


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ({"most_side_px": 100}, (100, 50)),
        ({"most_pixels": 5_000}, (100, 50)),
        ({"least_side_px": 200}, (400, 200)),
        ({"least_side_px": 200, "most_side_px": 300}, (300, 150)),
    ],
)
def test_it_is_scaled_as_little_as_the_limits_ask_for(limits: dict[str, int], size: tuple[int, int]) -> None:
    sheet = fitted(encoded(photo(200, 100)), **limits)
    assert (sheet.width_px, sheet.height_px) == opened(sheet.data).size == size


def test_a_heavy_png_becomes_a_jpeg_and_its_transparency_white() -> None:
    clear = Image.effect_noise((128, 128), 90).convert("RGBA")
    clear.putalpha(0)
    sheet = fitted(encoded(clear), most_bytes=8_000)
    assert sheet.mime == "image/jpeg"
    assert opened(sheet.data).getpixel((64, 64)) == (255, 255, 255)


def test_what_no_quality_makes_light_enough_is_refused() -> None:
    with pytest.raises(FileTooLarge):
        fitted(encoded(photo(128, 128)), most_bytes=100)


def frame_of(sheets: Sheets) -> tuple[int, int, int, int]:
    left, top, right, bottom = sheets.part or (0, 0, 1, 1)
    wide, high = sheets.width_px, sheets.height_px
    return round(left * wide), round(top * high), round(right * wide), round(bottom * high)


def test_a_repaint_lies_unscaled_on_the_providers_canvas_and_nothing_around_is_repainted() -> None:
    source, mask = photo(200, 150), Image.new("L", (200, 150))
    mask.paste(255, (50, 40, 90, 80))
    sheets = repaint(encoded(source), encoded(mask), SIXTEENS, "white")
    assert (sheets.width_px, sheets.height_px) == (208, 160)
    image, level = opened(sheets.image), opened(sheets.mask)
    assert image.size == level.size == (208, 160)
    assert np.array_equal(np.asarray(image.crop(frame_of(sheets))), np.asarray(source))
    assert np.array_equal(np.asarray(level.crop(frame_of(sheets))), np.asarray(mask))
    assert np.count_nonzero(np.asarray(level)) == 40 * 40


def test_a_picture_that_fits_the_rule_is_all_of_the_canvas() -> None:
    mask = Image.new("L", (160, 160), 255)
    assert repaint(encoded(photo(160, 160)), encoded(mask), SIXTEENS, "alpha").part is None


def test_a_mask_as_alpha_is_transparent_where_to_repaint() -> None:
    mask = Image.new("L", (160, 160))
    mask.paste(255, (0, 0, 80, 160))
    sheets = repaint(encoded(photo(160, 160)), encoded(mask), SIXTEENS, "alpha")
    alpha = opened(sheets.mask).getchannel("A")
    assert (alpha.getpixel((20, 20)), alpha.getpixel((140, 20))) == (0, 255)


def test_an_extension_has_the_picture_in_its_place_and_asks_for_all_around_it() -> None:
    source = photo(160, 160)
    sheets = extension(encoded(source), Sides(left=160), SIXTEENS, "white", "transparent")
    image, mask = opened(sheets.image), opened(sheets.mask)
    assert (image.size, sheets.part) == ((320, 160), None)
    assert np.array_equal(np.asarray(image.crop((160, 0, 320, 160)).convert("RGB")), np.asarray(source))
    assert image.getpixel((10, 10))[3] == 0
    assert (mask.getpixel((10, 10)), mask.getpixel((165, 80)), mask.getpixel((300, 80))) == (255, 255, 0)


def test_an_extension_larger_than_the_rule_is_scaled_and_says_where_the_frame_lies() -> None:
    sheets = extension(encoded(photo(700, 330)), Sides(top=300, right=50), SIXTEENS, "white", "grey")
    image = opened(sheets.image)
    assert SIXTEENS.allows(*image.size)
    assert image.mode == "RGB"
    left, top, right, bottom = frame_of(sheets)
    assert (right - left) / (bottom - top) == pytest.approx(750 / 630, rel=0.01)
    assert image.getpixel((image.width // 2, top + 4)) == (128, 128, 128)


def test_without_a_canvas_for_its_shape_it_is_refused() -> None:
    with pytest.raises(NoSuchCanvas):
        extension(encoded(photo(70, 20)), Sides(right=70), SizeRule(min_side_px=300, max_side_px=200), "white", "grey")
