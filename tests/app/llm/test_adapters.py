"""Every adapter over real HTTP, against stand-ins that refuse what the providers refuse."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import islice

import pytest

from app.llm import offers
from app.llm.anthropic import Anthropic
from app.llm.contract import Answer, Ask, LanguageError, LanguageModel, Message, Picture, Piece
from app.llm.ollama import Ollama, base_url
from app.llm.openai_compatible import COMPATIBLE, MISTRAL, OPENAI, OpenAICompatible
from tests.support.language_wires import KEY, AnthropicWire, ChatWire, LanguageWire, MistralWire, OllamaWire
from tests.support.wire import HTML, Fault, Said

PICTURE = Picture(b"\x89PNG\r\n\x1a\n", "image/png")
SCHEMA = {
    "type": "object",
    "properties": {"prompts": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}},
    "required": ["prompts"],
    "additionalProperties": False,
}
GOOD = json.dumps({"prompts": ["a red fox", "a white fox"]})

Make = Callable[[LanguageWire], LanguageModel]


def anthropic(wire: LanguageWire, key: str = KEY) -> LanguageModel:
    return Anthropic(offers.known("anthropic", "claude-haiku-5-5"), key=key, base_url=wire.url)


def openai(wire: LanguageWire, key: str = KEY) -> LanguageModel:
    return OpenAICompatible(offers.known("openai", "gpt-6-luna"), dialect=OPENAI, key=key, base_url=f"{wire.url}/v1")


def mistral(wire: LanguageWire, key: str = KEY) -> LanguageModel:
    offer = offers.known("mistral", "mistral-small-latest")
    return OpenAICompatible(offer, dialect=MISTRAL, key=key, base_url=f"{wire.url}/v1")


def ollama(wire: LanguageWire, key: str = KEY) -> LanguageModel:
    return Ollama(offers.known("ollama", "hermes3:8b"), host=wire.url)


ALL = pytest.mark.parametrize(
    ("wire_of", "make"),
    [(AnthropicWire, anthropic), (ChatWire, openai), (MistralWire, mistral), (OllamaWire, ollama)],
    ids=["anthropic", "openai", "mistral", "ollama"],
)
PAID = pytest.mark.parametrize(
    ("wire_of", "make", "cost"),
    [
        (AnthropicWire, anthropic, "0.0002"),
        (ChatWire, openai, "0.0002"),
        (MistralWire, mistral, "0.00027"),
    ],
    ids=["anthropic", "openai", "mistral"],
)


def ask(**more: object) -> Ask:
    messages = (Message("user", "Hello"), Message("assistant", "Hello."), Message("user", "A fox, please."))
    return Ask("You help.", messages, **{"temperature": 0.4, "timeout_s": 5.0, **more})  # type: ignore[arg-type] # fields of an Ask


@ALL
def test_words_come_in_pieces_and_the_whole_comes_last(wire_of: type[LanguageWire], make: Make) -> None:
    with wire_of("A fox stands in the snow, “still”.") as wire:
        *pieces, answer = make(wire).stream(ask())

    assert len(pieces) > 2
    assert isinstance(answer, Answer)
    assert "".join(piece.text for piece in pieces if isinstance(piece, Piece)) == answer.text
    assert answer.text == "A fox stands in the snow, “still”."
    assert answer.ended == "done"
    assert (answer.input_tokens, answer.output_tokens) == wire.tokens


@PAID
def test_cost_is_exact(wire_of: type[LanguageWire], make: Make, cost: str) -> None:
    with wire_of() as wire:
        assert make(wire).answer(ask()).cost == Decimal(cost)


def test_long_questions_cost_what_their_step_says() -> None:
    with AnthropicWire(tokens=(100_001, 10)) as wire:
        assert anthropic(wire).answer(ask()).cost == Decimal("0.0500255")


def test_a_model_that_thinks_gets_room_for_it_and_the_estimate_knows() -> None:
    with ChatWire() as wire:
        model = openai(wire)
        model.answer(ask(max_tokens=100))
        told = model.estimate(ask(max_tokens=100))

    assert wire.asked[0]["max_completion_tokens"] == 1100
    assert told is not None
    assert Decimal("0.00055") < told < Decimal("0.0006")


@ALL
def test_data_is_read_and_validated(wire_of: type[LanguageWire], make: Make) -> None:
    with wire_of(f"```json\n{GOOD}\n```") as wire:
        answer = make(wire).answer(ask(schema=SCHEMA))

    assert answer.data == {"prompts": ["a red fox", "a white fox"]}
    assert len(wire.asked) == 1 or isinstance(wire, OllamaWire)


@ALL
def test_data_of_another_shape_is_asked_for_once_more_with_what_is_wrong(
    wire_of: type[LanguageWire], make: Make
) -> None:
    with wire_of(json.dumps({"prompts": ["only one"]}), GOOD) as wire:
        answer = make(wire).answer(ask(schema=SCHEMA))
        last = wire.asked[-1]["messages"]

    assert answer.data == {"prompts": ["a red fox", "a white fox"]}
    assert answer.input_tokens == 2 * wire.tokens[0]
    assert "at least 2 items" in last[-1]["content"]
    assert last[-2] == {"role": "assistant", "content": json.dumps({"prompts": ["only one"]})}


@PAID
def test_data_that_stays_wrong_fails_and_what_it_cost_is_told(
    wire_of: type[LanguageWire], make: Make, cost: str
) -> None:
    with wire_of("I would rather not.") as wire, pytest.raises(LanguageError, match="form that cannot be used") as why:
        make(wire).answer(ask(schema=SCHEMA))

    assert why.value.cost == 2 * Decimal(cost)
    assert len(wire.ledger) == 2


@pytest.mark.parametrize(("wire_of", "make"), [(AnthropicWire, anthropic), (ChatWire, openai), (MistralWire, mistral)])
def test_pictures_go_along(wire_of: type[LanguageWire], make: Make) -> None:
    with wire_of("A small white square.") as wire:
        answer = make(wire).answer(Ask("", (Message("user", "What is this?", (PICTURE,)),), timeout_s=5))

    assert answer.text == "A small white square."
    assert make(wire).sees


def test_ollama_tells_which_models_see_and_shows_them_pictures() -> None:
    with OllamaWire("A square.", models={"minicpm-v": True, "hermes3:8b": False}) as wire:
        seeing = Ollama(offers.known("ollama", "minicpm-v"), host=wire.url)

        assert seeing.sees
        assert not ollama(wire).sees
        assert seeing.answer(Ask("", (Message("user", "What?", (PICTURE,)),), timeout_s=5)).text == "A square."
        assert seeing.installed() == ["minicpm-v", "hermes3:8b"]


def test_ollama_gets_room_for_long_questions_up_to_what_the_model_holds() -> None:
    with OllamaWire() as wire:
        ollama(wire).answer(ask())
        ollama(wire).answer(Ask("long " * 10_000, (Message("user", "Hello"),), timeout_s=5))
        rooms = [body["options"]["num_ctx"] for body in wire.asked if "options" in body]

    assert rooms == [4096, 8192]


def test_ollama_costs_nothing_does_not_think_and_varies_when_asked_to() -> None:
    with OllamaWire(GOOD) as wire:
        wire.thinks = True
        assert ollama(wire).estimate(ask()) == 0
        ollama(wire).answer(ask(schema=SCHEMA))
        ollama(wire).answer(ask(schema=SCHEMA, temperature=None))
        asked = [body for body in wire.asked if "options" in body]

    assert [body["think"] for body in asked] == [False, False]
    assert [body["options"]["temperature"] for body in asked] == [0.4, 0]


def test_ollama_without_the_model_says_how_to_get_it() -> None:
    with OllamaWire(models={}) as wire, pytest.raises(LanguageError, match="ollama pull hermes3:8b"):
        ollama(wire).answer(ask())


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("gpu-box", "http://gpu-box:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - what servers are told, not clients
        ("https://ollama.example.com", "https://ollama.example.com:443"),
        ("http://[::1]:9/", "http://[::1]:9"),
    ],
)
def test_an_ollama_host_is_read_as_ollama_reads_it(host: str, address: str) -> None:
    assert base_url(host) == address


def test_a_server_that_cannot_be_held_to_a_schema_is_asked_in_words() -> None:
    class Plain(ChatWire):
        _FIELDS = ChatWire._FIELDS | {"max_tokens", "temperature"}
        takes_schema = False

    with Plain(GOOD) as wire:
        model = OpenAICompatible(
            offers.known("compatible", "tiny"), dialect=COMPATIBLE, key=KEY, base_url=f"{wire.url}/v1"
        )
        assert model.answer(ask(schema=SCHEMA)).data == json.loads(GOOD)
        assert model.estimate(ask()) is None


def test_a_server_that_cannot_stream_is_understood() -> None:
    whole = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "A fox."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3},
    }
    with ChatWire() as wire:
        wire.faults.append(Fault("answer", Said(200, json.dumps(whole, indent=2))))
        *pieces, answer = openai(wire).stream(ask())

    assert pieces == [Piece("A fox.")]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.input_tokens, answer.output_tokens) == ("A fox.", 12, 3)


@pytest.mark.parametrize(
    ("wire_of", "make", "reason"), [(AnthropicWire, anthropic, "refusal"), (ChatWire, openai, "content_filter")]
)
def test_a_refusal_is_told_as_one(wire_of: type[LanguageWire], make: Make, reason: str) -> None:
    with wire_of("No.") as wire:
        wire.ends = reason
        assert make(wire).answer(ask()).ended == "refused"
        with pytest.raises(LanguageError, match="refused"):
            make(wire).answer(ask(schema=SCHEMA))


@ALL
@pytest.mark.parametrize(
    ("fault", "sentence", "retryable"),
    [
        (Fault("answer", Said(429, {}, {"Retry-After": "7"})), "in 7 seconds", True),
        (Fault("answer", Said(402, {})), "no credit", False),
        (Fault("answer", Said(500, "<html>oops</html>")), "trouble of its own", True),
        (Fault("answer", HTML), "no usable answer", True),
        (Fault("garbage"), "no usable answer", True),
        (Fault("cut"), "no usable answer", True),
        (Fault("answer", Said(pieces=(b'data: {"choices"',))), "no usable answer", True),
    ],
    ids=["429", "402", "500", "html", "garbage", "cut", "half a line"],
)
def test_every_failure_is_a_sentence(
    wire_of: type[LanguageWire], make: Make, fault: Fault, sentence: str, retryable: bool
) -> None:
    with wire_of() as wire:
        wire.faults.append(
            Fault(fault.kind, fault.said, path="/api/chat" if wire_of is OllamaWire else "/", pause_s=fault.pause_s)
        )
        with pytest.raises(LanguageError, match=sentence) as why:
            make(wire).answer(ask())

    assert why.value.retryable is retryable


@pytest.mark.parametrize(
    ("status", "error", "sentence", "retryable"),
    [
        (429, {"type": "insufficient_quota", "code": "credit_balance_exhausted"}, "no credit left", False),
        (429, {"type": "insufficient_quota", "code": None}, "no credit left", False),
        (429, {"type": "requests", "code": "rate_limit_exceeded"}, "is busy", True),
        (400, {"type": "invalid_request_error", "code": "context_length_exceeded"}, "too much at once", False),
    ],
)
def test_what_a_status_alone_does_not_tell_is_told_by_the_providers_word(
    status: int, error: dict[str, object], sentence: str, retryable: bool
) -> None:
    with ChatWire() as wire:
        wire.faults.append(Fault("answer", Said(status, {"error": {**error, "message": "no"}})))
        with pytest.raises(LanguageError, match=sentence) as why:
            openai(wire).answer(ask())

    assert why.value.retryable is retryable


@ALL
@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_time_is_bounded_in_silence_and_in_a_drip(wire_of: type[LanguageWire], make: Make, kind: str) -> None:
    slow = Said(headers={"Content-Type": "text/event-stream"}, pieces=(b":",) * 200, pause_s=0.05)
    with wire_of() as wire:
        path = "/api/chat" if wire_of is OllamaWire else "/"
        wire.faults.append(Fault("hang", path=path) if kind == "hang" else Fault("answer", slow, path=path))
        began = time.monotonic()
        with pytest.raises(LanguageError):
            make(wire).answer(ask(timeout_s=0.4))

        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(("wire_of", "make"), [(AnthropicWire, anthropic), (ChatWire, openai), (MistralWire, mistral)])
def test_a_wrong_key_is_told_and_never_repeated(
    wire_of: type[LanguageWire], make: Callable[..., LanguageModel]
) -> None:
    with wire_of() as wire, pytest.raises(LanguageError, match="does not accept the key") as why:
        make(wire, key="sk-wrong-and-secret-0123456789").answer(ask())

    assert "0123456789" not in why.value.detail
    assert len(wire.seen) == 1


def test_a_stream_that_breaks_in_the_middle_says_so() -> None:
    half = (
        b'data: {"choices": [{"index": 0, "delta": {"content": "A fox"}}]}\n\n',
        b'data: {"error": {"type": "server_error", "message": "gone"}}\n\n',
    )
    with ChatWire() as wire:
        wire.faults.append(Fault("answer", Said(pieces=half)))
        pieces = openai(wire).stream(ask())

        assert next(pieces) == Piece("A fox")
        with pytest.raises(LanguageError, match="broke off"):
            next(pieces)


def test_whoever_stops_listening_ends_the_call() -> None:
    class Endless(ChatWire):
        went = False

        def handle(self, seen):  # type: ignore[no-untyped-def] # as its parent's
            said = super().handle(seen)
            return Said(headers=said.headers, pieces=said.pieces[:2] * 500, pause_s=0.01)

        def _send(self, handler, said) -> None:  # type: ignore[no-untyped-def] # as its parent's
            try:
                super()._send(handler, said)
            except OSError:
                self.went = True

    with Endless("one two three") as wire:
        pieces = openai(wire).stream(ask())
        assert len(list(islice(pieces, 3))) == 3
        pieces.close()  # type: ignore[attr-defined] # a generator
        deadline = time.monotonic() + 3
        while not wire.went and time.monotonic() < deadline:
            time.sleep(0.01)

        assert wire.went
