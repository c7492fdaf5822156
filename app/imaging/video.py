"""What a video is, and its first frame. Only MP4 and WebM, read from memory: nothing a file names is opened."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from app.imaging.containers import sniff
from app.imaging.decode import check_size, refusing
from app.imaging.errors import FileTooLarge, ImageUnreadable, UnsupportedVideo
from app.imaging.limits import DEFAULT_LIMITS, VIDEO_MAX_BYTES, ImageLimits

_DEMUXERS = {"video/mp4": "mp4", "video/webm": "webm"}


@dataclass(frozen=True, slots=True)
class Clip:
    """still: the first frame, RGB. fps: average; 0 when unknown, as duration_s."""

    still: Image.Image
    duration_s: float
    fps: float


def open_clip(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS, max_bytes: int = VIDEO_MAX_BYTES) -> Clip:
    """Look at a video and decode its first frame.

    Raises FileTooLarge, UnsupportedVideo, ImageTooLarge or ImageUnreadable; nothing else.
    """
    if len(data) > max_bytes:
        raise FileTooLarge.over(max_bytes)
    mime = sniff(data)
    if mime not in _DEMUXERS:
        raise UnsupportedVideo
    with refusing(limits):
        return _open(data, _DEMUXERS[mime], limits)


def _open(data: bytes, demuxer: str, limits: ImageLimits) -> Clip:
    import av  # 50 MB of codecs: only where videos are handled

    with av.open(io.BytesIO(data), "r", format=demuxer) as container:
        if not container.streams.video:
            raise ImageUnreadable("The video has no picture in it: send another one.")
        stream = container.streams.video[0]
        check_size(stream.width, stream.height, limits)
        stream.codec_context.thread_count = 1
        frame = next(container.decode(stream), None)
        if frame is None:
            raise ImageUnreadable("The video is damaged and cannot be read: save it again and retry.")
        check_size(frame.width, frame.height, limits)
        duration_s = 0.0
        if container.duration is not None:
            duration_s = container.duration / av.time_base
        elif stream.duration is not None and stream.time_base is not None:
            duration_s = float(stream.duration * stream.time_base)
        return Clip(
            still=Image.fromarray(frame.to_ndarray(format="rgb24")),
            duration_s=round(duration_s, 3),
            fps=round(float(stream.average_rate or 0), 3),
        )
