"""One request from its claim to its end, in a worker: the only place that opens keys for it and waits for a model.

The row is the truth. Who dies on the way leaves it to the sweep, which ends it with a sentence and gives back what was
set aside for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError

from app.accounts import provider_keys
from app.background import TaskName, ring
from app.billing import service as billing
from app.db import after_commit, database_now, db, rows_changed
from app.enhancing import memory, parts
from app.enhancing.domain import OPEN, State, Wish
from app.enhancing.memory import Written
from app.enhancing.models import EnhanceRequest
from app.enhancing.parts import Work
from app.enhancing.service import came_of
from app.errors import AppError
from app.extensions import settings
from app.generation.leases import is_abandoned, lease_owner
from app.live import publish
from app.llm import registry
from app.llm.contract import LanguageModel
from app.money import ZERO

log = structlog.get_logger(__name__)

# How much longer a writer is believed to be alive than its models may take.
_GRACE_S = 30.0
# What nobody began this long after it was asked for has lost its message; after that long nobody waits for it.
_UNCLAIMED = timedelta(seconds=3)
_UNTAKEN = timedelta(minutes=5)
# Whoever asked has read it by then; what was written is remembered for longer.
_KEPT = timedelta(hours=1)

_BROKE = "Something went wrong on our side while writing. It was logged; ask again."
_DIED = "The process that had this written was stopped. Nothing is counted for it; ask again."
_NOBODY_CAME = "Nobody was free to have this written. Nothing is counted for it; ask again."


def write(request_id: uuid.UUID) -> None:
    """Have a waiting request written. Safe to call at any time, any number of times, from anywhere."""
    request = _claim(request_id)
    if request is None:
        return
    work = None
    try:
        own = provider_keys.keys_for_words(request.owner_id)
        model = registry.language_model(own)
        wishes = [Wish(**each | {"styles": tuple(each["styles"])}) for each in request.wishes]
        work = parts.parted(request.owner_id, wishes, model, fresh=request.fresh)
        # The connection goes back before the slow part.
        db.session.rollback()
        parts.write(work, model, answer_s=settings().language_timeout_s)
        _finish(request, work, model, own)
    except AppError as error:
        _fail(request, work, error.message)
    except OperationalError:
        # The database is away or busy, so nothing can be noted now; the sweep finds the row when the lease is over.
        db.session.rollback()
        log.exception("database_away")
    except Exception:
        # The boundary of a worker: whatever went wrong, the person is told, and the request does not hang.
        log.exception("enhancing_broke")
        _fail(request, work, _BROKE)


def sweep() -> int:
    """The safety net: ring for requests whose message was lost, end those whose writer died or never came, and drop
    old answers. Returns how many were stuck."""
    now = database_now()
    rows_changed(
        sa.delete(EnhanceRequest).where(EnhanceRequest.state.not_in(OPEN), EnhanceRequest.created_at < now - _KEPT)
    )
    open_ = db.session.scalars(sa.select(EnhanceRequest).where(EnhanceRequest.state.in_(OPEN))).all()
    waiting = [each for each in open_ if each.state == State.WAITING and each.created_at < now - _UNCLAIMED]
    untaken = [each for each in waiting if each.created_at < now - _UNTAKEN]
    writing = [each for each in open_ if each.state == State.WRITING]
    dead = [each for each in writing if is_abandoned(each.lease_owner, each.lease_until, now)]
    lost = [each.id for each in waiting if each not in untaken]
    for requests, sentence in ((untaken, _NOBODY_CAME), (dead, _DIED)):
        for request in requests:
            _end(request, State.FAILED, error=sentence)
    db.session.commit()
    for request_id in lost:
        ring(TaskName.ENHANCE, request_id)
    if untaken or dead:
        log.warning("enhancing_abandoned", untaken=len(untaken), dead=len(dead))
    return len(waiting) + len(dead)


def _claim(request_id: uuid.UUID) -> EnhanceRequest | None:
    """Take a waiting request that nobody has taken. Returns it, detached; None if it is not to be had."""
    request = db.session.scalars(
        sa.update(EnhanceRequest)
        .where(EnhanceRequest.id == request_id, EnhanceRequest.state == State.WAITING)
        .values(
            state=State.WRITING,
            attempt=EnhanceRequest.attempt + 1,
            lease_owner=lease_owner(),
            lease_until=_lease(),
        )
        .returning(EnhanceRequest),
        execution_options={"synchronize_session": False, "populate_existing": True},
    ).one_or_none()
    if request is not None:
        db.session.expunge(request)
    db.session.commit()
    return request


def _finish(request: EnhanceRequest, work: Work, model: LanguageModel, own: Mapping[str, str]) -> None:
    told = came_of(work, model)
    paid = [part.model or model.id for part in work.open if part.cost]
    _end(
        request,
        told.state,
        cost=told.cost,
        paid_to=paid[0] if paid else "",
        own_key=bool(paid) and all(each.partition(":")[0] in own for each in paid),
        outcomes=[asdict(outcome) for outcome in told.outcomes],
        writers=[asdict(writer) for writer in told.writers],
        error=told.error,
    )
    # What the rules write costs nothing and is the same every time; and after an outage the model shall have its turn.
    memory.remember(
        request.owner_id,
        {
            part.digest: Written(part.prompts, part.model)
            for part in work.open
            if part.prompts and part.model != registry.BUILTIN
        },
    )
    db.session.commit()


def _fail(request: EnhanceRequest, work: Work | None, sentence: str) -> None:
    db.session.rollback()
    _end(request, State.FAILED, cost=work.cost if work is not None else ZERO, error=sentence)
    db.session.commit()


def _end(
    request: EnhanceRequest,
    state: State,
    *,
    cost: Decimal = ZERO,
    paid_to: str = "",
    own_key: bool = False,
    **values: Any,
) -> None:
    """Move an open request to its last state, in the caller's transaction, and close its account at what it came to.

    Whoever is second changes nothing. paid_to: the id of the language model the money went to.
    """
    still_ours = sa.update(EnhanceRequest).where(
        EnhanceRequest.id == request.id, EnhanceRequest.attempt == request.attempt, EnhanceRequest.state.in_(OPEN)
    )
    if not rows_changed(still_ours.values(state=state, cost=cost, lease_owner=None, lease_until=None, **values)):
        log.warning("enhancing_ended_before", attempt=request.attempt)
        return
    close = billing.release if state is State.FAILED else billing.settle
    close(request.owner_id, billing.words(request.id, 1, paid_to), cost=cost, own_key=own_key)
    owner_id, data = request.owner_id, {"id": str(request.id)}
    after_commit(lambda: publish(owner_id, "enhanced", data))


def _lease() -> datetime:
    most_s = parts.MOST_ROUNDS * settings().language_timeout_s + _GRACE_S
    return database_now() + timedelta(seconds=most_s)
