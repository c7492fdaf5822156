"""fal behind the provider contract: submitted once to its queue, followed by the addresses that the queue gave."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.imaging.compositing import Part
from app.imaging.limits import VIDEO_MAX_BYTES
from app.outbound import Garbled, Outbound, Patience, Reply
from app.providers.contract import ErrorKind, Handle, Outputs, Progress, ProviderError, Request, Unknown
from app.providers.failures import asking, sending
from app.providers.fal import answers, bodies
from app.providers.fal.answers import NAME
from app.providers.waiting import Rhythm, Vigil, forgotten, lost, output_of

_QUEUE, _PLATFORM, _MEDIA = "queue.fal.run", "api.fal.ai", ".fal.media"
_SUBMIT = Patience(connect_s=5, silence_s=90, total_s=120)
_LOOK = Patience(connect_s=5, silence_s=20, total_s=30)
_DOWNLOAD = Patience(connect_s=5, silence_s=20, total_s=300)
# What is made lies at a public address: we fetch it at once, and a day is enough for a worker that died.
_LIFE_S = 24 * 60 * 60
_UNHEARD_TIMES = 3
_ADDRESSES = {"status_url": "/status", "response_url": "", "cancel_url": "/cancel"}
# Between our clock and theirs; and how long a request may take to appear in their list.
_SKEW = timedelta(minutes=1)
_LISTED_WITHIN = timedelta(minutes=1)
_CHECKED_WITH = "fal-ai/nano-banana"


class Fal:
    id = "fal"

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        patience: Patience = _SUBMIT,
        rhythm: Rhythm = Rhythm(first_s=1.0),  # noqa: B008 - frozen
        listed_within: timedelta = _LISTED_WITHIN,
    ) -> None:
        self._outbound = Outbound(
            base_url, headers={"Authorization": f"Key {key}"}, hosts=(_QUEUE, _PLATFORM), patience=patience
        )
        self._rhythm = rhythm
        self._listed_within = listed_within
        self._platform = f"https://{_PLATFORM}" if urlsplit(base_url).hostname == _QUEUE else base_url

    def submit(self, request: Request) -> Handle:
        body, part = bodies.body_of(request)
        life = json.dumps({"expiration_duration_seconds": _LIFE_S})
        with sending(NAME):
            reply = self._outbound.call(
                "POST",
                f"/{request.endpoint}",
                json_body=body,
                headers={"X-Fal-Object-Lifecycle-Preference": life},
            )
            if not reply.ok:
                raise answers.refusal(reply)
            told = reply.object()
            request_id = told.get("request_id")
            if not isinstance(request_id, str) or not request_id:
                raise Garbled("a submission was answered without a request id")
        addresses = {name: told[name] for name in _ADDRESSES if isinstance(told.get(name), str) and told[name]}
        return self._handle_of(request, request_id, body, part, addresses)

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        work = handle.value
        vigil = Vigil(NAME, self._rhythm)
        took_s = yield from self._completed(work, vigil)
        expired = False
        while True:
            reply = yield from vigil.until(
                lambda: self._outbound.get(work["response_url"], patience=_LOOK), answers.tells_result
            )
            result = answers.result_of(reply)
            file = yield from vigil.file(result.url, self._download)
            if file.ok:
                break
            if expired:
                raise lost(NAME, detail=f"{file.status} for the file of {work['request_id']}")
            expired = True
        notes = {"request_id": work["request_id"], **result.notes}
        if took_s is not None:
            notes["inference_s"] = took_s
        part = work.get("part")
        output = output_of(NAME, file.body, tuple(part) if part else None)
        yield Outputs((output,), Decimal(work["cost"]) if "cost" in work else None, notes)

    def cancel(self, handle: Handle) -> None:
        with asking(NAME):
            reply = self._outbound.call("PUT", handle.value["cancel_url"], patience=_LOOK)
        # 400: it had ended already; 404: it is not known any more.
        if not reply.ok and reply.status not in {400, 404}:
            raise answers.refusal(reply)

    def find(self, reference: str) -> Unknown:
        """The queue takes no name of ours; see `search`."""
        return Unknown()

    def search(self, request: Request, since: datetime) -> Handle | Unknown:
        """Of what fal lists for the endpoint, the one request with this very input. Two alike tell nothing."""
        body, part = bodies.body_of(request)
        fingerprint = bodies.fingerprint_of(request, body)
        if not fingerprint:
            return Unknown()
        query = {"endpoint_id": request.endpoint, "start": (since - _SKEW).isoformat(), "expand": "payloads"}
        with asking(NAME):
            reply = self._outbound.get(f"{self._platform}/v1/models/requests/by-endpoint", query=query, patience=_LOOK)
        if reply.status == 429 or reply.status >= 500:
            raise answers.refusal(reply)
        if not reply.ok:
            # A key may make pictures and yet not be allowed to see lists.
            return Unknown()
        known = answers.requests_like(reply, fingerprint)
        if len(known) == 1:
            return self._handle_of(request, known[0], body, part)
        if not known and datetime.now(UTC) - since < self._listed_within:
            raise ProviderError(
                ErrorKind.PROVIDER, f"{NAME} does not list this request yet.", retryable=True, detail="not listed"
            )
        return Unknown()

    def check(self) -> str:
        with asking(NAME):
            reply = self._outbound.get(
                f"{self._platform}/v1/models/pricing", query={"endpoint_id": _CHECKED_WITH}, patience=_LOOK
            )
        if not reply.ok:
            raise answers.refusal(reply)
        return "The key is accepted. fal does not tell what credit is left."

    def _completed(self, work: dict[str, Any], vigil: Vigil) -> Generator[Progress, None, float | None]:
        """Wait until it is done, however it ended. Gives the seconds it took, when they are told."""
        unheard = 0
        while True:
            reply = yield from vigil.until(
                lambda: self._outbound.get(work["status_url"], query={"logs": "0"}, patience=_LOOK),
                answers.tells_state,
            )
            state = answers.state_of(reply)
            if isinstance(state, answers.Done):
                return state.took_s
            if isinstance(state, answers.Missing):
                unheard += 1
                if unheard >= _UNHEARD_TIMES:
                    raise forgotten(NAME, detail=f"request {work['request_id']} is not known")
            else:
                vigil.message, vigil.fraction = state.message, state.fraction
            yield from vigil.pause()

    def _download(self, url: str) -> Reply:
        return self._outbound.download(url, hosts=(_MEDIA,), most_bytes=VIDEO_MAX_BYTES, patience=_DOWNLOAD)

    def _handle_of(
        self,
        request: Request,
        request_id: str,
        body: Mapping[str, Any],
        part: Part | None,
        addresses: Mapping[str, str] | None = None,
    ) -> Handle:
        """addresses: as the queue gave them. Else of an endpoint's id only owner and application are part of them."""
        own = f"{self._outbound.base_url}/{'/'.join(request.endpoint.split('/')[:2])}/requests/{request_id}"
        known: dict[str, Any] = {"endpoint": request.endpoint, "request_id": request_id}
        known |= {name: own + ending for name, ending in _ADDRESSES.items()} | dict(addresses or {})
        if part is not None:
            known["part"] = list(part)
        if (cost := bodies.cost_of(request, body)) is not None:
            known["cost"] = str(cost)
        return Handle(known)
