"""Recraft behind the provider contract."""

from __future__ import annotations

import time
from collections.abc import Iterator

from app.outbound import Outbound, OutboundError, Patience
from app.providers.contract import Handle, Output, Outputs, Progress, Request, Unknown
from app.providers.failures import asking, sending
from app.providers.recraft import answers, bodies
from app.providers.recraft.answers import NAME, Made
from app.providers.waiting import lost, output_of

# Where pictures lie when they come as addresses.
_FILES = (".recraft.ai",)
# The large models and the creative upscaler take their time, and the connection is silent meanwhile.
_WORK = Patience(connect_s=5, silence_s=290, total_s=300)
_QUICK = Patience(connect_s=5, silence_s=15, total_s=20)
_DOWNLOAD = Patience(connect_s=5, silence_s=20, total_s=60)
_TRIES = 5


class Recraft:
    id = "recraft"

    def __init__(self, base_url: str, key: str, *, patience: Patience = _WORK, pause_s: float = 0.5) -> None:
        self._pause_s = pause_s
        self._outbound = Outbound(base_url, headers={"Authorization": f"Bearer {key}"}, patience=patience)

    def submit(self, request: Request) -> Outputs:
        body, part = bodies.body_of(request)
        with sending(NAME):
            reply = self._outbound.post(request.endpoint, body)
            if not reply.ok:
                raise answers.refusal(reply)
            made = answers.read(reply)
        data = made.data if made.data is not None else self._fetched(made)
        output: Output = output_of(NAME, data, part)
        return Outputs((output,), made.cost, made.notes)

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        """It never gives a handle."""
        raise lost(NAME, detail="a handle that Recraft cannot have given")

    def cancel(self, handle: Handle) -> None:
        """What is synchronous cannot be stopped."""

    def find(self, reference: str) -> Unknown:
        """It is told no name of ours and keeps no list."""
        return Unknown()

    def check(self) -> str:
        with asking(NAME):
            reply = self._outbound.get("/users/me", patience=_QUICK)
            if not reply.ok:
                raise answers.refusal(reply)
            return answers.credits_left(reply)

    def _fetched(self, made: Made) -> bytes:
        """The file behind an address, which lives a day: fetching again costs nothing."""
        why = ""
        for tried in range(_TRIES):
            time.sleep(tried * self._pause_s)
            try:
                reply = self._outbound.download(made.url, hosts=_FILES, patience=_DOWNLOAD)
            except OutboundError as error:
                why = f"{type(error).__name__}: {error.detail}"
                continue
            if reply.ok:
                return reply.body
            why = f"status {reply.status}"
        raise lost(NAME, detail=why)
