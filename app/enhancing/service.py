"""Ask for variations of prompts: priced before, paid by what it came to, and remembered."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal

import structlog

from app import money
from app.accounts import provider_keys
from app.billing import service as billing
from app.billing.service import Workload
from app.db import db, new_id
from app.enhancing import memory
from app.enhancing.domain import MOST_PROMPTS, Wish, digest, joined, macros_in, parts_of, usable
from app.enhancing.errors import NobodyWrote, NothingToEnhance, TooManyParts
from app.enhancing.memory import Written
from app.enhancing.writing import ask_for
from app.extensions import settings
from app.llm import registry
from app.llm.chain import Chain
from app.llm.contract import Answer, Ask, LanguageError, LanguageModel, Message
from app.money import ZERO

log = structlog.get_logger(__name__)

# At once for one request: providers count requests, and a worker's other greenlets want their turn.
_AT_ONCE = 4
_USUAL = Wish("a prompt of some twenty words, as people type them, " * 3)
_OTHERS = "Write {} more, each different from those, as the same JSON object with the new ones alone."
_MACROS_LOST = "Each must hold exactly the macros of the prompt, copied character by character, and no others."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one prompt. error: why it has no variations, or empty."""

    prompt: str
    prompts: list[str]
    cached: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Writer:
    """A language model by its id and as people know it; or our rules."""

    id: str
    name: str

    @property
    def is_rules(self) -> bool:
        return self.id == registry.BUILTIN


@dataclass(frozen=True, slots=True)
class Enhanced:
    """writers: who wrote, in the order they first did. cost: US dollars, exact."""

    outcomes: list[Outcome]
    writers: list[Writer]
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """price: the most it will cost, None when the model has no known price. cached: prompts that cost nothing again."""

    price: Decimal | None
    writer: Writer
    cached: int


@dataclass(frozen=True, slots=True)
class Offer:
    """price_text: empty when the model has no known price."""

    writer: Writer
    price_text: str


@dataclass(slots=True)
class _Part:
    """One prompt to be written, and what became of it."""

    wish: Wish
    digest: str
    prompts: list[str] = field(default_factory=list)
    model: str = ""
    cached: bool = False
    error: str = ""
    cost: Decimal = ZERO


def offer(owner_id: uuid.UUID) -> Offer:
    """Who would write, and what the usual wish costs at most."""
    model = _to_name(owner_id)
    price = model.estimate(_ask(_USUAL, timeout_s=1))
    return Offer(Writer(model.id, model.name), money.show(price) if price is not None else "")


def estimate(owner_id: uuid.UUID, wishes: Sequence[Wish]) -> Estimate:
    """What `enhance` would cost. Raises the same refusals, but asks nobody."""
    model = _to_name(owner_id)
    prompts = _prompts(owner_id, wishes, model, fresh=False)
    open_ = [part for parts in prompts for part in parts if not part.cached]
    cached = sum(all(part.cached for part in parts) for parts in prompts)
    return Estimate(_price(model, open_), Writer(model.id, model.name), cached)


def enhance(owner_id: uuid.UUID, wishes: Sequence[Wish], *, fresh: bool = False) -> Enhanced:
    """Variations of each prompt. fresh: not those of before.

    Raises MacroError, NothingToEnhance, TooManyParts, BudgetReached, and NobodyWrote when not one prompt was written.
    """
    own = provider_keys.keys_for_words(owner_id)
    model = registry.language_model(own)
    prompts = _prompts(owner_id, wishes, model, fresh=fresh)
    open_ = [part for parts in prompts for part in parts if not part.cached]
    price = _price(model, open_) or ZERO
    provider, _, name = model.id.partition(":")
    work = Workload(new_id(), 1, units=0, price=price, provider=provider[:32], model=name[:64])
    if price:
        # Nobody closes this one should we die now: its estimate then stays counted for the day, on the safe side.
        billing.reserve(owner_id, [work])
    # The connection goes back before the slow part.
    db.session.commit()
    _write_all(model, open_)
    cost = sum((part.cost for part in open_), ZERO)
    if price:
        on_own = bool(own) and all(part.model.partition(":")[0] in own for part in open_ if part.cost)
        billing.settle(owner_id, work, cost=cost, own_key=on_own)
    # What the rules write costs nothing and is the same every time; and after an outage the model shall have its turn.
    memory.remember(
        owner_id,
        {
            part.digest: Written(part.prompts, part.model)
            for part in open_
            if part.prompts and part.model != registry.BUILTIN
        },
    )
    db.session.commit()
    outcomes = [_outcome(wish, parts) for wish, parts in zip(wishes, prompts, strict=True)]
    if not any(outcome.prompts for outcome in outcomes):
        raise NobodyWrote(outcomes[0].error)
    names = {each.id: each.name for each in (model.models if isinstance(model, Chain) else (model,))}
    ids = dict.fromkeys(part.model for parts in prompts for part in parts if part.model)
    return Enhanced(outcomes, [Writer(each, names.get(each, each)) for each in ids], cost)


def _to_name(owner_id: uuid.UUID) -> LanguageModel:
    """The person's language model to look at, not to ask: no key is opened for it."""
    own = provider_keys.providers_of(owner_id) & provider_keys.WORDS
    return registry.language_model(dict.fromkeys(own, "unopened"))


def _prompts(owner_id: uuid.UUID, wishes: Sequence[Wish], model: LanguageModel, *, fresh: bool) -> list[list[_Part]]:
    prompts = [[_Part(part, digest(part, model.id)) for part in parts_of(wish)] for wish in wishes]
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
    return prompts


def _price(model: LanguageModel, open_: Sequence[_Part]) -> Decimal | None:
    prices = [model.estimate(_ask(part.wish, timeout_s=1)) for part in open_]
    known = [price for price in prices if price is not None]
    return sum(known, ZERO) if len(known) == len(prices) else None


def _write_all(model: LanguageModel, open_: Sequence[_Part]) -> None:
    """Fill in what each part became; all of it within the time that one answer may take, twice over for many."""
    limit = settings().language_timeout_s
    ends = time.monotonic() + (limit if len(open_) <= _AT_ONCE else 2 * limit)
    if len(open_) == 1:
        _write(model, open_[0], min(ends, time.monotonic() + limit))
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda part: _write(model, part, min(ends, time.monotonic() + limit)), open_))


def _write(model: LanguageModel, part: _Part, ends: float) -> None:
    """Ask, and once more for what is missing: small models lose count, and macros."""
    ask = _ask(part.wish, timeout_s=max(1.0, ends - time.monotonic()))
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


def _take(model: LanguageModel, part: _Part, ask: Ask) -> Answer:
    """One answer: what is usable of it joins the part."""
    answer = model.answer(ask)
    part.cost += answer.cost
    part.prompts = usable(part.wish, [*part.prompts, *answer.data["prompts"]])
    part.model = answer.provider if answer.provider == registry.BUILTIN else f"{answer.provider}:{answer.model}"
    return answer


def _for_the_rest(part: _Part, ask: Ask, answer: Answer, ends: float) -> Ask:
    missing = part.wish.count - len(part.prompts)
    told = _OTHERS.format(missing) + (f" {_MACROS_LOST}" if macros_in(part.wish.prompt) else "")
    messages = (*ask.messages, Message("assistant", answer.text), Message("user", told))
    return replace(ask, messages=messages, timeout_s=max(1.0, ends - time.monotonic()))


def _ask(wish: Wish, *, timeout_s: float) -> Ask:
    return ask_for(wish, timeout_s=timeout_s, has_macros=bool(macros_in(wish.prompt)))


def _outcome(wish: Wish, parts: Sequence[_Part]) -> Outcome:
    error = next((part.error for part in parts if part.error), "")
    if error:
        return Outcome(wish.prompt, [], error=error)
    return Outcome(wish.prompt, joined([part.prompts for part in parts]), cached=all(part.cached for part in parts))
