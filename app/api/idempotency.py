"""Calls that create happen once for each Idempotency-Key, however often they are sent.

Generating keeps the key with its batch. Everything else leaves a receipt: written before the work begins, completed
with the answer afterwards. A receipt without an answer means that the work goes on, or that the server stopped in its
middle; either way it is not done again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Response, make_response, request
from sqlalchemy.exc import IntegrityError

from app.accounts.access import me
from app.api.models import Receipt
from app.db import db, utc_now
from app.errors import Conflict, Invalid
from app.generation.errors import KeyReused

View = TypeVar("View", bound=Callable[..., Any])

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEEP = timedelta(days=1)
_KEY = re.compile(r"[\x20-\x7e]{1,200}")


class StillWorking(Conflict):
    code = "idempotency_key_in_use"

    def __init__(self) -> None:
        super().__init__(
            "A request with this Idempotency-Key is being worked on, or was interrupted. Look whether it was done "
            "before you send it with a new key."
        )


def key_given() -> str | None:
    """The request's key. Raises Invalid when it is not 1 to 200 printable characters."""
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        sentence = "Use 1 to 200 printable ASCII characters."
        raise Invalid(f"{HEADER}: {sentence}", fields={HEADER: sentence})
    return key


def takes_key(view: View) -> View:
    """Mark a call that keeps the key itself."""
    view.api_takes_key = True  # type: ignore[attr-defined]  # read back by may_take_key
    return view


def may_take_key(view: Callable[..., Any]) -> bool:
    return bool(getattr(view, "api_takes_key", False))


def once(view: View) -> View:
    """Decorate a call that creates, above its input and output: a repeated key gets the first answer again."""

    @wraps(view)
    def kept(*args: Any, **kwargs: Any) -> Any:
        key = key_given()
        if key is None:
            return view(*args, **kwargs)
        receipt = _begin(key)
        if receipt is not None:
            return _again(receipt)
        try:
            answer = make_response(view(*args, **kwargs))
        except BaseException:
            # Whatever went wrong, nothing was made: the next try may do it.
            db.session.rollback()
            _forget(key)
            raise
        _complete(key, answer)
        return answer

    return takes_key(kept)  # type: ignore[return-value]  # wraps keeps what matters of it


def _begin(key: str) -> Receipt | None:
    """The earlier receipt of this key, or None and a new one. Raises KeyReused."""
    owner_id, fingerprint, now = me().id, _fingerprint(), utc_now()
    db.session.execute(sa.delete(Receipt).where(Receipt.owner_id == owner_id, Receipt.created_at < now - KEEP))
    db.session.add(Receipt(owner_id=owner_id, key=key, fingerprint=fingerprint, created_at=now))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
    else:
        return None
    earlier = db.session.get(Receipt, (owner_id, key))
    if earlier is not None and earlier.fingerprint != fingerprint:
        raise KeyReused
    if earlier is None or earlier.status is None:
        raise StillWorking
    return earlier


def _again(receipt: Receipt) -> Response:
    answer = make_response(receipt.answer, receipt.status)
    answer.headers[REPLAYED] = "true"
    return answer


def _complete(key: str, answer: Response) -> None:
    receipt = db.session.get_one(Receipt, (me().id, key))
    receipt.status, receipt.answer = answer.status_code, answer.get_json()
    db.session.commit()


def _forget(key: str) -> None:
    db.session.execute(sa.delete(Receipt).where(Receipt.owner_id == me().id, Receipt.key == key))
    db.session.commit()


def _fingerprint() -> str:
    """The same for the same request, whatever order its fields came in."""
    content: Any = request.get_json() if request.is_json and request.get_data() else [_form(), _files()]
    text = json.dumps([request.method, request.path, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _form() -> list[tuple[str, str]]:
    return sorted(request.form.items(multi=True))


def _files() -> list[list[str]]:
    found = []
    for name, file in request.files.items(multi=True):
        found.append([name, file.filename or "", hashlib.sha256(file.stream.read()).hexdigest()])
        file.stream.seek(0)
    return sorted(found)
