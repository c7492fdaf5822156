"""Anthropic's Messages API, as of version 2026-10-21: the key as a bearer, no temperature, no prefilled answer."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from app.llm.contract import Ask, LanguageError, Message
from app.llm.offers import Offer
from app.llm.remote import Counted, Ended, Remote, bare_schema, events, object_in, told_in, with_schema
from app.outbound import Outbound, Reply

VERSION = "2026-10-21"
_ENDED: dict[str, Ended] = {
    "end_turn": "done",
    "stop_sequence": "done",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refused",
}


class Anthropic(Remote):
    provider = "anthropic"
    provider_name = "Anthropic"

    def __init__(self, offer: Offer, *, key: str, base_url: str) -> None:
        headers = {"Authorization": f"Bearer {key}", "anthropic-version": VERSION}
        # Whoever gives the address as other programs want it, with the version, means the same.
        super().__init__(offer, Outbound(base_url.removesuffix("/v1"), headers))

    def _pieces(self, ask: Ask, counted: Counted) -> Generator[str, None, None]:
        with self._outbound.lines("/v1/messages", self._body(ask), patience=self._patience(ask)) as lines:
            if isinstance(lines, Reply):
                body = object_in(lines.text())
                raise self._refused(lines, (told_in(body, "error", "type"),), told_in(body, "error", "message"))
            for event in events(lines):
                yield self._heard(object_in(event), counted)

    def _body(self, ask: Ask) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.offer.model,
            "max_tokens": ask.max_tokens + self.offer.thinks_tokens,
            "messages": [_turn(message) for message in ask.messages],
            "stream": True,
            **self.offer.sends,
        }
        if system := with_schema(ask):
            body["system"] = system
        if ask.schema is not None:
            format_ = {"type": "json_schema", "schema": bare_schema(ask.schema)}
            body["output_config"] = {**self.offer.sends.get("output_config", {}), "format": format_}
        return body

    def _heard(self, event: dict[str, Any], counted: Counted) -> str:
        """What an event says. Thinking comes in blocks of its own kind and is not the answer."""
        match event.get("type"):
            case "message_start":
                message = event.get("message")
                usage = message.get("usage") if isinstance(message, dict) else None
                counted.input_tokens = _input_tokens(usage) if isinstance(usage, dict) else None
            case "content_block_delta":
                if told_in(event, "delta", "type") == "text_delta":
                    return told_in(event, "delta", "text")
            case "message_delta":
                if reason := told_in(event, "delta", "stop_reason"):
                    counted.ended = _ENDED.get(reason, "done")
                usage = event.get("usage")
                if isinstance(usage, dict) and isinstance(usage.get("output_tokens"), int):
                    counted.output_tokens = usage["output_tokens"]
            case "error":
                kind = told_in(event, "error", "type")
                raise LanguageError(
                    "Anthropic is overloaded. Try again in a few minutes."
                    if kind == "overloaded_error"
                    else "Anthropic broke off in the middle.",
                    retryable=True,
                    detail=f"in the stream: {kind}",
                )
        return ""


def _turn(message: Message) -> dict[str, Any]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    shown = [
        {
            "type": "image",
            "source": {
                "type": "base64",
                "media_type": picture.mime,
                "data": picture.base64,
            },
        }
        for picture in message.pictures
    ]
    words = [{"type": "text", "text": message.text}] if message.text else []
    return {"role": message.role, "content": [*shown, *words]}


def _input_tokens(usage: dict[str, Any]) -> int | None:
    """All that went in; what a cache served is counted apart, and we never ask for one."""
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    counts = [usage[name] for name in names if isinstance(usage.get(name), int)]
    return sum(counts) if counts else None
