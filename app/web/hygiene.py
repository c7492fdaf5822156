"""What a request may carry: sizes, counts, formats and characters, checked before any route sees it.

Without this a deep or odd body ends as a 500 somewhere below: Python's parser recurses, PostgreSQL refuses NUL, and
nothing can encode half a surrogate pair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Request, current_app, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge, SecurityError, UnsupportedMediaType

from app import limits
from app.errors import AppError, NotFound
from app.texts import UNSTORABLE
from app.web import strict_json
from app.web.visitor import signed_in

P = ParamSpec("P")
R = TypeVar("R")

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
REPORTS = frozenset({"application/csp-report", "application/reports+json"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class RepeatedParameter(AppError):
    status = 400
    code = "repeated_parameter"

    def __init__(self, name: str) -> None:
        super().__init__(f"The parameter {name!r} may be given once.", fields={name: "Give it once."})


class InvalidCharacter(AppError):
    status = 422
    code = "invalid_character"

    def __init__(self, name: str) -> None:
        sentence = "Remove the characters that are no text (NUL or half of a pair)."
        super().__init__(sentence, fields={name: sentence})


class FileTooLarge(AppError):
    status = 413
    code = "file_too_large"


class StrictRequest(Request):
    """Reads JSON strictly, and only when it is announced as JSON."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> object:
        # APIFlask forces, which would read a form or a text as JSON. An empty body is no format at all.
        if force and not self.is_json and self.get_data():
            raise UnsupportedMediaType
        # Set here because Flask gives each request the app's own reader, which also reads the session's cookie.
        self.json_module = strict_json
        return super().get_json(force=force, silent=silent, cache=cache)


def register(app: Flask) -> None:
    app.request_class = StrictRequest
    app.config.update(
        MAX_CONTENT_LENGTH=limits.UPLOAD_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=limits.FORM_BODY_BYTES,
        MAX_FORM_PARTS=limits.FORM_PARTS,
    )
    app.before_request(_check)


def takes_bodies_of(n_bytes: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a view, below its other decorators: its forms and JSON may be larger than those of others."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.__dict__["body_bytes"] = n_bytes
        return view

    return decorate


def takes_fields(count: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a view, below its other decorators: its form may have more fields than those of others."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.__dict__["form_fields"] = count
        return view

    return decorate


def takes_several(*names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a view, below its other decorators: these parameters of its address may be repeated."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.__dict__["several"] = frozenset(names)
        return view

    return decorate


def _check() -> None:
    if isinstance(request.routing_exception, SecurityError):
        # A name in Host that is not ours: nothing below may look at the address.
        raise request.routing_exception
    _check_address()
    if request.method in _WITH_BODY:
        _check_body()


def _check_address() -> None:
    if len(request.environ.get("RAW_URI", "")) > limits.URL_CHARS or len(request.full_path) > limits.URL_CHARS:
        raise RequestURITooLarge
    if UNSTORABLE.search(request.path):
        raise NotFound
    view = current_app.view_functions.get(request.endpoint or "")
    several: frozenset[str] = getattr(view, "several", frozenset())
    for name, values in request.args.lists():
        if len(values) > 1 and name not in several:
            raise RepeatedParameter(name)
        for value in values:
            _check_text(name, value)


def _check_body() -> None:
    kind = request.mimetype
    _check_size(kind)
    if kind in {FORM, MULTIPART}:
        if kind == FORM and _is_api():
            raise UnsupportedMediaType
        _check_form()
    elif request.is_json:
        # Also where a route does not read it: the answer must not depend on that.
        if request.get_data() and kind not in REPORTS:
            request.get_json()
    elif kind not in REPORTS and request.get_data():
        raise UnsupportedMediaType


def _check_size(kind: str) -> None:
    allowed = _allowed_bytes(kind)
    request.max_content_length = allowed
    request.max_form_memory_size = _form_bytes()
    if request.content_length is not None:
        if request.content_length > allowed:
            raise RequestEntityTooLarge
    elif kind != MULTIPART:
        # Sent in chunks. Werkzeug cuts such a body at the limit without a word when it is read in one go.
        request.max_content_length = allowed + 1
        if len(request.get_data()) > allowed:
            raise RequestEntityTooLarge


def _allowed_bytes(kind: str) -> int:
    if kind == MULTIPART:
        # Strangers upload nothing; they only sign in.
        return limits.UPLOAD_REQUEST_BYTES if signed_in() else limits.FORM_BODY_BYTES
    if kind in REPORTS:
        return limits.REPORT_BODY_BYTES
    return max(limits.JSON_BODY_BYTES, _roomy_bytes()) if request.is_json else _form_bytes()


def _form_bytes() -> int:
    return max(limits.FORM_BODY_BYTES, _roomy_bytes())


def _roomy_bytes() -> int:
    return _asked_for("body_bytes")


def _asked_for(what: str) -> int:
    """What the view asked for with `takes_bodies_of` or `takes_fields`, for people who are signed in; else 0."""
    view = current_app.view_functions.get(request.endpoint or "")
    wanted: int = getattr(view, what, 0)
    return wanted if wanted and signed_in() else 0


def _check_form() -> None:
    fields = list(request.form.items(multi=True))
    files = list(request.files.items(multi=True))
    if len(fields) + len(files) > max(limits.FORM_PARTS, _asked_for("form_fields")):
        raise RequestEntityTooLarge
    # Werkzeug limits one field of a multipart form, not their sum.
    if sum(len(value) for _, value in fields) > _form_bytes():
        raise RequestEntityTooLarge
    if len(files) > limits.UPLOAD_FILES:
        raise FileTooLarge(f"Send at most {limits.UPLOAD_FILES} files at once.")
    for name, value in fields:
        _check_text(name, value)
    for name, file in files:
        _check_text(name, file.filename or "")
        if _size_of(file) > limits.UPLOAD_FILE_BYTES:
            raise FileTooLarge(
                f"Each file may have {limits.UPLOAD_FILE_BYTES // limits.MIB} MB; choose a smaller one.",
                fields={name: "This file is too large."},
            )


def _check_text(name: str, value: str) -> None:
    if UNSTORABLE.search(name):
        raise InvalidCharacter("name")
    if UNSTORABLE.search(value):
        raise InvalidCharacter(name)


def _size_of(file: FileStorage) -> int:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return size


def _is_api() -> bool:
    return request.path.startswith("/api/")
