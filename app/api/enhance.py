"""A few words in, detailed prompts out, written for the model that will read them."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import url_for
from pydantic import Field, StrictBool, model_validator

from app import money
from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import model_named
from app.api.guards import needs, when_asking
from app.api.idempotency import once
from app.api.shapes import Answer, dollars
from app.enhancing import service
from app.enhancing.domain import (
    MOST_PROMPTS,
    MOST_STYLES,
    MOST_VARIATIONS,
    STYLE_CHARS,
    Family,
    Focus,
    State,
    Target,
    Wish,
    family_of,
)
from app.enhancing.service import Enhanced
from app.forms import Body, Prompt
from app.live.routes import MOST_POLL_S

bp = APIBlueprint("api_enhance", __name__, url_prefix="/api/prompts", tag="Prompts")

_REQUEST = {"prompt": "a {red|white} fox", "count": 1, "focus": "lighting"}
_WRITER = {"id": "builtin", "name": "Built-in rules", "is_rules": True}
_EXAMPLE: dict[str, Any] = {
    "items": [
        {
            "prompt": "a {red|white} fox",
            "prompts": ["a {red|white} fox, close up, filling the frame, early light through thin mist"],
            "cached": False,
            "error": None,
        }
    ],
    "writers": [_WRITER],
    "cost": "0.00",
    "cost_text": "free",
    "id": None,
    "state": "done",
    "error": None,
}
_OPEN = {
    **_EXAMPLE,
    "items": [],
    "writers": [],
    "cost_text": "",
    "id": "019aa0c8-0b11-7d02-8a44-6d7e8f90a1b2",
    "state": "waiting",
}
_STILL_OPEN: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "It is still being written. `Location` is where to look again.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EnhanceOut"}, "example": _OPEN}},
    }
}
_Wait = Annotated[
    float, Field(ge=0, le=MOST_POLL_S, description="Most seconds to wait for the words; then it is open still.")
]


class EnhanceBody(Body):
    """One prompt or several, and what to make of each."""

    prompt: Annotated[
        Prompt | None, Field(description="With macros, which come back as they are; several are parted by ---.")
    ] = None
    prompts: Annotated[
        tuple[Prompt, ...], Field(max_length=MOST_PROMPTS, description="Several at once, instead of `prompt`.")
    ] = ()
    model: Annotated[
        str | None, Field(max_length=64, description="What will read the prompts: says `family` and `target`.")
    ] = None
    family: Annotated[Family | None, Field(description="How to write.")] = None
    target: Annotated[Target | None, Field(description="What will be made of it; default: by the model, or image.")] = (
        None
    )
    count: Annotated[int, Field(ge=1, le=MOST_VARIATIONS, description="Variations of each prompt.")] = 5
    focus: Annotated[Focus, Field(description="The one thing in which the variations differ.")] = ""
    styles: Annotated[
        tuple[Annotated[str, Field(max_length=STYLE_CHARS)], ...],
        Field(max_length=MOST_STYLES, description="Hints such as photorealistic, fashion."),
    ] = ()
    fresh: Annotated[StrictBool, Field(description="Write anew what was written before; it costs again.")] = False

    @model_validator(mode="after")
    def _one_way(self) -> EnhanceBody:
        if (self.prompt is None) == (not self.prompts):
            raise ValueError("Give prompt, or prompts.")
        return self

    def wishes(self) -> list[Wish]:
        model = model_named(self.model) if self.model is not None else None
        target = self.target or (model.makes if model is not None else "image")
        family = self.family if self.family is not None else family_of(model.id) if model is not None else ""
        styles = tuple(style.strip() for style in self.styles if style.strip())
        given = self.prompts or (self.prompt or "",)
        return [Wish(prompt, target, family, self.focus, styles, self.count) for prompt in given]


class AskedQuery(Body):
    wait: _Wait = 20.0


class LookQuery(Body):
    wait: _Wait = 0.0


class WriterOut(Answer):
    """Who writes. is_rules: no language model, but fixed rules that need no key."""

    id: str
    name: str
    is_rules: bool


class EnhancedOut(Answer):
    """A prompt and its variations. error: why there are none."""

    prompt: str
    prompts: list[str]
    cached: Annotated[bool, Field(description="Written before, for this wish or one of the same words; free.")]
    error: str | None


class EnhanceOut(Answer):
    """items, cost_text: empty while it is open. cost: what it came to, in US dollars."""

    items: list[EnhancedOut]
    writers: list[WriterOut]
    cost: str
    cost_text: str
    id: Annotated[uuid.UUID | None, Field(description="To look again by, for an hour; null of what was there at once.")]
    state: Annotated[State, Field(description="waiting and writing are open; of failed, `error` says why.")]
    error: str | None


class EnhanceEstimateOut(Answer):
    """price_estimate: US dollars at most; null when the model's price is not known."""

    price_estimate: str | None
    price_text: str
    writer: WriterOut
    cached: Annotated[int, Field(description="How many of the prompts were written before.")]


@bp.post("/enhance")
@needs(Scope.GENERATE)
@when_asking
@once
@bp.input(AskedQuery, location="query", arg_name="query")
@bp.input(EnhanceBody, arg_name="body", example=_REQUEST)
@bp.output(EnhanceOut, example=_EXAMPLE)
@bp.doc(responses=_STILL_OPEN)
def enhance(query: AskedQuery, body: EnhanceBody) -> tuple[EnhanceOut, int, dict[str, str]]:
    """Write detailed variations of prompts

    By the first language model that answers, or by built-in rules. The same wish again is answered from memory and
    costs nothing. A worker asks the model; this call waits up to `wait` seconds for it and answers 202 where that was
    not enough. Look again with `GET /api/prompts/enhance/{request_id}`, or wait for the `enhanced` event with the
    request's id. The same wishes again while they are being written are the same request.
    """
    found = service.enhance(me().id, body.wishes(), fresh=body.fresh)
    if found.request_id is not None and query.wait:
        found = service.answer_to(me().id, found.request_id, wait_s=query.wait)
    service.check_written(found)
    if not found.is_open:
        return _out(found), 200, {}
    return _out(found), 202, {"Location": url_for("api_enhance.show", request_id=found.request_id)}


@bp.get("/enhance/<uuid:request_id>")
@needs(Scope.READ)
@bp.input(LookQuery, location="query", arg_name="query")
@bp.output(EnhanceOut, example=_OPEN)
def show(request_id: uuid.UUID, query: LookQuery) -> EnhanceOut:
    """Look how a request for enhanced prompts stands

    With `wait` it is answered when it is not open any more, or when that time is over.
    """
    return _out(service.answer_to(me().id, request_id, wait_s=query.wait))


def _out(found: Enhanced) -> EnhanceOut:
    return EnhanceOut(
        items=[
            EnhancedOut(
                prompt=outcome.prompt, prompts=outcome.prompts, cached=outcome.cached, error=outcome.error or None
            )
            for outcome in found.outcomes
        ],
        writers=[WriterOut.model_validate(writer) for writer in found.writers],
        cost=dollars(found.cost),
        cost_text="" if found.is_open else money.show(found.cost),
        id=found.request_id,
        state=found.state,
        error=found.error or None,
    )


@bp.post("/enhance/estimate")
@needs(Scope.GENERATE)
@bp.input(EnhanceBody, arg_name="body", example=_REQUEST)
@bp.output(EnhanceEstimateOut, example={"price_estimate": "0.00", "price_text": "free", "writer": _WRITER, "cached": 0})
def estimate(body: EnhanceBody) -> EnhanceEstimateOut:
    """Tell what enhancing would cost

    Nobody is asked: the words are counted.
    """
    found = service.estimate(me().id, body.wishes())
    return EnhanceEstimateOut(
        price_estimate=dollars(found.price) if found.price is not None else None,
        price_text=money.show(found.price) if found.price is not None else "price unknown",
        writer=WriterOut.model_validate(found.writer),
        cached=found.cached,
    )
