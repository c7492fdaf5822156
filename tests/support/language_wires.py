"""Stand-ins for the providers of language models: each refuses what the real one would, in the real one's shape."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from tests.support.wire import Said, Seen, Wire

KEY = "sk-test-language-key"
_PNG = "iVBOR"  # how every PNG begins in base64


class Refusal(Exception):
    def __init__(self, status: int, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.kind, self.sentence = status, kind, sentence


class LanguageWire(Wire):
    """Answers with the next of `replies`, the last of them for ever.

    tokens: what it counts, in and out, for every answer. ends: why it says that it stopped.
    """

    ends = ""

    def __init__(self, *replies: str, tokens: tuple[int, int] = (1000, 200)) -> None:
        super().__init__()
        self.replies = deque(replies or ("Certainly.",))
        self.tokens = tokens

    def handle(self, seen: Seen) -> Said:
        try:
            return self.answer(seen)
        except Refusal as refusal:
            return Said(refusal.status, self.refused(refusal))

    def answer(self, seen: Seen) -> Said:
        raise NotImplementedError

    def refused(self, refusal: Refusal) -> Any:
        raise NotImplementedError

    def next_words(self) -> list[str]:
        """The reply in pieces, so that a client which joins them wrongly is found out."""
        text = self.replies.popleft() if len(self.replies) > 1 else self.replies[0]
        self.charge("answer", "1")
        return [text[start : start + 7] for start in range(0, len(text), 7)]

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of all questions so far."""
        return [seen.json() for seen in self.seen if seen.method == "POST"]


class AnthropicWire(LanguageWire):
    _FIELDS = frozenset({"model", "max_tokens", "messages", "stream", "system", "thinking", "output_config"})

    def answer(self, seen: Seen) -> Said:
        body = seen.json()
        if seen.headers["Authorization"] != f"Bearer {KEY}":
            raise Refusal(401, "authentication_error", "invalid bearer token")
        if seen.headers["anthropic-version"] != "2026-10-21":
            raise Refusal(400, "invalid_request_error", "anthropic-version: unknown")
        if seen.path != "/v1/messages":
            raise Refusal(404, "not_found_error", "Not found")
        _only(body, self._FIELDS, needs={"model", "max_tokens", "messages"}, kind="invalid_request_error")
        _in_turn(body["messages"], kind="invalid_request_error")
        if body["messages"][-1]["role"] == "assistant":
            raise Refusal(400, "invalid_request_error", "This model does not support assistant message prefill.")
        for message in body["messages"]:
            for block in message["content"] if isinstance(message["content"], list) else []:
                self._block(block)
        _strict_schema(body.get("output_config", {}).get("format", {}).get("schema"), kind="invalid_request_error")
        words = self.next_words()
        events: list[dict[str, Any]] = [
            {
                "type": "message_start",
                "message": {"id": "msg_1", "usage": {"input_tokens": self.tokens[0], "output_tokens": 1}},
            },
            {"type": "ping"},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "thinking_delta", "thinking": "They want words."},
            },
            *(
                {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": word}}
                for word in words
            ),
            {
                "type": "message_delta",
                "delta": {"stop_reason": self.ends or "end_turn"},
                "usage": {"output_tokens": self.tokens[1]},
            },
            {"type": "message_stop"},
        ]
        return _sse(*(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events))

    def refused(self, refusal: Refusal) -> Any:
        return {
            "type": "error",
            "error": {"type": refusal.kind, "message": refusal.sentence},
            "request_id": "req_1",
        }

    def _block(self, block: Mapping[str, Any]) -> None:
        if block["type"] == "text" and block["text"]:
            return
        source = block.get("source", {})
        if block["type"] != "image" or source.get("type") != "base64" or not source["data"].startswith(_PNG):
            raise Refusal(400, "invalid_request_error", "content: unknown block")


class ChatWire(LanguageWire):
    """Chat Completions as OpenAI has them, under /v1."""

    _FIELDS = frozenset(
        {
            "model",
            "messages",
            "max_completion_tokens",
            "stream",
            "stream_options",
            "response_format",
            "reasoning_effort",
        }
    )
    takes_schema = True

    def answer(self, seen: Seen) -> Said:
        body = seen.json()
        if seen.headers["Authorization"] != f"Bearer {KEY}":
            raise Refusal(401, "invalid_request_error", f"Incorrect API key provided: {seen.headers['Authorization']}")
        if {"OpenAI-Organization", "OpenAI-Project"} & set(seen.headers.keys()):
            raise Refusal(400, "invalid_request_error", "an organisation that is not ours")
        if seen.path != "/v1/chat/completions":
            raise Refusal(404, "invalid_request_error", "Invalid URL")
        _only(body, self._FIELDS, needs={"model", "messages"}, kind="invalid_request_error")
        if "response_format" in body and not self.takes_schema:
            raise Refusal(400, "invalid_request_error", "response_format is not supported")
        _in_turn([turn for turn in body["messages"] if turn["role"] != "system"], kind="invalid_request_error")
        _strict_schema(
            body.get("response_format", {}).get("json_schema", {}).get("schema"), kind="invalid_request_error"
        )
        words = self.next_words()
        chunks: list[dict[str, Any]] = [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]},
            *({"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]} for word in words),
            {"choices": [{"index": 0, "delta": {}, "finish_reason": self.ends or "stop"}], **self.last(body)},
            *self.after(body),
        ]
        return _sse(*(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), "data: [DONE]\n\n")

    def last(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def after(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The count of tokens, in a chunk without choices, for whoever asked for it."""
        return [{"choices": [], "usage": self.usage}] if body.get("stream_options", {}).get("include_usage") else []

    @property
    def usage(self) -> dict[str, int]:
        taken, given = self.tokens
        return {"prompt_tokens": taken, "completion_tokens": given, "total_tokens": taken + given}

    def refused(self, refusal: Refusal) -> Any:
        return {"error": {"message": refusal.sentence, "type": refusal.kind, "param": None, "code": None}}


class MistralWire(ChatWire):
    """Forbids what it does not know with a list of details, and counts in its last chunk unasked."""

    _FIELDS = frozenset({"model", "messages", "max_tokens", "temperature", "stream", "response_format"})

    def last(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"usage": self.usage}

    def after(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return []

    def refused(self, refusal: Refusal) -> Any:
        if refusal.status == 400:
            refusal.status = 422
        return {"detail": [{"type": "extra_forbidden", "loc": ["body"], "msg": refusal.sentence}]}


class OllamaWire(LanguageWire):
    """models: what is installed, and whether it sees. thinks: whether all of them can think."""

    thinks = False

    _FIELDS = frozenset({"model", "messages", "stream", "options", "format", "think"})
    _OPTIONS = frozenset({"num_ctx", "num_predict", "temperature"})

    def __init__(self, *replies: str, models: Mapping[str, bool] | None = None, tokens: tuple[int, int] = (10, 5)):
        super().__init__(*replies, tokens=tokens)
        self.models = models if models is not None else {"hermes3:8b": False}

    def answer(self, seen: Seen) -> Said:
        if seen.path == "/api/tags":
            return Said(body={"models": [{"model": name, "name": name, "size": 1} for name in self.models]})
        body = seen.json()
        if body.get("model") not in self.models:
            raise Refusal(404, "", f"model '{body.get('model')}' not found")
        if seen.path == "/api/show":
            sees = self.models[body["model"]]
            capabilities = ["completion", *(["vision"] if sees else []), *(["thinking"] if self.thinks else [])]
            return Said(body={"capabilities": capabilities, "model_info": {"llama.context_length": 8192}})
        if seen.path != "/api/chat":
            raise Refusal(404, "", "page not found")
        if "think" in body and not self.thinks:
            raise Refusal(400, "", f"{body['model']!r} does not support thinking")
        _only(body, self._FIELDS, needs={"model", "messages"}, kind="")
        _only(body.get("options", {}), self._OPTIONS, needs={"num_ctx"}, kind="")
        for message in body["messages"]:
            for image in message.get("images", []):
                if not self.models[body["model"]] or not image.startswith(_PNG):
                    raise Refusal(400, "", "this model does not take images")
        words = self.next_words()
        lines = [
            *({"message": {"role": "assistant", "content": word}, "done": False} for word in words),
            {
                "message": {"role": "assistant", "content": ""},
                "done": True,
                "done_reason": self.ends or "stop",
                "prompt_eval_count": self.tokens[0],
                "eval_count": self.tokens[1],
            },
        ]
        pieces = tuple(json.dumps(line).encode() + b"\n" for line in lines)
        return Said(headers={"Content-Type": "application/x-ndjson"}, pieces=pieces)

    def refused(self, refusal: Refusal) -> Any:
        return {"error": refusal.sentence}


def _sse(*events: str) -> Said:
    return Said(headers={"Content-Type": "text/event-stream"}, pieces=tuple(event.encode() for event in events))


def _only(body: Mapping[str, Any], known: frozenset[str], *, needs: set[str], kind: str) -> None:
    for name in body:
        if name not in known:
            raise Refusal(400, kind, f"{name}: Extra inputs are not permitted")
    for name in needs - set(body):
        raise Refusal(400, kind, f"{name}: Field required")


def _in_turn(messages: list[dict[str, Any]], *, kind: str) -> None:
    for place, message in enumerate(messages):
        if message["role"] != ("user" if place % 2 == 0 else "assistant"):
            raise Refusal(400, kind, "messages: roles must alternate between user and assistant")
        if not message["content"]:
            raise Refusal(400, kind, "messages: text content blocks must be non-empty")


def _strict_schema(schema: Any, *, kind: str) -> None:
    """What structured output takes: closed objects with everything required, and no bounds."""
    if isinstance(schema, list):
        for item in schema:
            _strict_schema(item, kind=kind)
    elif isinstance(schema, dict):
        if {"minItems", "maxItems", "minLength", "maxLength"} & set(schema):
            raise Refusal(400, kind, "schema: bounds are not supported")
        if schema.get("type") == "object" and (
            schema.get("additionalProperties") is not False or set(schema["required"]) != set(schema["properties"])
        ):
            raise Refusal(400, kind, "schema: additionalProperties must be false and all properties required")
        for value in schema.values():
            _strict_schema(value, kind=kind)
