"""One answer from its claim to its end: words go into the row as they come, and to the pages right after.

The row is the truth: a page opened in the middle shows what stands there, and so does one whose tab was closed. Who
dies on the way leaves the words that came; the sweep marks them interrupted.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError

from app.accounts import provider_keys
from app.billing import service as billing
from app.chat import asking, endings, events
from app.chat.asking import Material
from app.chat.domain import SUMMARY_CHARS, SUMMARY_TASK, State, extract, transcript
from app.chat.models import ChatMessage, Conversation
from app.db import database_now, db, rows_changed
from app.errors import AppError
from app.extensions import settings
from app.generation import running
from app.generation.leases import lease_owner
from app.history.words import folded
from app.llm import registry
from app.llm.contract import Answer, Ask, LanguageError, LanguageModel, Message, Piece
from app.money import ZERO
from app.texts import UNSTORABLE

log = structlog.get_logger(__name__)

# How often words are stored and told, at most.
TELL_S = 0.25
# How much longer a writer is believed to be alive than its model may keep silent.
_GRACE_S = 30.0
ANSWER_CHARS = 32_000

_NOTES = {"length": "The answer was cut where it became too long.", "refused": "The model did not want to answer this."}
_BLIND = "{} cannot see pictures. It goes by the prompts they were made with, as far as those are known."


class _Lost(Exception):
    """The answer is no longer ours to write: it was stopped, or taken away."""


class _Leaving(Exception):
    """This process was asked to stop."""


def write(message_id: uuid.UUID) -> None:
    """Write an answer that waits. Safe to call at any time, any number of times, from anywhere."""
    answer = _claim(message_id)
    if answer is None:
        return
    # From here on, in this object: what it has cost for certain.
    answer.cost = ZERO
    try:
        _write(answer)
    except _Lost:
        log.info("answer_not_wanted_any_more")
    except _Leaving:
        _give_back(answer)
    except LanguageError as error:
        log.warning("answer_failed", detail=error.detail)
        _fail(answer, error.sentence)
    except AppError as error:
        _fail(answer, error.message)
    except OperationalError:
        # The database is away or busy, so nothing can be noted now; the sweep finds the row when the lease is over.
        db.session.rollback()
        log.exception("database_away")
    except Exception:
        # The boundary of a worker: whatever went wrong, the person is told, and the answer does not hang.
        log.exception("answer_broke")
        _fail(answer, "Something went wrong on our side while answering. It was logged; ask again.")


def _write(answer: ChatMessage) -> None:
    own = provider_keys.keys_for_words(answer.owner_id)
    model = registry.language_model(own)
    material = asking.material_for(answer)
    db.session.rollback()
    if not material.recent:
        raise LanguageError("There is nothing left to answer: the message before it was deleted.")
    if material.older:
        material = _summarised(answer, material, model)
    ask = asking.ask_for(material, model)
    _reserve(answer, model, ask)
    # The built-in rules say it themselves.
    is_blind = material.is_shown_pictures and not model.sees and model.id != registry.BUILTIN
    note = _BLIND.format(model.name) if is_blind else ""
    pen = _Pen(answer)
    with closing(_as_generator(model.stream(ask))) as pieces:
        whole = next((piece for piece in _taken_down(pieces, pen) if isinstance(piece, Answer)), None)
    if whole is None:
        raise LanguageError("The answer broke off. Ask again.", retryable=True)
    text = _storable(whole.text)[:ANSWER_CHARS] or pen.text
    note = " ".join(filter(None, (note, _NOTES.get(whole.ended, ""))))
    _finish(answer, whole, text, note, own_key=whole.provider in own)


def _taken_down(pieces: Iterator[Piece | Answer], pen: _Pen) -> Iterator[Piece | Answer]:
    for piece in pieces:
        if isinstance(piece, Piece):
            pen.write(piece.text)
        if running.draining.is_set() and isinstance(piece, Piece):
            raise _Leaving
        yield piece


class _Pen:
    """Puts words into the row and tells of them, at most every TELL_S seconds."""

    def __init__(self, answer: ChatMessage) -> None:
        self.text = ""
        self._answer = answer
        self._told = 0
        self._told_at = 0.0

    def write(self, words: str) -> None:
        """Raises _Lost when the answer was stopped or taken away meanwhile."""
        self.text = (self.text + _storable(words))[:ANSWER_CHARS]
        now = time.monotonic()
        if now - self._told_at < TELL_S or len(self.text) == self._told:
            return
        self._told_at = now
        if not rows_changed(_ours(self._answer).values(content=self.text, lease_until=_lease())):
            db.session.rollback()
            raise _Lost
        db.session.commit()
        events.written(self._answer, self._told, self.text[self._told :])
        self._told = len(self.text)


def _claim(message_id: uuid.UUID) -> ChatMessage | None:
    """Take a waiting answer that nobody has taken. Returns it, detached; None if it is not to be had."""
    answer = db.session.scalars(
        sa.update(ChatMessage)
        .where(ChatMessage.id == message_id, ChatMessage.state == State.WAITING, ChatMessage.deleted_at.is_(None))
        .values(
            state=State.WRITING,
            attempt=ChatMessage.attempt + 1,
            content="",
            lease_owner=lease_owner(),
            lease_until=_lease(),
        )
        .returning(ChatMessage),
        execution_options={"synchronize_session": False, "populate_existing": True},
    ).one_or_none()
    if answer is not None:
        db.session.expunge(answer)
    db.session.commit()
    return answer


def _reserve(answer: ChatMessage, model: LanguageModel, ask: Ask) -> None:
    """Set aside what the answer may cost, before it is asked for. Raises BudgetReached, and _Lost."""
    price = answer.cost + (model.estimate(ask) or ZERO)
    if not rows_changed(_ours(answer).values(cost=price)):
        db.session.rollback()
        raise _Lost
    if model.id != registry.BUILTIN:
        billing.reserve(answer.owner_id, [billing.words(answer.id, answer.attempt, model.id, price=price)])
    db.session.commit()


def _finish(answer: ChatMessage, whole: Answer, text: str, note: str, *, own_key: bool) -> None:
    endings.end(
        answer,
        State.DONE,
        own_key=own_key,
        cost=answer.cost + whole.cost,
        content=text,
        folded=folded(text),
        note=note,
        provider=whole.provider[:40],
        model=whole.model[:120],
        input_tokens=whole.input_tokens,
        output_tokens=whole.output_tokens,
    )
    db.session.commit()


def _fail(answer: ChatMessage, sentence: str) -> None:
    db.session.rollback()
    endings.end(answer, State.FAILED, cost=answer.cost, error=sentence)
    db.session.commit()


def _give_back(answer: ChatMessage) -> None:
    """Let another process begin anew: asking twice costs little and changes nothing at the provider."""
    db.session.rollback()
    freed = {"state": State.WAITING, "content": "", "lease_owner": None, "lease_until": None}
    if rows_changed(_ours(answer).values(**freed)):
        billing.release(answer.owner_id, billing.words(answer.id, answer.attempt))
    events.changed(answer.owner_id, answer.workspace_id)
    db.session.commit()


def _ours(answer: ChatMessage) -> sa.Update:
    return sa.update(ChatMessage).where(
        ChatMessage.id == answer.id, ChatMessage.attempt == answer.attempt, ChatMessage.state == State.WRITING
    )


def _summarised(answer: ChatMessage, material: Material, model: LanguageModel) -> Material:
    """The same with its older part in the summary, which is stored. A model that fails at it is no reason to forget."""
    text, too_old = transcript(material.older)
    earlier = extract(material.summary, too_old) if too_old else material.summary
    asked = f"Summary of what was said before:\n{earlier}\n\n{text}" if earlier else text
    summary, cost = extract(earlier, material.older[len(too_old) :]), ZERO
    if model.id != registry.BUILTIN:
        try:
            found = model.answer(_summary_ask(asked))
        except LanguageError as error:
            log.warning("summary_failed", detail=error.detail)
        else:
            cost = found.cost
            if found.provider != registry.BUILTIN and found.text.strip():
                summary = _storable(found.text).strip()[:SUMMARY_CHARS]
    answer.cost += cost
    rows_changed(_ours(answer).values(lease_until=_lease()))
    rows_changed(
        sa.update(Conversation)
        # Not if anything was said, deleted or brought back meanwhile: it may hold what is gone.
        .where(Conversation.workspace_id == answer.workspace_id, Conversation.turns == material.turns)
        .values(summary=summary, summary_until=material.older[-1].id)
    )
    db.session.commit()
    return replace(material, summary=summary, older=())


def _summary_ask(asked: str) -> Ask:
    return Ask(SUMMARY_TASK, (Message("user", asked),), max_tokens=700, timeout_s=settings().language_timeout_s)


def _lease() -> datetime:
    """Until when the sweep takes a silent writer for one that waits for its model."""
    return database_now() + timedelta(seconds=settings().language_timeout_s + _GRACE_S)


def _as_generator(pieces: Iterator[Piece | Answer]) -> Generator[Piece | Answer]:
    """A generator whatever the adapter returns, so that closing it always reaches the adapter's `finally`."""
    yield from pieces


def _storable(text: str) -> str:
    return UNSTORABLE.sub("", text)
