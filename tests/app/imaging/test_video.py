from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.imaging.derive import probe_video
from app.imaging.errors import FileTooLarge, ImageRefused, ImageTooLarge, ImageUnreadable, UnsupportedVideo
from app.imaging.limits import ImageLimits
from tests.app.imaging.files import encoded, opened, photo, video

CLIP = video()


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_clip_tells_its_size_length_and_pace(kind: str) -> None:
    facts = probe_video(video(96, 64, frames=24, fps=12, kind=kind))
    assert (facts.width_px, facts.height_px, facts.preview) == (96, 64, None)
    assert facts.duration_s == pytest.approx(2.0, abs=0.1)
    assert facts.fps == pytest.approx(12, abs=0.5)


def test_the_poster_shows_the_first_frame() -> None:
    poster = opened(probe_video(CLIP).poster or b"")
    assert (poster.format, poster.size) == ("WEBP", (96, 64))
    red, _green, blue = poster.getpixel((8, 16))
    assert red > 180 > blue
    assert max(poster.getpixel((90, 60))) < 60


def test_posters_and_thumbnails_are_bounded() -> None:
    facts = probe_video(video(1600, 400, frames=1))
    assert opened(facts.poster or b"").size == (1280, 320)
    assert opened(facts.thumb or b"").size == (256, 64)
    assert (facts.width_px, facts.height_px) == (1600, 400)


@pytest.mark.parametrize(
    "data", [b"", b"<html>", encoded(photo()), encoded(photo(), "GIF"), b"\x1a\x45\xdf\xa3matroska"]
)
def test_other_files_are_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedVideo) as caught:
        probe_video(data)
    assert (caught.value.status, caught.value.code) == (415, "unsupported_video")


@pytest.mark.parametrize("data", [CLIP[:40], CLIP[: len(CLIP) // 2], b"\0\0\0\x10ftypisom" + b"\xff" * 999])
def test_damaged_clips_are_unreadable(data: bytes) -> None:
    with pytest.raises(ImageUnreadable):
        probe_video(data)


def test_limits_hold_for_videos_too() -> None:
    assert probe_video(CLIP, max_bytes=len(CLIP), limits=ImageLimits(side_px=96)).width_px == 96
    with pytest.raises(FileTooLarge):
        probe_video(CLIP, max_bytes=len(CLIP) - 1)
    with pytest.raises(ImageTooLarge):
        probe_video(CLIP, limits=ImageLimits(side_px=95))


@settings(max_examples=40)
@given(st.data())
def test_whatever_is_damaged_facts_come_out_or_a_refusal(data: st.DataObject) -> None:
    whole = bytearray(CLIP)
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        facts = probe_video(bytes(whole), limits=ImageLimits(pixels=100_000))
    except ImageRefused:
        return
    assert facts.width_px * facts.height_px <= 100_000
