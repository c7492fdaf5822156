"""Chat Completions, which OpenAI, Mistral and most local servers speak, each a little differently.

What differs is data: a `Dialect`. No header goes along but the key, so that nothing about one account reaches another
host.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from app.llm.contract import Ask, LanguageError, Message
from app.llm.offers import Offer
from app.llm.remote import Counted, Ended, Remote, bare_schema, events, object_in, told_in, with_schema
from app.outbound import Outbound, Reply

_ENDED: dict[str, Ended] = {"length": "length", "model_length": "length", "content_filter": "refused"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a provider wants Chat Completions.

    most_tokens: what it calls the limit of the answer. asks_usage: whether tokens come in a stream only when asked for.
    always_warm: whether every model of it takes a temperature.
    """

    provider: str
    name: str
    most_tokens: str = "max_tokens"
    asks_usage: bool = False
    always_warm: bool = False


OPENAI = Dialect("openai", "OpenAI", most_tokens="max_completion_tokens", asks_usage=True)
# Mistral refuses every field that it does not know, and counts tokens in a stream unasked.
MISTRAL = Dialect("mistral", "Mistral", always_warm=True)
CODESTRAL = Dialect("codestral", "Codestral", always_warm=True)
COMPATIBLE = Dialect("compatible", "The language server", asks_usage=True, always_warm=True)
DIALECTS = {each.provider: each for each in (OPENAI, MISTRAL, CODESTRAL, COMPATIBLE)}


class OpenAICompatible(Remote):
    def __init__(self, offer: Offer, *, dialect: Dialect, key: str, base_url: str) -> None:
        # A server of one's own often wants no key.
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        super().__init__(offer, Outbound(base_url, headers))
        self.dialect = dialect
        self.provider, self.provider_name = dialect.provider, dialect.name

    def _pieces(self, ask: Ask, counted: Counted) -> Generator[str, None, None]:
        with ExitStack() as call:
            lines = self._begin(call, ask, self._body(ask))
            refused = False
            for event in events(lines):
                if event.strip() == "[DONE]":
                    # Some servers end without a reason; that they said the end is reason enough.
                    counted.ended = counted.ended or "done"
                    break
                chunk = object_in(event)
                if "error" in chunk:
                    raise LanguageError(
                        f"{self.provider_name} broke off in the middle.",
                        retryable=True,
                        detail=f"in the stream: {told_in(chunk, 'error', 'type')}",
                    )
                _count(chunk, counted)
                text, is_refusal = _said(chunk, counted)
                refused = refused or is_refusal
                yield text
            if refused:
                counted.ended = "refused"

    def _begin(self, call: ExitStack, ask: Ask, body: dict[str, Any]) -> Iterator[str]:
        """The lines of the answer. A server that cannot be held to a schema is asked again in words alone."""
        patience = self._patience(ask)
        lines = call.enter_context(self._outbound.lines("/chat/completions", body, patience=patience))
        if isinstance(lines, Reply) and lines.status in {400, 422, 501} and "response_format" in body:
            plain = {name: value for name, value in body.items() if name != "response_format"}
            lines = call.enter_context(self._outbound.lines("/chat/completions", plain, patience=patience))
        if isinstance(lines, Reply):
            answer = object_in(lines.text())
            kinds = (told_in(answer, "error", "code"), told_in(answer, "error", "type"), told_in(answer, "type"))
            raise self._refused(lines, kinds, told_in(answer, "error", "message") or told_in(answer, "message"))
        return lines

    def _body(self, ask: Ask) -> dict[str, Any]:
        system = with_schema(ask)
        body: dict[str, Any] = {
            "model": self.offer.model,
            "messages": [
                *([{"role": "system", "content": system}] if system else []),
                *(_turn(message) for message in ask.messages),
            ],
            self.dialect.most_tokens: ask.max_tokens + self.offer.thinks_tokens,
            "stream": True,
            **self.offer.sends,
        }
        if self.dialect.asks_usage:
            body["stream_options"] = {"include_usage": True}
        if ask.temperature is not None and (self.dialect.always_warm or self.offer.temperature):
            body["temperature"] = ask.temperature
        if ask.schema is not None:
            schema = {"name": "answer", "strict": True, "schema": bare_schema(ask.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body


def _turn(message: Message) -> dict[str, Any]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    shown = [
        {
            "type": "image_url",
            "image_url": {"url": f"data:{picture.mime};base64,{picture.base64}"},
        }
        for picture in message.pictures
    ]
    words = [{"type": "text", "text": message.text}] if message.text else []
    return {"role": message.role, "content": [*words, *shown]}


def _said(chunk: dict[str, Any], counted: Counted) -> tuple[str, bool]:
    """The words of a chunk and whether they are a refusal. The chunk that counts tokens has no choices at all."""
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    if reason := told_in(choice, "finish_reason"):
        counted.ended = _ENDED.get(reason, "done")
    # `message` is for the whole answer of a server that does not stream.
    part = "message" if isinstance(choice, dict) and "message" in choice else "delta"
    refusal = told_in(choice, part, "refusal")
    return refusal or told_in(choice, part, "content"), bool(refusal)


def _count(chunk: dict[str, Any], counted: Counted) -> None:
    usage = chunk.get("usage")
    if isinstance(usage, dict):
        taken, given = usage.get("prompt_tokens"), usage.get("completion_tokens")
        counted.input_tokens = taken if isinstance(taken, int) else counted.input_tokens
        counted.output_tokens = given if isinstance(given, int) else counted.output_tokens
