"""OpenAI's picture models behind the provider contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from app.imaging.compositing import Part
from app.outbound import Outbound, Patience, Reply, from_base64
from app.providers import failures
from app.providers.contract import Handle, Outputs, Progress, Request, Unknown
from app.providers.failures import asking, sending
from app.providers.openai import bodies
from app.providers.openai.refusals import NAME, refusal
from app.providers.openai.wire import Wire
from app.providers.waiting import output_of

# Nothing is heard before the picture is done, which for a large one at the best quality takes minutes.
_MAKING = Patience(connect_s=5, silence_s=300, total_s=330)
_LOOK = Patience(connect_s=5, silence_s=15, total_s=20)
# What an answer says about itself besides the picture; `auto` is resolved there.
_KEPT = ("size", "quality", "background", "output_format", "usage")


class OpenAI:
    id = "openai"

    def __init__(self, base_url: str, key: str, *, patience: Patience = _MAKING) -> None:
        self._outbound = Outbound(base_url.rstrip("/"), {"Authorization": f"Bearer {key}"}, patience=patience)

    def submit(self, request: Request) -> Outputs:
        wire = Wire.model_validate(request.wire)
        asked = bodies.of(request, wire)
        with sending(NAME):
            if isinstance(asked, bodies.Generation):
                reply = self._outbound.post("/images/generations", dict(asked.body))
            else:
                reply = self._outbound.post_form("/images/edits", asked.fields, asked.files)
            if not reply.ok:
                raise refusal(reply)
            return _outputs(reply, request, wire, None if isinstance(asked, bodies.Generation) else asked.part)

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        """Never needed: every answer is the end."""
        raise failures.no_picture(NAME, detail="there is nothing to follow")

    def cancel(self, handle: Handle) -> None:
        """They offer no way to stop a call that was made."""

    def find(self, reference: str) -> Unknown:
        """A picture whose answer was lost cannot be had again."""
        return Unknown()

    def check(self) -> str:
        pictures = sum(str(each.get("id")).startswith("gpt-image") for each in self._models())
        return f"The key is accepted: {pictures} picture models are open to it."

    def lifetimes(self) -> Mapping[str, date]:
        """From each model's own `shutdown_date`, which is the first day without it."""
        days = {}
        for model in self._models():
            try:
                days[str(model["id"])] = date.fromisoformat(str(model["shutdown_date"])) - timedelta(days=1)
            except (KeyError, ValueError):
                continue
        return days

    def _models(self) -> list[Mapping[str, Any]]:
        with asking(NAME):
            reply = self._outbound.get("/models", patience=_LOOK)
            if not reply.ok:
                raise refusal(reply)
            listed = reply.object().get("data")
        return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _outputs(reply: Reply, request: Request, wire: Wire, part: Part | None) -> Outputs:
    said = reply.object()
    entries = said.get("data")
    first = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}
    encoded = first.get("b64_json")
    request_id = reply.headers.get("x-request-id", "")
    if not isinstance(encoded, str) or not encoded:
        raise failures.no_picture(NAME, detail=f"200 without b64_json ({request_id or 'no id'})")
    notes: dict[str, Any] = {"model": request.endpoint, **{name: said[name] for name in _KEPT if said.get(name)}}
    if request_id:
        notes["request_id"] = request_id
    if isinstance(first.get("revised_prompt"), str) and first["revised_prompt"]:
        notes["revised_prompt"] = first["revised_prompt"]
    return Outputs((output_of(NAME, from_base64(encoded), part),), wire.cost(said.get("usage")), notes)
