from __future__ import annotations

import io
import os
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from app.providers.contract import Operation, Progress
from app.providers.sketch.job import from_handle
from app.providers.sketch.work import worked
from tests.app.providers.sketch.conftest import request_for

PARAMS = {"duration_s": 1, "fps": 8}


def frames(outputs):
    with av.open(io.BytesIO(outputs.items[0].data)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.average_rate == 8
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(stream)]


@pytest.fixture
def pair(tmp_path, source):
    Image.new("RGB", (96, 80), (200, 60, 20)).save(tmp_path / "last.png")
    return {"first": source, "last": tmp_path / "last.png"}


def test_img2vid_is_an_mp4_of_the_length_asked_for_that_moves(make, source):
    outputs = make(Operation.IMG2VID, files={"image": source}, params=PARAMS, width_px=97, height_px=81)
    assert outputs.items[0].mime == "video/mp4"
    assert outputs.items[0].trusted
    shown = frames(outputs)
    assert len(shown) == 8
    assert shown[0].shape == (80, 96, 3)
    assert np.abs(shown[0] - shown[-1]).mean() > 2


def test_a_browser_can_start_a_film_before_all_of_it_is_there(make, source):
    data = make(Operation.IMG2VID, files={"image": source}, params=PARAMS).items[0].data
    assert data.index(b"moov") < data.index(b"mdat")


def test_interpolate_starts_at_the_first_picture_and_ends_at_the_last(make, pair):
    shown = frames(make(Operation.INTERPOLATE, "", files=pair, params=PARAMS))
    first, last = (np.asarray(Image.open(pair[role])).astype(int) for role in ("first", "last"))
    assert np.abs(shown[0] - first).mean() < 6
    assert np.abs(shown[-1] - last).mean() < 6
    away = [np.abs(frame - first).mean() for frame in shown]
    assert away == sorted(away)


def test_the_same_film_is_made_twice(make, source):
    one, other = (make(Operation.IMG2VID, files={"image": source}, params=PARAMS).items[0].data for _ in range(2))
    assert one == other


def test_a_film_stopped_half_way_leaves_nothing_behind(sketch, source, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    handle = sketch.submit(request_for(Operation.IMG2VID, files={"image": source}, params=PARAMS))
    steps = worked(from_handle(handle), fast=False)
    assert isinstance(next(steps), Progress)
    assert unnamed_films()
    steps.close()
    assert not unnamed_films()
    assert not list((tmp_path / "temporary").iterdir())


def unnamed_films():
    return [entry for entry in Path("/proc/self/fd").iterdir() if "memfd:film" in os.path.realpath(entry)]
