from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from app.providers.contract import Cancelled, ErrorKind, Operation, Outputs, Progress, ProviderError
from app.providers.sketch import Sketch
from app.providers.sketch.easels import Easels
from app.providers.sketch.job import from_handle
from app.providers.sketch.work import worked
from tests.app.providers.sketch.conftest import request_for

PAINTER = "app.providers.sketch.painter"
ASKED = request_for(Operation.TXT2IMG, "northern lights", width_px=160, height_px=150)


def painters() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it ended while we looked
            if PAINTER in child.cmdline():
                found.append(child)
    return found


@pytest.fixture
def easels(sketch: Sketch) -> Iterator[Easels]:
    others = {child.pid for child in painters()}
    yield sketch.easels
    sketch.easels.close()
    assert {child.pid for child in painters()} <= others


def ours(easels: Easels) -> list[psutil.Process]:
    return [psutil.Process(painter.process.pid) for painter in easels._idle]


def finished(easels: Easels, sketch: Sketch) -> Outputs:
    *_, last = easels.paint(sketch.submit(ASKED).value)
    assert isinstance(last, Outputs)
    return last


def test_a_painter_gives_what_the_work_itself_gives(easels: Easels, sketch: Sketch) -> None:
    handle = sketch.submit(ASKED)
    *told, last = (step for step in easels.paint(handle.value) if step is not None)
    assert [*told, last] == list(worked(from_handle(handle), fast=False))
    assert any(isinstance(step, Progress) and step.preview for step in told)


def test_a_painter_is_kept_for_the_next_picture(easels: Easels, sketch: Sketch) -> None:
    finished(easels, sketch)
    (first,) = ours(easels)
    finished(easels, sketch)
    assert ours(easels) == [first]


def test_two_pictures_at_once_have_a_painter_each(easels: Easels, sketch: Sketch) -> None:
    one, other = (easels.paint(sketch.submit(ASKED).value) for _ in range(2))
    next(one), next(other)
    assert list(one)[-1] == list(other)[-1]
    assert len(ours(easels)) == 2


def test_closing_half_way_stops_the_painter(easels: Easels, sketch: Sketch) -> None:
    before = {child.pid for child in painters()}
    steps = easels.paint(sketch.submit(ASKED).value)
    next(steps)
    (painter,) = (child for child in painters() if child.pid not in before)
    steps.close()
    assert not painter.is_running()
    assert ours(easels) == []


def test_a_painter_killed_at_work_can_be_tried_again(easels: Easels, sketch: Sketch) -> None:
    finished(easels, sketch)
    (painter,) = ours(easels)
    steps = easels.paint(sketch.submit(ASKED).value)
    next(steps)
    painter.kill()
    with pytest.raises(ProviderError) as failed:
        list(steps)
    assert failed.value.kind is ErrorKind.PROVIDER
    assert failed.value.retryable
    assert finished(easels, sketch)


def test_a_painter_killed_while_idle_costs_nobody_a_picture(easels: Easels, sketch: Sketch) -> None:
    finished(easels, sketch)
    (painter,) = ours(easels)
    painter.kill()
    painter.wait(5)
    assert finished(easels, sketch)


def test_what_is_wrong_with_a_job_comes_back_as_its_own_error(easels: Easels, sketch: Sketch, tmp_path: Path) -> None:
    gone = sketch.submit(request_for(Operation.ITERATE, files={"image": tmp_path / "gone.png"}))
    with pytest.raises(ProviderError) as refused:
        list(easels.paint(gone.value))
    assert refused.value.kind is ErrorKind.USER_FIXABLE
    assert "gone" in refused.value.sentence
    with pytest.raises(ProviderError) as broken:
        list(easels.paint({**gone.value, "files": {}}))
    assert broken.value.kind is ErrorKind.BUG
    assert len(ours(easels)) == 1


def test_a_painter_gets_no_secrets(easels: Easels, sketch: Sketch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_SECRET_KEY", "seven-secrets")
    finished(easels, sketch)
    (painter,) = ours(easels)
    assert not [name for name in painter.environ() if "DARKROOM" in name]


def test_a_follower_of_a_silent_painter_can_still_renew_and_stop(easels: Easels, sketch: Sketch) -> None:
    finished(easels, sketch)
    (painter,) = ours(easels)
    painter.suspend()
    handle = sketch.submit(ASKED)
    steps = sketch.follow(handle)
    started = time.monotonic()
    assert next(steps) == Progress(0.0, resumable=False)
    assert time.monotonic() - started < 5
    sketch.cancel(handle)
    with pytest.raises(Cancelled):
        next(steps)
    assert not painter.is_running()
