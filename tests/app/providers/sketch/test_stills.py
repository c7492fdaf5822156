from __future__ import annotations

import io
import threading

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.providers.catalogue.reading import load
from app.providers.contract import ErrorKind, Operation, ProviderError
from app.providers.sketch import stills
from app.providers.sketch.canvas import picture
from app.providers.sketch.job import MAX_FRAME_PX, from_handle
from tests.app.providers.sketch.conftest import request_for


def decoded(outputs):
    return np.asarray(Image.open(io.BytesIO(outputs.items[0].data)).convert("RGB")).astype(int)


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


@pytest.fixture
def mask(tmp_path):
    image = Image.new("L", (96, 80), 0)
    ImageDraw.Draw(image).ellipse((20, 14, 74, 60), fill=255)
    image.save(tmp_path / "mask.png")
    return tmp_path / "mask.png"


def test_txt2img_is_the_picture_of_the_prompt_as_png(make):
    outputs = make(Operation.TXT2IMG)
    assert outputs.items[0].mime == "image/png"
    assert outputs.items[0].trusted
    assert outputs.cost == 0
    assert np.array_equal(decoded(outputs), picture("a red fox, dawn", "", 7, 96, 80))


@pytest.mark.parametrize(("name", "kind"), [("png", "PNG"), ("webp", "WEBP"), ("jpeg", "JPEG")])
def test_the_format_asked_for_is_given(make, name, kind):
    output = make(Operation.TXT2IMG, params={"format": name, "fast": True}).items[0]
    assert output.mime == f"image/{name}"
    assert Image.open(io.BytesIO(output.data)).format == kind


def test_img2img_at_strength_0_is_the_source_and_at_1_the_prompt(make, source):
    files = {"image": source}
    assert np.array_equal(decoded(make(Operation.IMG2IMG, files=files, params={"strength": 0})), pixels(source))
    painted = decoded(make(Operation.TXT2IMG))
    assert np.array_equal(decoded(make(Operation.IMG2IMG, files=files, params={"strength": 1})), painted)


def test_img2img_leaves_the_source_step_by_step(make, source):
    away = [
        np.abs(
            decoded(make(Operation.IMG2IMG, files={"image": source}, params={"strength": s})) - pixels(source)
        ).mean()
        for s in (0.1, 0.4, 0.7, 1.0)
    ]
    assert away == sorted(away)
    assert away[0] > 0


def test_img2img_fits_a_source_of_another_shape(make, source):
    assert decoded(make(Operation.IMG2IMG, files={"image": source}, width_px=64, height_px=120)).shape == (120, 64, 3)


def test_inpaint_leaves_everything_outside_the_mask_byte_for_byte(make, source, mask):
    result = decoded(make(Operation.INPAINT, files={"image": source, "mask": mask}))
    hole = np.asarray(Image.open(mask)) >= 128
    assert np.array_equal(result[~hole], pixels(source)[~hole])
    assert np.abs(result[hole] - pixels(source)[hole]).mean() > 10


def test_a_large_picture_is_repainted_in_the_mask_alone(make, tmp_path):
    wide = np.random.default_rng(1).integers(0, 256, (48, 2600, 3), dtype=np.uint8)
    hole = np.zeros((48, 2600), dtype=bool)
    hole[10:40, 900:1500] = hole[3, :] = True
    source, mask = tmp_path / "wide.png", tmp_path / "hole.png"
    Image.fromarray(wide).save(source)
    Image.fromarray(hole.astype(np.uint8) * 255).save(mask)
    result = decoded(make(Operation.INPAINT, files={"image": source, "mask": mask}))
    assert np.array_equal(result[~hole], wide[~hole])
    assert (result[hole] != wide[hole]).any(axis=1).mean() > 0.9


def test_the_catalogue_says_how_large_a_frame_may_be():
    rows = [row for row in load().models if row.provider == "sketch" and Operation.OUTPAINT in row.operations]
    assert {row.size.frame_px for row in rows} == {MAX_FRAME_PX}


def test_inpaint_is_feathered_inside_the_mask(make, source, mask):
    result = decoded(make(Operation.INPAINT, files={"image": source, "mask": mask}))
    change = np.abs(result - pixels(source)).sum(axis=2)
    hole = np.asarray(Image.open(mask)) >= 128
    inner = np.zeros_like(hole)
    inner[25:50, 32:62] = True
    rim = hole & ~(
        np.roll(hole, 1, 0) & np.roll(hole, -1, 0) & np.roll(hole, 1, 1) & np.roll(hole, -1, 1)
    )  # the outermost ring
    assert change[rim].mean() < change[inner].mean()


def test_outpaint_moves_and_changes_no_source_pixel(make, source):
    result = decoded(
        make(Operation.OUTPAINT, files={"image": source}, params={"expand": {"left": 24, "top": 8, "right": 40}})
    )
    assert result.shape == (88, 160, 3)
    assert np.array_equal(result[8:, 24:120], pixels(source))


def test_a_large_frame_is_painted_smaller_around_the_same_source(make, source):
    expand = {"right": 2048, "bottom": 40}
    result = decoded(make(Operation.OUTPAINT, files={"image": source}, params={"expand": expand}))
    assert result.shape == (120, 2144, 3)
    assert np.array_equal(result[:80, :96], pixels(source))
    assert np.abs(result[:80, 96] - result[:80, 95]).mean() < 20


def test_outpaint_continues_the_colours_of_the_edge(make, source):
    result = decoded(make(Operation.OUTPAINT, files={"image": source}, params={"expand": {"left": 32, "right": 32}}))
    for outside, edge in ((31, 32), (128, 127)):
        assert np.abs(result[:, outside] - result[:, edge]).mean() < 12


def test_upscale_enlarges_what_is_there(make, source):
    pytest.importorskip("ncnn")
    result = decoded(make(Operation.UPSCALE, files={"image": source}, params={"factor": "2"}, width_px=8000))
    assert result.shape == (160, 192, 3)
    back = np.asarray(Image.fromarray(result.astype(np.uint8)).resize((96, 80), Image.Resampling.BOX)).astype(int)
    assert np.abs(back - pixels(source)).mean() < 6


def test_upscale_stops_between_tiles_when_its_follower_goes(sketch, source, monkeypatch):
    told, go = [], threading.Event()

    def endless(image, factor, *, on_tile):
        for tile in range(10_000):
            on_tile(tile / 10_000)
            told.append(tile)
            go.wait(0.01)

    monkeypatch.setattr("app.imaging.upscale.upscale", endless)
    handle = sketch.submit(request_for(Operation.UPSCALE, files={"image": source}))
    steps = stills.upscale(from_handle(handle), False)
    for _ in range(2):
        next(steps)
    steps.close()
    count = len(told)
    assert 0 < count < 9_000
    go.wait(0.05)
    assert len(told) == count


@pytest.mark.parametrize(
    ("operation", "changes", "names"),
    [
        (Operation.TXT2IMG, {"width_px": 63}, "width must be between 64 and 2048"),
        (Operation.TXT2IMG, {"height_px": 2049}, "height must be between 64 and 2048"),
        (Operation.TXT2IMG, {"params": {"format": "bmp"}}, "png, webp, jpeg"),
        (Operation.TXT2IMG, {"params": {"fast": "yes"}}, "fast must be true or false"),
        (Operation.IMG2IMG, {}, "`image`"),
        (Operation.IMG2IMG, {"params": {"strength": 1.2}}, "strength must be a number between 0 and 1"),
        (Operation.IMG2IMG, {"params": {"strength": True}}, "strength"),
        (Operation.IMG2IMG, {"params": {"strength": float("nan")}}, "strength"),
        (Operation.INPAINT, {"params": {}}, "`mask`"),
        (Operation.OUTPAINT, {"params": {"expand": {"left": -1}}}, "left must be a whole number between 0 and 4096"),
        (Operation.OUTPAINT, {"params": {"expand": {"up": 9}}}, "left, top, right or bottom"),
        (Operation.OUTPAINT, {}, "adds nothing"),
        (Operation.UPSCALE, {"params": {"factor": 2.5}}, "factor must be a whole number between 2 and 4"),
        (Operation.IMG2VID, {"params": {"duration_s": 60}}, "duration_s must be a number between 0.5 and 12"),
        (Operation.IMG2VID, {"params": {"fps": 1}}, "fps must be a whole number between 4 and 30"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name_before_it_is_charged(sketch, source, operation, changes, names):
    files = {"image": source} if "params" in changes or operation is Operation.OUTPAINT else {}
    with pytest.raises(ProviderError) as refused:
        sketch.submit(request_for(operation, **{"files": files, **changes}))
    assert refused.value.kind is ErrorKind.USER_FIXABLE
    assert names in refused.value.sentence
    assert sketch.ledger.charges() == []


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "is gone"), (b"not a picture", "cannot be read"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "cannot be read")],
)
def test_a_missing_or_unreadable_file_is_the_users_to_mend(make, tmp_path, content, says):
    path = tmp_path / "broken.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProviderError, match=says) as refused:
        make(Operation.IMG2IMG, files={"image": path})
    assert refused.value.kind is ErrorKind.USER_FIXABLE


def test_a_mask_of_another_size_or_without_white_is_refused(make, source, tmp_path):
    for size, says in (((10, 10), "same size"), ((96, 80), "marks nothing")):
        Image.new("L", size, 0).save(tmp_path / "mask.png")
        with pytest.raises(ProviderError, match=says):
            make(Operation.INPAINT, files={"image": source, "mask": tmp_path / "mask.png"})
