"""Ollama by its native API, which alone lets us set the context's length: too short a one cuts prompts silently."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.llm.contract import Ask, LanguageError, Message
from app.llm.offers import Offer, tokens_of
from app.llm.remote import Counted, Remote, for_the_log, object_in, told_in, with_schema
from app.outbound import Garbled, Outbound, OutboundError, Patience, Reply

DEFAULT_PORT = 11434
# What a model can do changes only when somebody pulls another; that it does not answer changes sooner.
_REMEMBER_S = 600.0
_REMEMBER_ABSENCE_S = 20.0
_LOOK = Patience(connect_s=1.0, silence_s=2.0, total_s=2.0)
_LEAST_CONTEXT = 4_096
_MOST_CONTEXT = 32_768


@dataclass(frozen=True, slots=True)
class Abilities:
    """What /api/show tells of a model. context: tokens it can hold, None when it does not say."""

    sees: bool = False
    thinks: bool = False
    context: int | None = None


class Ollama(Remote):
    provider = "ollama"
    provider_name = "Ollama"

    def __init__(self, offer: Offer, *, host: str) -> None:
        super().__init__(offer, Outbound(base_url(host)))
        self._abilities = Abilities()
        self._look_again_at = 0.0

    @property
    def sees(self) -> bool:
        return self.abilities().sees

    def estimate(self, ask: Ask) -> Decimal:
        """Nothing: it runs at home."""
        return Decimal(0)

    def abilities(self) -> Abilities:
        """Read from the server and remembered; nothing, for a while, when it does not answer."""
        if time.monotonic() >= self._look_again_at:
            found = self._shown()
            self._abilities = found or Abilities()
            self._look_again_at = time.monotonic() + (_REMEMBER_S if found else _REMEMBER_ABSENCE_S)
        return self._abilities

    def installed(self) -> list[str]:
        """The models on the server. Raises LanguageError."""
        with self._failing():
            reply = self._outbound.get("/api/tags", patience=_LOOK)
            if not reply.ok:
                raise self._refused(reply, (), told_in(object_in(reply.text()), "error"))
            models = object_in(reply.text()).get("models")
            if not isinstance(models, list):
                raise Garbled("no list of models")
            return [name for model in models if (name := told_in(model, "model") or told_in(model, "name"))]

    def _shown(self) -> Abilities | None:
        try:
            reply = self._outbound.call("POST", "/api/show", json_body={"model": self.offer.model}, patience=_LOOK)
        except OutboundError:
            return None
        if not reply.ok:
            return None
        told = object_in(reply.text())
        capabilities, info = told.get("capabilities"), told.get("model_info")
        lengths = [
            value
            for name, value in (info.items() if isinstance(info, dict) else ())
            if name.endswith(".context_length") and isinstance(value, int)
        ]
        able = capabilities if isinstance(capabilities, list) else []
        return Abilities("vision" in able, "thinking" in able, lengths[0] if lengths else None)

    def _pieces(self, ask: Ask, counted: Counted) -> Generator[str, None, None]:
        with self._outbound.lines("/api/chat", self._body(ask), patience=self._patience(ask)) as lines:
            if isinstance(lines, Reply):
                raise self._not_taken(lines)
            for line in lines:
                event = object_in(line)
                if "error" in event:
                    detail = for_the_log(told_in(event, "error"))
                    raise LanguageError("Ollama broke off in the middle.", retryable=True, detail=detail)
                yield told_in(event, "message", "content")
                if event.get("done") is True:
                    counted.ended = "length" if event.get("done_reason") == "length" else "done"
                    taken, given = event.get("prompt_eval_count"), event.get("eval_count")
                    counted.input_tokens = taken if isinstance(taken, int) else None
                    counted.output_tokens = given if isinstance(given, int) else None
                    return

    def _body(self, ask: Ask) -> dict[str, Any]:
        system = with_schema(ask)
        options: dict[str, Any] = {"num_ctx": self._context(ask), "num_predict": ask.max_tokens}
        # A schema wants a steady hand, unless answers shall differ.
        if ask.schema is not None or ask.temperature is not None:
            options["temperature"] = ask.temperature or 0
        body: dict[str, Any] = {
            "model": self.offer.model,
            "messages": [
                *([{"role": "system", "content": system}] if system else []),
                *(_turn(message) for message in ask.messages),
            ],
            "stream": True,
            "options": options,
        }
        if ask.schema is not None:
            body["format"] = dict(ask.schema)
        if self.abilities().thinks:
            # It would use up the answer's tokens. Those that cannot think refuse to be told.
            body["think"] = False
        return body

    def _context(self, ask: Ask) -> int:
        """Room for question and answer, in steps: each new length makes the server load the model again."""
        needed = tokens_of(ask) + ask.max_tokens
        context = _LEAST_CONTEXT
        while context < needed and context < _MOST_CONTEXT:
            context *= 2
        return min(context, self.abilities().context or context)

    def _not_taken(self, reply: Reply) -> LanguageError:
        said = told_in(object_in(reply.text()), "error")
        if reply.status == 404:
            model = self.offer.model
            detail = for_the_log(f"404 {said}")
            return LanguageError(f"Ollama has no model {model}. Run: ollama pull {model}", detail=detail)
        return self._refused(reply, (), said)


def base_url(host: str) -> str:
    """OLLAMA_HOST as an address: a bare name means Ollama's own port, and where a server listens everywhere is here.

    Raises ValueError.
    """
    parts = urlsplit(host if "://" in host else f"http://{host}")
    name = parts.hostname or "127.0.0.1"
    if name in {"0.0.0.0", "::"}:  # noqa: S104 - it is being replaced
        name = "127.0.0.1"
    port = parts.port or ((443 if parts.scheme == "https" else 80) if "://" in host else DEFAULT_PORT)
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{port}{parts.path.rstrip('/')}"


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.pictures:
        turn["images"] = [picture.base64 for picture in message.pictures]
    return turn
