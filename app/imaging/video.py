"""What a video is, and a still to show for it. Only MP4 and WebM, read from memory: nothing a file names is opened."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from app.imaging.containers import sniff
from app.imaging.decode import check_size, refusing
from app.imaging.derive import PREVIEW_PX, THUMBNAIL_PX, webp, within
from app.imaging.errors import FileTooLarge, ImageUnreadable, UnsupportedVideo
from app.imaging.limits import DEFAULT_LIMITS, VIDEO_MAX_BYTES, ImageLimits
from app.imaging.thumbhash import thumbhash

_DEMUXERS = {"video/mp4": "mp4", "video/webm": "webm"}


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """poster, thumbnail: WebP of the first frame, at most 1280 and 256 px a side. fps: average; 0 when unknown."""

    mime: str
    width_px: int
    height_px: int
    duration_s: float
    fps: float
    poster: bytes
    thumbnail: bytes
    thumbhash: str


def probe_video(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS, max_bytes: int = VIDEO_MAX_BYTES) -> VideoFacts:
    """Look at a video and decode its first frame.

    Raises FileTooLarge, UnsupportedVideo, ImageTooLarge or ImageUnreadable; nothing else.
    """
    if len(data) > max_bytes:
        raise FileTooLarge.over(max_bytes)
    mime = sniff(data)
    if mime not in _DEMUXERS:
        raise UnsupportedVideo
    with refusing(limits):
        return _probe(data, mime, limits)


def _probe(data: bytes, mime: str, limits: ImageLimits) -> VideoFacts:
    import av  # 50 MB of codecs: only where videos are handled

    with av.open(io.BytesIO(data), "r", format=_DEMUXERS[mime]) as container:
        if not container.streams.video:
            raise ImageUnreadable("The video has no picture in it: send another one.")
        stream = container.streams.video[0]
        check_size(stream.width, stream.height, limits)
        stream.codec_context.thread_count = 1
        frame = next(container.decode(stream), None)
        if frame is None:
            raise ImageUnreadable("The video is damaged and cannot be read: save it again and retry.")
        check_size(frame.width, frame.height, limits)
        still = Image.fromarray(frame.to_ndarray(format="rgb24"))
        duration_s = 0.0
        if container.duration is not None:
            duration_s = container.duration / av.time_base
        elif stream.duration is not None and stream.time_base is not None:
            duration_s = float(stream.duration * stream.time_base)
        fps = float(stream.average_rate or 0)

    width, height = still.size
    poster = within(still, PREVIEW_PX) if max(still.size) > PREVIEW_PX else still
    thumbnail = within(poster, THUMBNAIL_PX) if max(poster.size) > THUMBNAIL_PX else poster
    return VideoFacts(
        mime, width, height, round(duration_s, 3), round(fps, 3), webp(poster), webp(thumbnail), thumbhash(thumbnail)
    )
