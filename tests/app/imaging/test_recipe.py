from __future__ import annotations

import io
import json
import zlib
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.imaging.containers import PNG_SIGNATURE, jpeg_segment, png_chunk, png_chunks
from app.imaging.embedding import read_texts
from app.imaging.foreign.a1111 import parse
from app.imaging.limits import RECIPE_MAX_BYTES
from app.imaging.recipe import CARRIES_RECIPE, parameters_text, read_recipe, with_recipe, write_recipe
from tests.app.imaging.files import encoded, opened, photo, video

RECIPE: dict[str, Any] = {
    "prompt": "a red fox, dawn light — ünïcödé 狐 🦊",
    "negative_prompt": "blurry, low quality",
    "template": "a {red|green} fox",
    "chosen": ["red"],
    "seed": 2**63 - 1,
    "model": 'sketch: v1, <fast> & "small"',
    "width_px": 768,
    "height_px": 512,
    "params": {"steps": 20, "cfg_scale": 6.5, "sampler": "euler", "strength": 0.75},
    "version": "0.1.0",
}

FILES: dict[str, bytes] = {
    "png": encoded(photo()),
    "png with alpha": encoded(photo(mode="RGBA")),
    "jpeg": encoded(photo(), "JPEG"),
    "grey jpeg": encoded(photo(mode="L"), "JPEG"),
    "webp": encoded(photo(), "WEBP"),
    "odd webp": encoded(photo(33, 17), "WEBP", quality=11),
    "lossless webp": encoded(photo(), "WEBP", lossless=True),
    "webp with alpha": encoded(photo(mode="RGBA"), "WEBP"),
    "lossless webp with alpha": encoded(photo(mode="RGBA"), "WEBP", lossless=True),
    "mp4": video(),
    "mp4, index first": video(movflags="faststart"),
}
MIMES = {name: next(mime for mime in CARRIES_RECIPE if mime.split("/")[1] in name) for name in FILES}

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_the_two_videos_differ_in_where_their_index_stands() -> None:
    assert FILES["mp4"].index(b"moov") > FILES["mp4"].index(b"mdat")
    assert FILES["mp4, index first"].index(b"moov") < FILES["mp4, index first"].index(b"mdat")


@pytest.mark.parametrize("name", FILES)
def test_a_recipe_comes_back_from_every_kind_of_file(name: str) -> None:
    written = write_recipe(FILES[name], MIMES[name], RECIPE)
    assert read_recipe(written, MIMES[name]) == RECIPE
    assert read_recipe(FILES[name], MIMES[name]) is None


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recipe=st.dictionaries(st.text(), JSON_VALUES, max_size=6))
def test_whatever_json_says_survives_the_way_there_and_back(name: str, recipe: dict[str, Any]) -> None:
    assert read_recipe(write_recipe(FILES[name], MIMES[name], recipe), MIMES[name]) == recipe


@pytest.mark.parametrize("name", [name for name in FILES if "mp4" not in name])
def test_pixels_stay_exactly_as_they_were(name: str) -> None:
    before, after = opened(FILES[name]), opened(write_recipe(FILES[name], MIMES[name], RECIPE))
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("name", [name for name in FILES if "mp4" in name])
def test_a_video_decodes_to_the_same_frames_and_shows_its_comment(name: str) -> None:
    def frames(data: bytes) -> list[tuple[int | None, bytes]]:
        with av.open(io.BytesIO(data)) as container:
            return [(frame.pts, frame.to_ndarray().tobytes()) for frame in container.decode(video=0)]

    written = write_recipe(write_recipe(FILES[name], "video/mp4", {"first": 1}), "video/mp4", RECIPE)
    assert frames(written) == frames(FILES[name])
    with av.open(io.BytesIO(written)) as container:
        assert container.metadata["comment"] == parameters_text(RECIPE)


@pytest.mark.parametrize("name", FILES)
def test_writing_again_replaces_instead_of_piling_up(name: str) -> None:
    once = write_recipe(FILES[name], MIMES[name], RECIPE)
    twice = write_recipe(write_recipe(FILES[name], MIMES[name], {"old": "x" * 500}), MIMES[name], RECIPE)
    assert read_recipe(twice, MIMES[name]) == RECIPE
    assert twice == once


@pytest.mark.parametrize("name", FILES)
def test_a_recipe_of_the_greatest_length_fits_and_one_byte_more_does_not(name: str) -> None:
    longest = {"prompt": "&" * (RECIPE_MAX_BYTES - len('{"prompt":""}'))}
    written = write_recipe(FILES[name], MIMES[name], longest)
    assert read_recipe(written, MIMES[name]) == longest
    if "mp4" not in name:
        opened(written)
    with pytest.raises(ValueError, match="at most"):
        write_recipe(FILES[name], MIMES[name], {"prompt": longest["prompt"] + "&"})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_other_programs_find_the_parameters_where_they_look(kind: str) -> None:
    image = opened(write_recipe(encoded(photo(), kind), f"image/{kind.lower()}", RECIPE))
    if kind == "PNG":
        assert image.info["parameters"] == parameters_text(RECIPE)
    else:
        comment = image.getexif().get_ifd(0x8769)[0x9286]
        assert comment == b"UNICODE\0" + parameters_text(RECIPE).encode("utf-16-be")


def test_the_parameters_read_like_those_of_other_programs() -> None:
    assert parameters_text(RECIPE) == (
        "a red fox, dawn light — ünïcödé 狐 🦊\n"
        "Negative prompt: blurry, low quality\n"
        "Steps: 20, Sampler: euler, CFG scale: 6.5, Seed: 9223372036854775807, "
        'Model: "sketch: v1, <fast> & \\"small\\"", Denoising strength: 0.75, Size: 768x512, Version: Darkroom 0.1.0'
    )


def test_parameters_written_by_another_program_become_a_recipe() -> None:
    text = (
        "a fox, (sharp:1.2)\nsecond line\nNegative prompt: dog\ncat\n"
        "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 42, Size: 512x768, "
        'Model hash: abc, Model: "odd, name", Denoising strength: 0.4, Clip skip: 2'
    )
    expected = {
        "prompt": "a fox, (sharp:1.2)\nsecond line",
        "negative_prompt": "dog\ncat",
        "seed": 42,
        "model": "odd, name",
        "width_px": 512,
        "height_px": 768,
        "params": {"steps": 28, "sampler": "DPM++ 2M", "scheduler": "Karras", "cfg_scale": 7, "strength": 0.4},
    }
    assert parse(text) == expected
    for chunk in (b"tEXtparameters\0", b"zTXtparameters\0\0"):
        body = chunk[4:] + (zlib.compress(text.encode()) if chunk.startswith(b"z") else text.encode())
        assert read_recipe(with_chunk(chunk[:4], body), "image/png") == expected | {"tool": "A1111"}


@pytest.mark.parametrize(
    "line", ["Steps: 1" + " " * 250_000 + "x", "A" * 250_000, 'A:"x,' * 50_000, "Steps: 1, " * 2_001, "A " * 9_999]
)
def test_a_line_made_to_be_slow_is_no_recipe(line: str) -> None:
    assert parse(f"a fox\n{line}") is None


def with_chunk(name: bytes, body: bytes) -> bytes:
    plain = encoded(photo(8, 8))
    return plain[:33] + png_chunk(name, body) + plain[33:]


def test_a_workflow_of_a_node_program_is_read_but_is_no_recipe() -> None:
    data = with_chunk(b"tEXt", b'workflow\0{"nodes": []}')
    assert read_texts(data) == {"workflow": '{"nodes": []}'}
    assert read_recipe(data, "image/png") is None


@pytest.mark.parametrize("kind", ["II", "MM"])
def test_a_comment_is_read_in_either_byte_order(kind: str) -> None:
    exif = Image.Exif()
    exif.endian = "<" if kind == "II" else ">"
    text = "a fox\nSteps: 3, Seed: 5".encode("utf-16-le" if kind == "II" else "utf-16-be")
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text
    recipe = read_recipe(encoded(photo(), "JPEG", exif=exif), "image/jpeg")
    assert recipe is not None
    assert (recipe["prompt"], recipe["seed"]) == ("a fox", 5)


@pytest.mark.parametrize(
    "body",
    [
        b"iTXtdarkroom\0\x01\0\0\0" + zlib.compress(b'{"a":"' + b"x" * 50_000_000 + b'"}', 9),
        b"zTXtdarkroom\0\0" + zlib.compress(b"[" * 10_000_000, 9),
        b"iTXtdarkroom\0\x01\0\0\0not deflate",
        b"iTXtdarkroom\0",
        b"iTXtdarkroom",
        b"iTXtdarkroom\0\0\0\0\0\xff\xfe",
        b"iTXtdarkroom\0\0\0\0\0" + b"[" * 200_000,
        b"iTXtdarkroom\0\0\0\0\0" + b'{"a":' * 40_000,
        b'iTXtdarkroom\0\0\0\0\0{"a": NaN}',
        b"iTXtdarkroom\0\0\0\0\0[1]",
        b'iTXtdarkroom\0\0\0\0\0{"a":' + b"9" * 5_000 + b"}",
        b"tEXtparameters\0hello",
        b"tEXtparameters\0" + b"Steps: 1, " * 30_000,
    ],
)
def test_a_hostile_text_is_no_recipe(body: bytes) -> None:
    assert read_recipe(with_chunk(body[:4], body[4:]), "image/png") is None


def test_a_million_chunks_are_not_walked_to_the_end() -> None:
    crowd = png_chunk(b"tEXt", b"x\0") * 3_000
    plain = encoded(photo(8, 8))
    data = plain[:33] + crowd + png_chunk(b"iTXt", b'darkroom\0\0\0\0\0{"a":1}') + plain[33:]
    assert read_recipe(data, "image/png") is None


@settings(max_examples=150)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_files_never_raise(name: str, data: st.DataObject) -> None:
    whole = bytearray(write_recipe(FILES[name], MIMES[name], RECIPE))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    for mime in CARRIES_RECIPE:
        recipe = read_recipe(damaged, mime)
        assert recipe is None or isinstance(recipe, dict)


@given(st.sampled_from([b"", PNG_SIGNATURE, b"\xff\xd8\xff", b"RIFF\xff\0\0\0WEBP", b"\0\0\0\x10ftyp"]), st.binary())
def test_garbage_never_raises_on_reading_and_is_refused_by_name_on_writing(start: bytes, rest: bytes) -> None:
    for mime in CARRIES_RECIPE:
        assert read_recipe(start + rest, mime) is None
        with pytest.raises(ValueError, match=r".+"):
            write_recipe(start + rest + b"\0", mime, {"prompt": "x"})


@pytest.mark.parametrize(
    ("mime", "recipe"),
    [
        ("image/gif", {}),
        ("video/webm", {}),
        ("image/png", {"a": float("nan")}),
        ("image/png", {"a": {1, 2}}),
        ("image/jpeg", {}),
    ],
)
def test_what_cannot_be_written_is_refused(mime: str, recipe: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        write_recipe(FILES["png"], mime, recipe)


def test_a_file_without_a_place_for_a_recipe_is_handed_on_as_it_is() -> None:
    webm, fragmented = video(kind="webm"), video(movflags="frag_keyframe+empty_moov")
    assert with_recipe(webm, "video/webm", RECIPE) == webm
    assert with_recipe(fragmented, "video/mp4", RECIPE) == fragmented
    assert with_recipe(FILES["png"], "image/png", {"prompt": "x" * RECIPE_MAX_BYTES}) == FILES["png"]
    assert read_recipe(with_recipe(FILES["mp4"], "video/mp4", RECIPE), "video/mp4") == RECIPE


def test_recipes_stand_before_the_pixels_so_that_the_start_of_a_file_tells_them() -> None:
    written = write_recipe(FILES["png"], "image/png", RECIPE)
    names = [chunk.name for chunk in png_chunks(written, check=True)]
    assert names[:3] == [b"IHDR", b"iTXt", b"iTXt"]
    assert json.loads(read_texts(written[:2000])["darkroom"]) == RECIPE


def test_unrelated_segments_of_a_jpeg_stay() -> None:
    plain = FILES["jpeg"]
    data = plain[:2] + jpeg_segment(b"\xff\xfe", b"a comment") + plain[2:]
    written = write_recipe(data, "image/jpeg", RECIPE)
    assert b"a comment" in written
    assert np.array_equal(np.asarray(opened(written)), np.asarray(opened(plain)))
