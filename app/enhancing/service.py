"""What a person can ask for: variations of prompts, their price beforehand, and how a request stands.

What is remembered, and what the built-in rules write, is there at once. For anything else a language model is waited
for, perhaps with a key of the person's own, and that is a worker's (`writing`): here is only the row it fills.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

import sqlalchemy as sa

from app import money
from app.accounts import provider_keys
from app.background import TaskName, ring
from app.billing import service as billing
from app.db import after_commit, db, new_id
from app.enhancing import parts
from app.enhancing.domain import OPEN, State, Wish
from app.enhancing.errors import NobodyWrote, TooManyAtOnce
from app.enhancing.models import EnhanceRequest
from app.enhancing.parts import Outcome, Work
from app.errors import NotFound
from app.extensions import settings
from app.live import gunicorn_worker
from app.llm import registry
from app.llm.chain import Chain
from app.llm.contract import LanguageModel
from app.money import ZERO

# Of one person: each holds a worker's thread while a model writes.
MOST_AT_ONCE = 4
_LOOK_S = 0.2
_USUAL = Wish("a prompt of some twenty words, as people type them, " * 3)


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
    """What came of a request so far. request_id: to ask again by; None for what was there at once.

    writers: who wrote, in the order they first did. cost: US dollars, exact. error: why nothing was written, or empty.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    writers: list[Writer] = field(default_factory=list)
    cost: Decimal = ZERO
    request_id: uuid.UUID | None = None
    state: State = State.DONE
    error: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


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


def offer(owner_id: uuid.UUID) -> Offer:
    """Who would write, and what the usual wish costs at most."""
    model = _model_to_name(owner_id)
    price = model.estimate(parts.question(_USUAL, timeout_s=1))
    return Offer(Writer(model.id, model.name), money.show(price) if price is not None else "")


def estimate(owner_id: uuid.UUID, wishes: Sequence[Wish]) -> Estimate:
    """What `enhance` would cost. Raises the same refusals, but asks nobody."""
    model = _model_to_name(owner_id)
    work = parts.parted(owner_id, wishes, model, fresh=False)
    return Estimate(
        parts.price_of(work, model), Writer(model.id, model.name), sum(outcome.cached for outcome in work.outcomes)
    )


def enhance(owner_id: uuid.UUID, wishes: Sequence[Wish], *, fresh: bool = False) -> Enhanced:
    """Variations of each prompt, or a request that is open until a worker has had them written.

    The same wishes again while they are being written are the same request. fresh: not what was written before.
    Raises MacroError, NothingToEnhance, TooManyParts, TooManyAtOnce and BudgetReached.
    """
    model = _model_to_name(owner_id)
    work = parts.parted(owner_id, wishes, model, fresh=fresh)
    if model.id == registry.BUILTIN:
        parts.write(work, model, answer_s=settings().language_timeout_s)
    elif work.open:
        return _as_told(_asked(owner_id, work, model, fresh=fresh))
    return came_of(work, model)


def answer_to(owner_id: uuid.UUID, request_id: uuid.UUID, *, wait_s: float = 0.0) -> Enhanced:
    """How a request of the person's own stands; waits a while for its end, holding neither key nor connection.

    Raises NotFound: answers are kept for an hour.
    """
    ends = time.monotonic() + wait_s
    while True:
        request = _request_for(owner_id, request_id)
        left = ends - time.monotonic()
        if request.state not in OPEN or left <= 0 or gunicorn_worker.is_stopping():
            return _as_told(request)
        db.session.rollback()
        time.sleep(min(_LOOK_S, left))


def check_written(enhanced: Enhanced) -> None:
    """Raises NobodyWrote for a request that failed."""
    if enhanced.state is State.FAILED:
        raise NobodyWrote(enhanced.error)


def came_of(work: Work, model: LanguageModel) -> Enhanced:
    """What a model made of it: failed where not one prompt was written."""
    outcomes = work.outcomes
    names = {each.id: each.name for each in (model.models if isinstance(model, Chain) else (model,))}
    writers = [Writer(each, names.get(each, each)) for each in work.writers]
    if any(outcome.prompts for outcome in outcomes):
        return Enhanced(outcomes, writers, work.cost)
    return Enhanced(outcomes, writers, work.cost, state=State.FAILED, error=outcomes[0].error)


def _model_to_name(owner_id: uuid.UUID) -> LanguageModel:
    """The person's language model to look at, not to ask: no key is opened for it."""
    return registry.model_to_name(provider_keys.providers_of(owner_id))


def _asked(owner_id: uuid.UUID, work: Work, model: LanguageModel, *, fresh: bool) -> EnhanceRequest:
    """The row for a worker, its price set aside."""
    wishes = [asdict(wish) | {"styles": list(wish.styles)} for wish in work.wishes]
    open_ = db.session.scalars(
        sa.select(EnhanceRequest).where(EnhanceRequest.owner_id == owner_id, EnhanceRequest.state.in_(OPEN))
    ).all()
    same = next((each for each in open_ if each.wishes == wishes and each.fresh == fresh), None)
    if same is not None:
        return same
    if len(open_) >= MOST_AT_ONCE:
        raise TooManyAtOnce(MOST_AT_ONCE)
    request = EnhanceRequest(id=new_id(), owner_id=owner_id, wishes=wishes, fresh=fresh)
    price = parts.price_of(work, model) or ZERO
    billing.reserve(owner_id, [billing.words(request.id, 1, model.id, price=price)])
    db.session.add(request)
    request_id = request.id
    after_commit(lambda: _ring(request_id))
    db.session.commit()
    return request


def _ring(request_id: uuid.UUID) -> None:
    ring(TaskName.ENHANCE, request_id)


def _request_for(owner_id: uuid.UUID, request_id: uuid.UUID) -> EnhanceRequest:
    request = db.session.get(EnhanceRequest, request_id)
    if request is None or request.owner_id != owner_id:
        raise NotFound("request")
    return request


def _as_told(request: EnhanceRequest) -> Enhanced:
    return Enhanced(
        [Outcome(**each) for each in request.outcomes],
        [Writer(**each) for each in request.writers],
        request.cost,
        request.id,
        State(request.state),
        request.error,
    )
