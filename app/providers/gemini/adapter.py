"""The Gemini API behind the provider contract: pictures are answered at once, videos are followed."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import replace

from app.imaging.limits import VIDEO_MAX_BYTES
from app.outbound import Garbled, Outbound, Patience, Reply, from_base64
from app.providers.contract import Handle, Operation, Outputs, Progress, Request, Unknown
from app.providers.failures import asking, sending
from app.providers.gemini import drawing, filming
from app.providers.gemini.refusals import NAME, refusal
from app.providers.gemini.wire import Wire
from app.providers.waiting import Rhythm, Vigil, lost, output_of

# Where a download may be sent on to; the key does not go along.
_STORES = (".googleapis.com", ".googleusercontent.com")
_MAKING = Patience(connect_s=5, silence_s=300, total_s=330)
_LOOK = Patience(connect_s=5, silence_s=15, total_s=20)
_DOWNLOAD = Patience(connect_s=5, silence_s=30, total_s=300)
_RHYTHM = Rhythm(first_s=3.0, most_s=8.0)
# Half of a video's way is shown as gone after this long: they tell no progress.
_HALF_WAY_S = 30.0


class Gemini:
    id = "gemini"

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        patience: Patience = _MAKING,
        rhythm: Rhythm = _RHYTHM,
    ) -> None:
        self._outbound = Outbound(base_url.rstrip("/"), {"x-goog-api-key": key}, patience=patience)
        self._files = replace(self._outbound, most_bytes=VIDEO_MAX_BYTES)
        self._rhythm = rhythm

    def submit(self, request: Request) -> Handle | Outputs:
        if request.operation is Operation.IMG2VID:
            return self._film(request)
        wire = Wire.model_validate(request.wire)
        body, part = drawing.body_of(request, wire)
        with sending(NAME):
            reply = self._outbound.post(f"/v1/models/{request.endpoint}:generateContent", body)
            if not reply.ok:
                raise refusal(reply)
            return drawing.outputs_of(reply, request, wire, part)

    def _film(self, request: Request) -> Handle:
        body = filming.body_of(request)
        with sending(NAME):
            reply = self._outbound.post("/v1/interactions", body)
            if not reply.ok:
                raise refusal(reply)
            return Handle({"interaction": filming.id_of(reply), "model": request.endpoint, "since": time.time()})

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        work = handle.value
        vigil = Vigil(NAME, self._rhythm)
        vigil.message = "filming at Gemini"
        while True:
            gone_s = max(time.time() - float(work.get("since", 0)), 0.0)
            vigil.fraction = 0.9 * gone_s / (gone_s + _HALF_WAY_S)
            reply = yield from vigil.until(lambda: self._look(f"/v1/interactions/{work['interaction']}"), filming.tells)
            state = filming.state_of(reply, work["interaction"])
            if isinstance(state, filming.Filmed):
                break
            yield from vigil.pause()
        notes = {"request_id": work["interaction"], "model": work.get("model"), "usage": filming.usage_of(reply)}
        data = yield from self._fetched(state, vigil)
        yield Outputs((output_of(NAME, data),), notes={name: value for name, value in notes.items() if value})

    def _fetched(self, filmed: filming.Filmed, vigil: Vigil) -> Generator[Progress, None, bytes]:
        """The video's bytes."""
        if filmed.data:
            try:
                return from_base64(filmed.data)
            except Garbled as error:
                raise lost(NAME, detail="a video that is not base64") from error
        vigil.fraction, vigil.message = 0.95, "fetching from Gemini"
        if filmed.url:
            reply = yield from vigil.file(filmed.url, self._stored)
        else:
            path = f"/v1/files/{filmed.file}"
            # Done does not mean that its file is.
            while True:
                reply = yield from vigil.until(lambda: self._outbound.get(path, patience=_LOOK), filming.tells)
                if filming.is_ready(reply, filmed.file):
                    break
                yield from vigil.pause()
            reply = yield from vigil.file(f"{path}:download", self._downloaded)
        if not reply.ok:
            raise lost(NAME, detail=f"{reply.status} for the video")
        return reply.body

    def cancel(self, handle: Handle) -> None:
        with asking(NAME):
            reply = self._outbound.call(
                "POST", f"/v1/interactions/{handle.value['interaction']}/cancel", patience=_LOOK
            )
            # What is over already cannot be cancelled, and need not be.
            if not reply.ok and reply.status not in {400, 404, 409}:
                raise refusal(reply)

    def find(self, reference: str) -> Unknown:
        """They are told no name of ours, and list no interactions."""
        return Unknown()

    def check(self) -> str:
        with asking(NAME):
            reply = self._outbound.get("/v1/models", query={"pageSize": "1000"}, patience=_LOOK)
            if not reply.ok:
                raise refusal(reply)
            listed = reply.object().get("models")
        names = [str(each.get("name")) for each in listed or () if isinstance(each, dict)]
        drawing_ones = sum(any(word in name for word in ("image", "banana", "omni")) for name in names)
        return f"The key is accepted: {drawing_ones} picture and video models are open to it."

    def _look(self, path: str) -> Reply:
        return self._outbound.get(path, query={"stream": "false"}, patience=_LOOK)

    def _downloaded(self, path: str) -> Reply:
        reply = self._files.get(path, query={"alt": "media"}, patience=_DOWNLOAD)
        if 300 <= reply.status < 400 and "Location" in reply.headers:
            return self._stored(reply.headers["Location"])
        return reply

    def _stored(self, url: str) -> Reply:
        return self._files.download(url, hosts=_STORES, patience=_DOWNLOAD)
