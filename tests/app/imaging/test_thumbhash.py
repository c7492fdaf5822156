from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.imaging.thumbhash import average_colour, placeholder_png, thumbhash
from tests.app.imaging.files import opened, photo


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(["RGB", "RGBA", "L"]), st.integers(0, 50))
def test_any_picture_fits_in_forty_bytes_and_comes_back_in_shape(width: int, height: int, mode: str, seed: int) -> None:
    text = thumbhash(photo(width, height, mode, seed))
    assert len(text) < 40
    stand_in = opened(placeholder_png(text))
    assert max(stand_in.size) == 32
    assert len(placeholder_png(text)) < 6000
    assert (stand_in.width > stand_in.height) <= (width > height)
    assert (stand_in.width < stand_in.height) <= (width < height)


@pytest.mark.parametrize("colour", ["#ff0000", "#00ff00", "#2040c0", "#ffffff", "#000000", "#808080", "#f8a030"])
def test_one_colour_comes_back_nearly_exact(colour: str) -> None:
    text = thumbhash(Image.new("RGB", (50, 40), colour))
    expected = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    average = np.array([int(average_colour(text)[at : at + 2], 16) for at in (1, 3, 5)])
    assert np.abs(average - expected).max() <= 12
    pixels = np.asarray(opened(placeholder_png(text)), dtype=np.int16)
    assert np.abs(pixels - expected).max() <= 12


def test_a_smooth_picture_is_recognisable_in_its_stand_in() -> None:
    across = np.linspace(0, 255, 64)
    image = Image.fromarray(
        np.stack(np.broadcast_arrays(across[None, :], across[:, None], 255 - across[None, :]), axis=-1).astype(np.uint8)
    )
    stand_in = opened(placeholder_png(thumbhash(image))).resize(image.size, Image.Resampling.BICUBIC)
    error = np.asarray(stand_in, dtype=np.int16) - np.asarray(image, dtype=np.int16)
    assert np.abs(error).mean() < 20


def test_transparency_is_seen() -> None:
    image = Image.new("RGBA", (40, 40), (200, 40, 40, 0))
    image.paste((200, 40, 40, 255), (0, 0, 20, 40))
    stand_in = opened(placeholder_png(thumbhash(image)))
    assert stand_in.mode == "RGBA"
    assert stand_in.getpixel((4, 16))[3] > 200
    assert stand_in.getpixel((28, 16))[3] < 60


def test_a_fully_transparent_picture_has_a_hash_too() -> None:
    assert opened(placeholder_png(thumbhash(Image.new("RGBA", (9, 9))))).getextrema()[3][1] < 20


def test_the_format_is_the_public_one() -> None:
    """The example of the format's own page, whose size other implementations agree upon."""
    stand_in = opened(placeholder_png("1QcSHQRnh493V4dIh4eXh1h4kJUI"))
    assert stand_in.size == (23, 32)
    assert stand_in.mode == "RGB"


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "1QcSHQRnh493V4dIh4eX", "ü"])
def test_a_bad_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="thumbhash"):
        placeholder_png(text)
    with pytest.raises(ValueError, match="thumbhash"):
        average_colour(text)


@given(st.binary(min_size=5, max_size=40))
def test_whatever_bytes_arrive_either_decode_or_are_refused(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    try:
        png = placeholder_png(text)
    except ValueError:
        return
    assert max(opened(png).size) <= 32 * 7
