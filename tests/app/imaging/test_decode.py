from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from app.imaging.containers import png_chunk
from app.imaging.decode import DecodedImage, load_pixels, sanitise
from app.imaging.errors import FileTooLarge, ImageRefused, ImageTooLarge, ImageUnreadable, UnsupportedImage
from app.imaging.limits import DEFAULT_LIMITS, ImageLimits
from app.imaging.recipe import recipe_from_texts, write_recipe
from tests.app.imaging.files import blank_png, encoded, opened, photo, video

SCRIPT = b"<script>alert(1)</script>"


def difference(a: Image.Image, b: Image.Image) -> float:
    return float(np.abs(np.asarray(a.convert("RGB"), dtype=np.int16) - np.asarray(b.convert("RGB"))).mean())


# The module asks for this itself; pytest resets all filters for each test.
pytestmark = pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")


# --- what is kept


@pytest.mark.parametrize(
    ("kind", "options", "mime", "extension", "exact"),
    [
        ("PNG", {}, "image/png", "png", True),
        ("JPEG", {"quality": 90}, "image/jpeg", "jpg", False),
        ("WEBP", {"quality": 90}, "image/webp", "webp", False),
        ("WEBP", {"lossless": True}, "image/webp", "webp", True),
        ("GIF", {}, "image/png", "png", True),
    ],
)
def test_a_picture_is_written_anew_in_its_own_format(
    kind: str, options: dict[str, object], mime: str, extension: str, exact: bool
) -> None:
    original = encoded(photo(), kind, **options)
    decoded = sanitise(original)
    assert (decoded.mime, decoded.extension) == (mime, extension)
    assert (decoded.width_px, decoded.height_px, decoded.has_alpha) == (64, 48, False)
    written = opened(decoded.data)
    assert Image.MIME[written.format or ""] == mime
    assert difference(written, opened(original)) <= (0 if exact else 2)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True, "exact": True})])
def test_transparency_is_kept(kind: str, options: dict[str, object]) -> None:
    source = photo(mode="RGBA")
    decoded = sanitise(encoded(source, kind, **options))
    assert decoded.has_alpha
    assert opened(decoded.data).getchannel("A").tobytes() == source.getchannel("A").tobytes()


def test_a_palette_with_transparent_colours_becomes_true_colour_with_alpha() -> None:
    image = Image.new("P", (4, 2))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (2, 0, 4, 2))
    written = opened(sanitise(encoded(image, transparency=1)).data)
    assert written.mode == "RGBA"
    assert written.getpixel((0, 0)) == (255, 0, 0, 255)
    assert written.getpixel((3, 1))[3] == 0


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    levels = np.linspace(0, 65_535, 256).astype(np.uint16).reshape(16, 16)
    written = opened(sanitise(encoded(Image.fromarray(levels))).data)
    grey = np.asarray(written.convert("L"), dtype=np.int16).ravel()
    assert np.array_equal(grey, np.arange(256))


def test_sixteen_bit_colour_is_read() -> None:
    row = b"\0" + struct.pack(">6H", 65_535, 0, 32_768, 0, 65_535, 257)
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(row))
    written = opened(sanitise(data + png_chunk(b"IEND", b"")).data)
    assert written.getpixel((0, 0)) == (255, 0, 128)
    assert written.getpixel((1, 0)) == (0, 255, 1)


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_other_kinds_of_jpeg_become_ordinary_ones(mode: str) -> None:
    decoded = sanitise(encoded(photo(mode=mode), "JPEG", quality=95))
    assert opened(decoded.data).mode == "RGB"
    assert difference(opened(decoded.data), photo(mode=mode)) < 6


@pytest.mark.parametrize("sampling", [0, 1, 2])
def test_a_jpeg_keeps_its_colour_resolution(sampling: int) -> None:
    from PIL import JpegImagePlugin

    decoded = sanitise(encoded(photo(), "JPEG", subsampling=sampling))
    assert JpegImagePlugin.get_sampling(opened(decoded.data)) == sampling


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright_and_its_note_dropped(orientation: int) -> None:
    upright = Image.new("RGB", (48, 32), "white")
    upright.paste((220, 20, 20), (0, 0, 24, 16))
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if turned is None else upright.transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    written = opened(sanitise(encoded(stored, "JPEG", exif=exif, quality=95)).data)
    assert written.size == (48, 32)
    assert difference(written, upright) < 4
    assert not written.getexif()


def test_colours_of_another_space_are_brought_to_srgb_and_an_srgb_profile_changes_nothing() -> None:
    plain = Image.new("RGB", (8, 8), (200, 80, 40))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert difference(opened(sanitise(encoded(plain, icc_profile=srgb)).data), plain) == 0
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for unfitting in (lab, b"garbage" * 30):
        written = opened(sanitise(encoded(plain, icc_profile=unfitting)).data)
        assert difference(written, plain) == 0
        assert "icc_profile" not in written.info


def test_only_the_first_frame_counts() -> None:
    frames = [Image.new("P", (32, 32), index % 7) for index in range(300)]
    gif = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20)
    first = photo(32, 32, seed=1)
    webp = encoded(first, "WEBP", save_all=True, append_images=[photo(32, 32, seed=2)], lossless=True)
    apng = encoded(first, "PNG", save_all=True, append_images=[photo(32, 32, seed=2)])
    for data, expected in ((gif, frames[0]), (webp, first), (apng, first)):
        written = opened(sanitise(data).data)
        assert getattr(written, "n_frames", 1) == 1
        assert difference(written, expected) == 0


def test_a_camera_file_with_a_second_picture_inside_is_an_ordinary_jpeg() -> None:
    data = encoded(photo(), "MPO", save_all=True, append_images=[photo(seed=9)])
    decoded = sanitise(data)
    assert decoded.mime == "image/jpeg"
    assert difference(opened(decoded.data), photo()) < 6


# --- what is dropped


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_nothing_but_pixels_survives(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "camera-maker-mark"
    exif.get_ifd(0x8825)[0x0001] = "N"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "text-chunk-mark")
    options: dict[str, object] = {
        "PNG": {"exif": exif, "pnginfo": notes, "dpi": (300, 300)},
        "JPEG": {"exif": exif, "comment": b"text-chunk-mark", "dpi": (300, 300)},
        "WEBP": {"exif": exif, "xmp": b"text-chunk-mark"},
        "GIF": {"comment": b"text-chunk-mark"},
    }[kind]
    data = encoded(photo(), kind, **options) + SCRIPT + b"trailing-mark"
    decoded = sanitise(data)
    for mark in (b"camera-maker-mark", b"text-chunk-mark", b"trailing-mark", SCRIPT):
        assert mark in data or kind == "GIF"
        assert mark not in decoded.data
    assert not opened(decoded.data).getexif()
    assert set(opened(decoded.data).info).isdisjoint({"exif", "xmp", "icc_profile", "comment", "Comment", "dpi"})


def test_a_recipe_in_the_file_is_read_before_it_is_dropped() -> None:
    recipe = {"prompt": "a fox", "seed": 7}
    for kind in ("PNG", "JPEG", "WEBP"):
        data = write_recipe(encoded(photo(), kind), f"image/{kind.lower()}", recipe)
        decoded = sanitise(data)
        assert recipe_from_texts(decoded.embedded) == recipe
        assert b"a fox" not in decoded.data


def test_a_text_longer_than_a_recipe_may_be_is_not_read() -> None:
    data = write_recipe(encoded(photo()), "image/png", {"prompt": "x" * 2000})
    assert "darkroom" in sanitise(data).embedded
    assert sanitise(data, limits=ImageLimits(recipe_bytes=1000)).embedded == {}


# --- what is refused


def kinds_of_nothing() -> dict[str, bytes]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    return {
        "svg": svg,
        "svg with declaration": b'<?xml version="1.0"?>' + svg,
        "html": b"<!doctype html><html>" + SCRIPT,
        "xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
        "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage",
        "zip": b"PK\x03\x04" + bytes(30),
        "elf": b"\x7fELF" + bytes(60),
        "script": b"#!/bin/sh\nrm -rf /",
        "zeros": bytes(4096),
        "text": "just words — ünïcödé".encode(),
        "mp4": video(frames=2),
        "bmp": encoded(photo(), "BMP"),
        "tiff": encoded(photo(), "TIFF"),
        "ico": encoded(photo(), "ICO"),
        "psd": b"8BPS\0\1" + bytes(40),
        "fits": b"SIMPLE  =                    T" + b" " * 2850,
        "ppm": b"P6 1 1 255\n\0\0\0",
        "tga": encoded(photo(), "TGA"),
        "dds": encoded(photo(), "DDS"),
        "avif header": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
        "riff that is no webp": b"RIFF\x24\0\0\0WAVEfmt " + bytes(30),
        "leading space": b" " + encoded(photo()),
    }


@pytest.mark.parametrize("name", kinds_of_nothing())
def test_files_of_other_kinds_are_unsupported_whatever_they_are_called(name: str) -> None:
    with pytest.raises(UnsupportedImage) as caught:
        sanitise(kinds_of_nothing()[name])
    assert (caught.value.status, caught.value.code) == (415, "unsupported_image")


def damaged() -> dict[str, bytes]:
    png, jpeg = encoded(photo()), encoded(photo(), "JPEG")
    webp, gif = encoded(photo(), "WEBP"), encoded(photo(), "GIF")
    pixels_at = png.index(b"IDAT") + 20
    flipped = png[:pixels_at] + bytes([png[pixels_at] ^ 1]) + png[pixels_at + 1 :]
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    many = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1_000_000), 9)) * 80
    return {
        "empty": b"",
        "truncated png": png[: len(png) // 2],
        "png without its end": png[:-12],
        "png without pixels": png[: png.index(b"IDAT") - 4] + png_chunk(b"IEND", b""),
        "png signature only": png[:8],
        "wrong checksum of pixels": flipped,
        "wrong checksum of the header": png[:20] + b"\xff" + png[21:],
        "png of no width": blank_png(0, 4),
        "png with a text bomb": blank_png(4, 4, extra=bomb),
        "png with many small text bombs": blank_png(4, 4, extra=many),
        "truncated jpeg": jpeg[: len(jpeg) // 2],
        "jpeg header only": jpeg[:200],
        "jpeg magic and a script": b"\xff\xd8\xff" + SCRIPT,
        "truncated webp": webp[: len(webp) // 2],
        "webp header only": webp[:16],
        "truncated gif": gif[:400],
        "gif and script in one": b"GIF89a/*" + SCRIPT + b"*/=1;",
    }


@pytest.mark.parametrize("name", damaged())
def test_damaged_files_are_unreadable(name: str) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        sanitise(damaged()[name])
    assert (caught.value.status, caught.value.code) == (422, "image_unreadable")


@pytest.mark.parametrize(
    ("width", "height"), [(6400, 6407), (10_000, 10_000), (16_385, 1), (1, 16_385), (60_000, 3_000)]
)
def test_pixel_bombs_are_too_large_before_they_are_decoded(width: int, height: int) -> None:
    data = blank_png(width, height)
    with pytest.raises(ImageTooLarge) as caught:
        sanitise(data)
    assert (caught.value.status, caught.value.code) == (422, "image_too_large")
    assert "40 million" in caught.value.sentence


def test_a_picture_at_the_limits_passes_and_one_step_further_does_not() -> None:
    data = encoded(photo(50, 40))
    at_limit = ImageLimits(file_bytes=len(data), pixels=2000, side_px=50)
    assert sanitise(data, limits=at_limit).width_px == 50
    for limits, error in (
        (ImageLimits(file_bytes=len(data) - 1), FileTooLarge),
        (ImageLimits(pixels=1999), ImageTooLarge),
        (ImageLimits(side_px=49), ImageTooLarge),
    ):
        with pytest.raises(error):
            sanitise(data, limits=limits)


def test_the_limits_are_those_we_promise() -> None:
    assert ImageLimits(20 * 1024 * 1024, 40_000_000, 16_384, 256 * 1024) == DEFAULT_LIMITS
    with pytest.raises(FileTooLarge, match="20 MiB") as caught:
        sanitise(encoded(photo()).ljust(20 * 1024 * 1024 + 1, b"\0"))
    assert (caught.value.status, caught.value.code) == (413, "file_too_large")
    assert sanitise(encoded(photo()).ljust(20 * 1024 * 1024, b"\0")).width_px == 64


@given(st.data(), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]))
def test_whatever_is_damaged_a_picture_comes_out_or_a_refusal(data: st.DataObject, kind: str) -> None:
    whole = bytearray(encoded(photo(24, 16), kind))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = sanitise(bytes(whole), limits=ImageLimits(pixels=100_000))
    except ImageRefused:
        return
    assert isinstance(decoded, DecodedImage)
    assert opened(decoded.data).size == (decoded.width_px, decoded.height_px)


def test_pixels_alone_can_be_had() -> None:
    assert load_pixels(encoded(photo(mode="L"))).mode == "RGB"
    with pytest.raises(UnsupportedImage):
        load_pixels(b"<svg/>")
    with pytest.raises(ImageUnreadable):
        load_pixels(encoded(photo())[:100])


def test_written_pngs_open_anywhere() -> None:
    Image.open(io.BytesIO(sanitise(encoded(photo(mode="RGBA"))).data)).verify()
