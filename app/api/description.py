"""The API's OpenAPI document: what APIFlask gathers from the calls, completed and put in order.

Every call may fail in the same ways, so what can go wrong is said here once, from what a call takes and needs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, cast

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import Unauthorized

from app.api import elsewhere
from app.api.bodies import may_come_empty
from app.api.guards import scope_of
from app.api.idempotency import HEADER, may_take_key
from app.extensions import settings
from app.web.rates import unlimited
from app.web.visitor import signed_in

bp = Blueprint("api_description", __name__)

PATH = "/api/openapi.json"
_SPEC = "openapi_json"
_REFS = "#/components/schemas/"
_NESTED = re.compile(re.escape(_REFS) + r"\w+\.")
_CONVERTER = re.compile(r"<([^<:]+:)?")
_ID = {"type": "string", "format": "uuid", "description": "As it was given out: lower case, with its dashes."}

_ABOUT = """\
Everything the pages do, for programs. Make a key in your settings and send it as `Authorization: Bearer <key>`; a key
has scopes: read, write, generate.

Lists answer `{"items": [...], "next": cursor or null}`: pass `next` back as `cursor` for the following page.
Calls that create take an `Idempotency-Key` of up to 200 printable characters: sent twice, done once.
Money is US dollars as a decimal text, times are ISO 8601 in UTC, sizes are pixels.
"""

_KEY = {
    "in": "header",
    "name": HEADER,
    "description": "Sent twice, done once: the second answer is the first one again, marked Idempotency-Replayed.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}

_PROBLEMS = {
    400: "The request cannot be read: broken JSON, a parameter given twice, or a key in the address.",
    401: "No key, or one that does not work.",
    403: "The key lacks the scope, or the account is not confirmed yet.",
    404: "There is no such thing, or it belongs to somebody else.",
    409: "Not as things stand: the sentence says what is in the way.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is in a format this call does not take.",
    422: "Something in the request will not do; `fields` says what.",
    429: "Too many requests, or the day's pictures are used up. Retry-After says when to come back.",
    503: "A part of this server is restarting. Nothing is lost; Retry-After says when to come back.",
    507: "The disk is full.",
}
_ALWAYS = (400, 401, 403, 414, 429, 503)
_EVEN_FOR_STRANGERS = (400, 401, 414, 429)


class ErrorFacts(BaseModel):
    """code: a stable word for programs. message: a sentence for people. fields: one sentence for each wrong field."""

    model_config = ConfigDict(extra="forbid", title="ErrorFacts")

    code: str
    message: str
    request_id: str
    fields: dict[str, str] = Field(default_factory=dict)


class Error(BaseModel):
    """Every refusal has this shape."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "error": {
                    "code": "invalid",
                    "message": "seed: Use a whole number.",
                    "request_id": "0198f2a0c7d34e5f",
                    "fields": {"seed": "Use a whole number."},
                }
            }
        },
    )

    error: ErrorFacts


def register(app: APIFlask) -> None:
    app.config.update(
        DESCRIPTION=_ABOUT,
        SERVERS=[{"url": "/"}],
        SECURITY_SCHEMES={
            "key": {"type": "http", "scheme": "bearer", "description": "An API key from your settings."},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": app.config.get("SESSION_COOKIE_NAME", "session"),
                "description": "The browser's session. Changes also need the form token in `X-CSRFToken`.",
            },
        },
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
    )
    app.spec_callback = lambda spec: complete(app, cast(dict[str, Any], spec))
    app.register_blueprint(bp)


@bp.get(PATH)
@unlimited
def openapi() -> ResponseReturnValue:
    if settings().env == "production" and not signed_in():
        raise Unauthorized
    text = _text()
    answer = Response(text, mimetype="application/json")
    answer.set_etag(hashlib.sha256(text).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer.make_conditional(request)


def _text() -> bytes:
    """Written once: the calls do not change while the server runs."""
    found: bytes | None = current_app.extensions.get(_SPEC)
    if found is None:
        found = json.dumps(cast(APIFlask, current_app).spec).encode()
        current_app.extensions[_SPEC] = found
    return found


def complete(app: APIFlask, spec: dict[str, Any]) -> dict[str, Any]:
    """Add to APIFlask's document what it cannot know."""
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    error = Error.model_json_schema(ref_template=_REFS + "{model}")
    schemas.update(error.pop("$defs"))
    schemas["Error"] = error
    endpoints = _endpoints(app)
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            endpoint = endpoints[method.upper(), path]
            operation["operationId"] = endpoint.removeprefix("api_").replace(".", "_")
            _complete_call(operation, app.view_functions[endpoint])
    spec["paths"] |= deepcopy(elsewhere.PATHS)
    spec["tags"] += [{"name": name} for name in elsewhere.TAGS]
    for methods in spec["paths"].values():
        for method, operation in methods.items():
            _add_refusals(operation, method)
    spec["paths"] = dict(sorted(spec["paths"].items(), key=lambda item: (_chapter(spec, item[1]), item[0])))
    return _with_plain_names(spec)


def _complete_call(operation: dict[str, Any], view: Callable[..., Any]) -> None:
    if may_take_key(view):
        operation["parameters"].append(_KEY)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = not may_come_empty(view)
    scope = scope_of(view)
    operation["security"] = [{"key": [str(scope)]}, {"session": []}] if scope else []


def _add_refusals(operation: dict[str, Any], method: str) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter["schema"] = _ID
    for status in _problems(operation, method):
        operation["responses"].setdefault(
            str(status),
            {
                "description": _PROBLEMS[status],
                "content": {"application/json": {"schema": {"$ref": _REFS + "Error"}}},
            },
        )


def _problems(operation: dict[str, Any], method: str) -> Iterator[int]:
    """What may go wrong with a call, by what it takes."""
    yield from _ALWAYS if operation["security"] else _EVEN_FOR_STRANGERS
    takes = {parameter["in"] for parameter in operation["parameters"]}
    if takes or "requestBody" in operation:
        yield 404
    if "query" in takes or method != "get":
        yield 422
    if method != "get":
        yield from (409, 507)
    if "requestBody" in operation:
        yield from (413, 415)


def _endpoints(app: APIFlask) -> dict[tuple[str, str], str]:
    """The endpoint of each method and path, paths spelt as the document does."""
    return {
        (method, _CONVERTER.sub("{", rule.rule).replace(">", "}")): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _chapter(spec: dict[str, Any], operations: dict[str, Any]) -> int:
    """Where a path stands: the calls of one tag together, the tags in the order they were registered."""
    tag = next(iter(operations.values()))["tags"][0]
    return next(index for index, known in enumerate(spec["tags"]) if known["name"] == tag)


def _with_plain_names(spec: dict[str, Any]) -> dict[str, Any]:
    """APIFlask names a model inside another `Outer.Inner`, once for each outer one; they are all the same."""
    spec = json.loads(_NESTED.sub(_REFS, json.dumps(spec)))
    schemas: dict[str, Any] = {}
    for name, schema in spec["components"]["schemas"].items():
        plain = name.rpartition(".")[2]
        if schemas.setdefault(plain, schema) != schema:
            raise RuntimeError(f"two different shapes are called {plain}")
    spec["components"]["schemas"] = dict(sorted(schemas.items()))
    return spec
