from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from app.imaging import helper as helper_module
from app.imaging.compositing import Ground
from app.imaging.decode import sanitise
from app.imaging.derive import derive, probe_video
from app.imaging.errors import FileTooLarge, ImageTooLarge, ImageUnreadable, UnsupportedImage, UnsupportedVideo
from app.imaging.framing import Sides
from app.imaging.limits import FILE_MAX_BYTES
from app.imaging.pool import HelperPool, PoolBusy
from app.sidecar.process import Sidecar, SidecarBroken
from tests.app.imaging.files import blank_png, encoded, opened, photo, video

ROOT = Path(helper_module.__file__).parents[2]
PICTURE = encoded(photo(400, 300))


def helpers() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it ended while we looked
            if "app.imaging.helper" in child.cmdline():
                found.append(child)
    return found


@pytest.fixture(scope="module")
def shared() -> Iterator[HelperPool]:
    pool = HelperPool(2)
    yield pool
    pool.close()


@pytest.fixture
def single() -> Iterator[HelperPool]:
    pool = HelperPool(1)
    yield pool
    pool.close()


def test_a_helper_gives_what_the_functions_themselves_give(shared: HelperPool) -> None:
    assert shared.sanitise(PICTURE) == sanitise(PICTURE)
    assert shared.derive(PICTURE, "image/png") == derive(PICTURE, "image/png")
    admitted = shared.admit(PICTURE)
    assert admitted.image == sanitise(PICTURE)
    assert admitted.copies == derive(PICTURE, "image/png")
    clip = video()
    assert shared.probe_video(clip) == shared.derive(clip, "video/mp4") == probe_video(clip)


def test_small_pictures_have_no_copies_across_the_wire_either(shared: HelperPool) -> None:
    copies = shared.admit(encoded(photo(40, 40))).copies
    assert (copies.thumb, copies.preview) == (None, None)


def test_a_result_is_put_back_into_its_picture_by_a_helper(shared: HelperPool) -> None:
    source, mask = photo(60, 40), Image.new("L", (60, 40))
    mask.paste(255, (10, 10, 30, 30))
    repainted = shared.compose(PICTURE, Ground(encoded(source), mask=encoded(mask)))
    made = opened(repainted.image.data)
    assert repainted.image.mime == "image/png"
    assert np.array_equal(np.asarray(made)[:, 30:], np.asarray(source)[:, 30:])
    assert made.getpixel((20, 20)) != source.getpixel((20, 20))
    extended = shared.compose(PICTURE, Ground(encoded(source), sides=Sides(left=20, bottom=5)))
    assert (extended.image.width_px, extended.copies.width_px, extended.image.height_px) == (80, 80, 45)
    assert np.array_equal(np.asarray(opened(extended.image.data))[:40, 20:], np.asarray(source))
    with pytest.raises(ImageUnreadable):
        shared.compose(PICTURE[:500], Ground(encoded(source), sides=Sides(left=20)))


def test_refusals_come_back_as_themselves(shared: HelperPool) -> None:
    with pytest.raises(UnsupportedImage) as unsupported:
        shared.sanitise(b"<svg/>")
    assert unsupported.value.sentence == UnsupportedImage().sentence
    with pytest.raises(ImageUnreadable):
        shared.admit(PICTURE[:500])
    with pytest.raises(ImageTooLarge, match="8000 × 8000"):
        shared.sanitise(blank_png(8000, 8000))
    with pytest.raises(ImageTooLarge, match="40 million"):
        shared.sanitise(blank_png(10_000, 10_000))
    with pytest.raises(UnsupportedVideo):
        shared.probe_video(PICTURE)


def test_files_past_the_limit_are_not_even_sent(shared: HelperPool) -> None:
    with pytest.raises(FileTooLarge):
        shared.sanitise(bytes(FILE_MAX_BYTES + 1))
    with pytest.raises(UnsupportedImage):
        shared.sanitise(bytes(FILE_MAX_BYTES))


def test_refused_bombs_take_little_memory(single: HelperPool) -> None:
    for _ in range(3):
        with pytest.raises(ImageTooLarge):
            single.sanitise(blank_png(6400, 6407))
    (process,) = helpers_of(single)
    assert process.memory_info().rss < 300 * 2**20


def helpers_of(pool: HelperPool) -> list[psutil.Process]:
    return [psutil.Process(helper.process.pid) for helper in pool._idle]


def test_a_helper_is_started_when_first_needed_and_used_again(single: HelperPool) -> None:
    before = {child.pid for child in helpers()}
    assert helpers_of(single) == []
    single.sanitise(PICTURE)
    first = helpers_of(single)
    single.derive(PICTURE, "image/png")
    assert helpers_of(single) == first
    assert {child.pid for child in helpers()} - before == {first[0].pid}


def test_threads_share_the_helpers_and_wait_their_turn(shared: HelperPool) -> None:
    results: list[int] = []

    def work(size: int) -> None:
        results.append(shared.sanitise(encoded(photo(size, 20))).width_px)

    threads = [threading.Thread(target=work, args=(20 + index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == list(range(20, 28))
    assert len(helpers_of(shared)) <= 2


def test_helpers_outlive_the_thread_that_first_asked(single: HelperPool) -> None:
    thread = threading.Thread(target=single.sanitise, args=(PICTURE,))
    thread.start()
    thread.join()
    (process,) = helpers_of(single)
    time.sleep(0.05)
    assert process.is_running()
    single.sanitise(PICTURE)
    assert helpers_of(single) == [process]


def test_a_helper_killed_while_idle_costs_nobody_a_picture(single: HelperPool) -> None:
    single.sanitise(PICTURE)
    (process,) = helpers_of(single)
    process.kill()
    assert single.sanitise(PICTURE).width_px == 400
    assert not process.is_running()


def test_a_helper_killed_at_work_makes_the_picture_unreadable_and_is_replaced(
    single: HelperPool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, answers = Sidecar.receive, []

    def take_and_be_killed(self: Sidecar, deadline: float | None = None) -> Any:
        answers.append(receive(self, deadline))
        if "taken" in answers[-1][0]:
            self.process.kill()
        return answers[-1]

    large = encoded(photo(1500, 1500), compress_level=1)
    monkeypatch.setattr(Sidecar, "receive", take_and_be_killed)
    with caplog.at_level(logging.WARNING), pytest.raises(ImageUnreadable):
        single.sanitise(large)
    monkeypatch.setattr(Sidecar, "receive", receive)
    assert f"status {-signal.SIGKILL}" in caplog.text
    assert single.sanitise(PICTURE).width_px == 400


def test_a_helper_that_takes_too_long_is_killed() -> None:
    pool = HelperPool(1, wall_s=0.3)
    try:
        pool.sanitise(PICTURE)
        (process,) = helpers_of(pool)
        process.suspend()
        started = time.monotonic()
        with pytest.raises(ImageUnreadable):
            pool.sanitise(PICTURE)
        assert time.monotonic() - started < 5
        assert not process.is_running()
        assert pool.sanitise(PICTURE).width_px == 400
    finally:
        pool.close()


def test_memory_is_bounded_by_the_kernel() -> None:
    pool = HelperPool(1, memory_bytes=260 * 2**20)
    try:
        with pytest.raises(ImageUnreadable):
            pool.sanitise(blank_png(6000, 6000))
        assert pool.sanitise(PICTURE).width_px == 400
    finally:
        pool.close()


def test_a_full_pool_says_so_in_time() -> None:
    pool = HelperPool(1, queue_s=0.1)
    try:
        pool.sanitise(PICTURE)
        (process,) = helpers_of(pool)
        process.suspend()
        busy = threading.Thread(target=pool.sanitise, args=(PICTURE,))
        busy.start()
        time.sleep(0.1)
        with pytest.raises(PoolBusy) as caught:
            pool.sanitise(PICTURE)
        assert caught.value.status == 503
        process.resume()
        busy.join()
    finally:
        pool.close()


def test_closing_ends_the_helpers_and_the_pool_can_be_used_again(single: HelperPool) -> None:
    single.sanitise(PICTURE)
    (process,) = helpers_of(single)
    single.close()
    assert not process.is_running()
    assert single.sanitise(PICTURE).width_px == 400


def test_a_helper_that_cannot_start_is_no_fault_of_the_picture() -> None:
    pool = HelperPool(1)
    pool._arguments = ["not a number"]
    with pytest.raises(SidecarBroken):
        pool.sanitise(PICTURE)


def test_a_helper_retires_after_its_pieces_of_work() -> None:
    pool = HelperPool(1, pieces=2)
    try:
        pool.sanitise(PICTURE)
        (first,) = helpers_of(pool)
        pool.sanitise(PICTURE)
        assert not first.is_running()
        assert pool.sanitise(PICTURE).width_px == 400
    finally:
        pool.close()


def test_a_helper_gets_no_secrets_and_no_way_to_write(single: HelperPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_SECRET_KEY", "seven-secrets")
    single.sanitise(PICTURE)
    (process,) = helpers_of(single)
    assert not [name for name in process.environ() if "DARKROOM" in name]
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert process.rlimit(psutil.RLIMIT_AS)[0] == 1536 * 2**20
    assert {entry.path for entry in process.open_files()} == set()


def test_processor_seconds_are_counted_for_each_piece_of_work(single: HelperPool) -> None:
    single.sanitise(PICTURE)
    (process,) = helpers_of(single)
    used = process.cpu_times()
    allowed, _hard = process.rlimit(psutil.RLIMIT_CPU)
    assert 20 <= allowed <= used.user + used.system + 21


def test_work_that_burns_its_processor_seconds_is_ended_by_the_kernel() -> None:
    script = """
        import os, resource, sys
        from app.imaging import helper
        helper.confine(os.getppid(), 2**31)
        helper._allow_cpu(1)
        while True:
            pass
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, timeout=20, check=False)
    assert done.returncode == -signal.SIGXCPU


def run(script: str, timeout_s: float = 30) -> str:
    command = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.run(command, cwd=ROOT, timeout=timeout_s, check=True, capture_output=True, text=True).stdout


def test_a_helper_loads_neither_the_web_nor_the_database() -> None:
    heavy = {"flask", "apiflask", "sqlalchemy", "celery", "pydantic", "gevent", "av", "ncnn"}
    loaded = run("import sys, app.imaging.helper; print(*(name.split('.')[0] for name in sys.modules))").split()
    assert heavy.isdisjoint(loaded)


def test_helpers_die_with_a_parent_that_is_killed() -> None:
    script = """
        import os, sys, time
        from app.imaging.pool import HelperPool
        from tests.app.imaging.files import encoded, photo
        pool = HelperPool(1)
        pool.sanitise(encoded(photo()))
        print(pool._idle[0].process.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    child.suspend()  # it could not end by itself now
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert child.wait(timeout=5) is None or not child.is_running()


def test_the_pool_works_under_gevent_and_leaves_other_greenlets_running() -> None:
    script = """
        from gevent import monkey
        monkey.patch_all()
        import gevent
        from app.imaging.errors import UnsupportedImage
        from app.imaging.pool import HelperPool
        from tests.app.imaging.files import encoded, photo
        pool = HelperPool(2)
        picture = encoded(photo(900, 900))
        pool.sanitise(picture)
        ticks = 0
        def tick():
            global ticks
            while True:
                ticks += 1
                gevent.sleep(0.001)
        ticker = gevent.spawn(tick)
        jobs = [gevent.spawn(pool.admit, picture) for _ in range(4)]
        gevent.joinall(jobs, raise_error=True)
        try:
            pool.sanitise(b"<svg/>")
        except UnsupportedImage:
            print("refused", ticks > 20, {job.value.image.width_px for job in jobs}, len(pool._idle))
        killed = gevent.spawn(pool.admit, picture)
        gevent.sleep(0.005)
        killed.kill()
        print(pool.admit(picture).image.width_px)
        pool.close()
    """
    assert run(script).splitlines() == ["refused True {900} 2", "900"]


def test_a_forked_process_starts_helpers_of_its_own(single: HelperPool) -> None:
    script = """
        import os
        from app.imaging.pool import HelperPool
        from tests.app.imaging.files import encoded, photo
        pool = HelperPool(1)
        picture = encoded(photo())
        pool.sanitise(picture)
        mine = pool._idle[0].process.pid
        child = os.fork()
        if child == 0:
            pool.sanitise(picture)
            os._exit(0 if pool._idle[0].process.pid != mine else 1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, pool.sanitise(picture).width_px, pool._idle[0].process.pid == mine)
    """
    assert run(script).split() == ["0", "64", "True"]
    assert os.getpid() == single._pid
