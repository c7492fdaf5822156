from __future__ import annotations

import pytest
from PIL import Image

from app.imaging.derive import PREVIEW_PX, THUMB_PX, derive, derive_from
from app.imaging.errors import ImageTooLarge, ImageUnreadable
from app.imaging.thumbhash import average_colour
from tests.app.imaging.files import blank_png, encoded, opened, photo


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_large_picture_gets_both_copies_in_its_own_shape(kind: str) -> None:
    copies = derive(encoded(photo(2600, 260), kind), f"image/{kind.lower()}")
    assert (copies.width_px, copies.height_px) == (2600, 260)
    assert copies.preview is not None
    assert copies.thumb is not None
    preview, thumbnail = opened(copies.preview), opened(copies.thumb)
    assert (preview.format, preview.size) == ("WEBP", (PREVIEW_PX, PREVIEW_PX // 10))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (THUMB_PX, 26))


@pytest.mark.parametrize(
    ("size", "has_thumbnail", "has_preview"),
    [
        ((256, 256), False, False),
        ((257, 10), True, False),
        ((10, 257), True, False),
        ((1280, 70), True, False),
        ((1281, 70), True, True),
        ((1, 1), False, False),
    ],
)
def test_no_copy_is_made_of_what_is_small_enough(size: tuple[int, int], has_thumbnail: bool, has_preview: bool) -> None:
    copies = derive(encoded(photo(*size), "WEBP"), "image/webp")
    assert (copies.thumb is not None, copies.preview is not None) == (has_thumbnail, has_preview)


def test_a_heavy_picture_gets_a_lighter_copy_to_look_at() -> None:
    heavy = encoded(photo(640, 480))
    copies = derive(heavy, "image/png")
    assert copies.preview is not None
    assert opened(copies.preview).size == (640, 480)
    assert len(copies.preview) * 2 < len(heavy)
    assert derive_from(photo(640, 480)).preview is None


def test_a_very_long_picture_keeps_at_least_one_pixel_of_breadth() -> None:
    copies = derive(encoded(photo(3000, 2)), "image/png")
    assert copies.thumb is not None
    assert opened(copies.thumb).size == (256, 1)


def test_copies_keep_transparency() -> None:
    copies = derive(encoded(photo(400, 300, "RGBA")), "image/png")
    assert copies.thumb is not None
    assert opened(copies.thumb).mode == "RGBA"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_copies_look_like_the_original(kind: str) -> None:
    image = Image.new("RGB", (2800, 400), "#c04020")
    copies = derive(encoded(image, kind), f"image/{kind.lower()}")
    for data in (copies.thumb, copies.preview):
        assert data is not None
        centre = opened(data).getpixel((100, 10))
        assert max(abs(got - wanted) for got, wanted in zip(centre, (0xC0, 0x40, 0x20), strict=True)) < 8
    assert average_colour(copies.placeholder).startswith(("#b", "#c"))


def test_pixels_at_hand_need_no_file() -> None:
    image = photo(300, 200)
    assert derive_from(image).placeholder == derive(encoded(image), "image/png").placeholder


def test_broken_and_oversized_files_are_refused_by_name() -> None:
    with pytest.raises(ImageUnreadable):
        derive(encoded(photo())[:90], "image/png")
    with pytest.raises(ImageUnreadable):
        derive(encoded(photo()), "image/jpeg")
    with pytest.raises(ImageTooLarge):
        derive(blank_png(8000, 8000), "image/png")
