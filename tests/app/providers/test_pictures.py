from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PIL import Image

from app.imaging.framing import Sides, SizeRule
from app.providers import pictures
from app.providers.contract import ErrorKind, Operation, ProviderError, Request
from tests.app.imaging.files import encoded, opened, photo


def kept(folder: Path, image: Image.Image, kind: str = "PNG") -> Path:
    path = folder / f"kept.{kind.lower()}"
    path.write_bytes(encoded(image, kind))
    return path


def asking(**more: object) -> Request:
    return Request("r", Operation.OUTPAINT, "e", "words", **more)  # type: ignore[arg-type] # whatever a test is about


def test_an_original_goes_out_byte_for_byte_where_its_format_is_taken(tmp_path: Path) -> None:
    path = kept(tmp_path, photo(), "JPEG")
    picture = pictures.stored(path)
    assert picture.data == path.read_bytes()
    assert picture.named("image") == ("image.jpg", picture.data, "image/jpeg")
    assert picture.data_url == f"data:image/jpeg;base64,{base64.b64encode(picture.data).decode()}"


def test_an_original_in_a_format_that_is_not_taken_becomes_a_png(tmp_path: Path) -> None:
    picture = pictures.stored(kept(tmp_path, photo(), "WEBP"), takes=("image/png",))
    assert (picture.mime, opened(picture.data).size) == ("image/png", photo().size)


def test_an_original_that_weighs_too_much_is_made_lighter(tmp_path: Path) -> None:
    path = kept(tmp_path, Image.effect_noise((200, 200), 90).convert("RGB"))
    assert len(pictures.stored(path, most_bytes=30_000).data) <= 30_000


def test_a_side_can_be_bounded(tmp_path: Path) -> None:
    assert opened(pictures.png(kept(tmp_path, photo(64, 48)), 32).data).size == (32, 24)


def test_a_repaint_and_an_extension_come_with_masks_of_their_size(tmp_path: Path) -> None:
    image = kept(tmp_path, photo(160, 120))
    mask = tmp_path / "mask.png"
    mask.write_bytes(encoded(Image.new("L", (160, 120), 255)))
    rule = SizeRule(step_px=64)
    for made in (
        pictures.masked(image, mask, form="alpha", rule=rule),
        pictures.extended(image, Sides(left=32), rule=rule),
    ):
        assert opened(made.image.data).size == opened(made.mask.data).size == (made.width_px, made.height_px)
        assert made.part is not None
        assert made.width_px % 64 == made.height_px % 64 == 0


def test_a_shape_that_no_canvas_holds_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    rule = SizeRule(min_side_px=300, max_side_px=200)
    with pytest.raises(ProviderError) as raised:
        pictures.extended(kept(tmp_path, photo(500, 10)), Sides(left=500), rule=rule)
    assert raised.value.kind is ErrorKind.USER_FIXABLE
    assert "too long and narrow" in raised.value.sentence


def test_a_picture_that_is_gone_or_missing_is_the_persons_to_choose_again(tmp_path: Path) -> None:
    with pytest.raises(ProviderError) as gone:
        pictures.stored(tmp_path / "gone.png")
    with pytest.raises(ProviderError) as missing:
        pictures.file_of(asking(), "image")
    assert gone.value.kind is missing.value.kind is ErrorKind.USER_FIXABLE


def test_sides_come_from_the_request_and_some_must_grow() -> None:
    assert pictures.sides_of(asking(params={"expand": {"left": 8}})) == Sides(left=8)
    with pytest.raises(ProviderError):
        pictures.sides_of(asking(params={"expand": {"left": 0}}))
