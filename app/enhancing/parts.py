"""The prompts of a request one by one: which were written before, what the others cost, having them written."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal

import structlog

from app.enhancing import memory
from app.enhancing.asking import ask_for
from app.enhancing.domain import MOST_PROMPTS, Wish, digest, joined, macros_in, parts_of, usable
from app.enhancing.errors import NothingToEnhance, TooManyParts
from app.llm import registry
from app.llm.contract import Answer, Ask, LanguageError, LanguageModel, Message
from app.money import ZERO

log = structlog.get_logger(__name__)

# At once for one request: providers count requests, and others want their turn.
_AT_ONCE = 4
# Of the time that one answer may take, all of many may take so much.
MOST_ROUNDS = 2
_OTHERS = "Write {} more, each different from those, as the same JSON object with the new ones alone."
_MACROS_LOST = "Each must hold exactly the macros of the prompt, copied character by character, and no others."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one prompt. error: why it has no variations, or empty."""

    prompt: str
    prompts: list[str]
    cached: bool = False
    error: str = ""


@dataclass(slots=True)
class Part:
    """One prompt to be written, and what became of it. model: the id of who wrote it."""

    wish: Wish
    digest: str
    prompts: list[str] = field(default_factory=list)
    model: str = ""
    cached: bool = False
    error: str = ""
    cost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Work:
    """A request in parts: a list of them for each of its wishes."""

    wishes: Sequence[Wish]
    parts: Sequence[Sequence[Part]]

    @property
    def open(self) -> list[Part]:
        """What was not written before."""
        return [part for parts in self.parts for part in parts if not part.cached]

    @property
    def cost(self) -> Decimal:
        return sum((part.cost for part in self.open), ZERO)

    @property
    def outcomes(self) -> list[Outcome]:
        return [_outcome(wish, parts) for wish, parts in zip(self.wishes, self.parts, strict=True)]

    @property
    def writers(self) -> list[str]:
        """The ids of who wrote, in the order they first did."""
        return list(dict.fromkeys(part.model for parts in self.parts for part in parts if part.model))


def parted(owner_id: uuid.UUID, wishes: Sequence[Wish], model: LanguageModel, *, fresh: bool) -> Work:
    """The work there is for a model. fresh: what was written before counts for nothing.

    Raises MacroError, NothingToEnhance and TooManyParts.
    """
    prompts = [[Part(part, digest(part, model.id)) for part in parts_of(wish)] for wish in wishes]
    if not prompts or not all(prompts):
        raise NothingToEnhance
    count = sum(map(len, prompts))
    if count > MOST_PROMPTS:
        raise TooManyParts(count, MOST_PROMPTS)
    if not fresh:
        known = memory.recall(owner_id, (part.digest for parts in prompts for part in parts))
        for parts in prompts:
            for part in parts:
                found = known.get(part.digest)
                if found is not None and len(found.prompts) >= part.wish.count:
                    part.prompts, part.model, part.cached = found.prompts[: part.wish.count], found.model, True
    return Work(wishes, prompts)


def price_of(work: Work, model: LanguageModel) -> Decimal | None:
    """The most that the open parts are likely to cost; None when the model has no known price."""
    prices = [model.estimate(question(part.wish, timeout_s=1)) for part in work.open]
    known = [price for price in prices if price is not None]
    return sum(known, ZERO) if len(known) == len(prices) else None


def write(work: Work, model: LanguageModel, *, answer_s: float) -> None:
    """Fill in what each open part became, each within the time of an answer, all of them within MOST_ROUNDS of it."""
    open_ = work.open
    ends = time.monotonic() + answer_s * (1 if len(open_) <= _AT_ONCE else MOST_ROUNDS)
    if len(open_) == 1:
        _write(model, open_[0], ends)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda part: _write(model, part, min(ends, time.monotonic() + answer_s)), open_))


def question(wish: Wish, *, timeout_s: float) -> Ask:
    return ask_for(wish, timeout_s=timeout_s, has_macros=bool(macros_in(wish.prompt)))


def _write(model: LanguageModel, part: Part, ends: float) -> None:
    """Ask, and once more for what is missing: small models lose count, and macros."""
    ask = question(part.wish, timeout_s=max(1.0, ends - time.monotonic()))
    try:
        answer = _take(model, part, ask)
        if len(part.prompts) < part.wish.count and time.monotonic() < ends:
            _take(model, part, _for_the_rest(part, ask, answer, ends))
    except LanguageError as error:
        part.cost += error.cost
        if not part.prompts:
            part.error = error.sentence
    else:
        if not part.prompts:
            log.warning("enhancing_lost_macros", model=part.model)
            part.error = "The language model did not keep the macros of this prompt. Try again, or write without them."


def _take(model: LanguageModel, part: Part, ask: Ask) -> Answer:
    """One answer: what is usable of it joins the part."""
    answer = model.answer(ask)
    part.cost += answer.cost
    part.prompts = usable(part.wish, [*part.prompts, *answer.data["prompts"]])
    part.model = answer.provider if answer.provider == registry.BUILTIN else f"{answer.provider}:{answer.model}"
    return answer


def _for_the_rest(part: Part, ask: Ask, answer: Answer, ends: float) -> Ask:
    missing = part.wish.count - len(part.prompts)
    told = _OTHERS.format(missing) + (f" {_MACROS_LOST}" if macros_in(part.wish.prompt) else "")
    messages = (*ask.messages, Message("assistant", answer.text), Message("user", told))
    return replace(ask, messages=messages, timeout_s=max(1.0, ends - time.monotonic()))


def _outcome(wish: Wish, parts: Sequence[Part]) -> Outcome:
    error = next((part.error for part in parts if part.error), "")
    if error:
        return Outcome(wish.prompt, [], error=error)
    return Outcome(wish.prompt, joined([part.prompts for part in parts]), cached=all(part.cached for part in parts))
