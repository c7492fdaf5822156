"""What a prompt with macros comes to, before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import Field, StrictBool

from app import money
from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import model_named, workspace_or_newest
from app.api.guards import needs, while_typing
from app.api.ids import Id
from app.api.shapes import Answer, dollars
from app.forms import Body, Prompt, Seed
from app.prompts.errors import MacroError
from app.prompts.expand import Expansion, How, nth, sample
from app.prompts.highlight import highlight
from app.prompts.plan import Plan
from app.prompts.templates import count_label
from app.wildcards.reading import templates_of

bp = APIBlueprint("api_prompts", __name__, url_prefix="/api/prompts", tag="Prompts")

# Past this a price says nothing: no batch holds so many.
_PRICED = 10**9

_EXAMPLE = {
    "count": 6,
    "count_text": "6",
    "label": "3 × 2 = 6",
    "factors": [3, 2],
    "prompts": [
        {
            "index": 0,
            "prompt": "a red fox, dawn light",
            "choices": [
                {"label": "{red|green|blue}", "text": "red", "start": 2, "end": 5},
                {"label": "{dawn|dusk}", "text": "dawn", "start": 11, "end": 15},
            ],
        }
    ],
    "notices": [],
    "tokens": [],
    "errors": [],
    "price_estimate": "0.00",
    "price_text": "free",
}


class ExpandBody(Body):
    """A prompt, how its macros are to be read, and how much of the result to show."""

    prompt: Annotated[Prompt, Field(description="With macros; several prompts are parted by lines of ---.")]
    workspace_id: Annotated[Id | None, Field(description="Whose wildcards to use; default: the newest workspace.")] = (
        None
    )
    model: Annotated[str, Field(max_length=64, description="Whose price to tell.")] = "sketch"
    limit: Annotated[int, Field(ge=0, le=100, description="Most prompts to write out.")] = 20
    mode: Literal["combinatorial", "random", "cyclical"] = "combinatorial"
    pick: Annotated[
        Literal["all", "even", "random"],
        Field(description="Which prompts to show: the first ones, some spread evenly, or some by chance."),
    ] = "all"
    seed: Annotated[Seed | None, Field(description="Makes chance repeatable.")] = None
    highlight: Annotated[StrictBool, Field(description="Whether to tell what each stretch of the text is.")] = False


class ChoiceOut(Answer):
    """What one choice came to. label: as typed. start, end: where the text stands in the prompt, in code points."""

    label: str
    text: str
    start: int
    end: int


class ExpandedOut(Answer):
    """One prompt with its number among all combinations of its template."""

    index: int
    prompt: str
    choices: list[ChoiceOut]


class NoticeOut(Answer):
    """Something that works but may not be meant. Lines and columns count from 1, in code points."""

    message: str
    line: int
    column: int


class MacroErrorOut(NoticeOut):
    """Why a prompt cannot be used."""

    code: str


class TokenOut(Answer):
    """A stretch of the text, in code points, and what it is to the macro language."""

    start: int
    end: int
    kind: str


class ExpandOut(Answer):
    """count is exact however large; count_text is the same for programs whose numbers end at 2^53.

    A prompt that cannot be used has errors and no count.
    """

    count: int | None
    count_text: str | None
    label: str | None
    factors: Annotated[list[int], Field(description="What the choices of a single prompt multiply, left to right.")]
    prompts: list[ExpandedOut]
    notices: list[NoticeOut]
    tokens: list[TokenOut]
    errors: list[MacroErrorOut]
    price_estimate: Annotated[str | None, Field(description="US dollars for one picture of each combination.")]
    price_text: str


@bp.post("/expand")
@needs(Scope.READ)
@while_typing
@bp.input(ExpandBody, arg_name="body", example={"prompt": "a {red|green|blue} fox, {dawn|dusk} light", "limit": 1})
@bp.output(ExpandOut, example=_EXAMPLE)
def expand(body: ExpandBody) -> ExpandOut:
    """Count and expand the macros of a prompt

    Counting is arithmetic: a prompt of 10^12 combinations is counted as fast as one of six. A mistake in a prompt that
    is still being typed is no failure of the call: it stands in `errors`, with its line and column.
    """
    workspace = workspace_or_newest(me().id, body.workspace_id)
    model = model_named(body.model)
    tokens = [TokenOut(start=start, end=end, kind=kind) for start, end, kind in _tokens(body)]
    try:
        templates = templates_of(workspace.id, body.prompt)
    except MacroError as error:
        return _refused(error, tokens)
    plans = [plan for _, plan in templates]
    count = sum(plan.total for plan in plans)
    price = model.price.amount * count if count <= _PRICED else None
    return ExpandOut(
        count=count,
        count_text=str(count),
        label=count_label(plans) if plans else "0",
        factors=list(plans[0].factors) if len(plans) == 1 else [],
        prompts=[_expanded(expansion) for expansion in islice(_written_out(plans, body), body.limit)],
        notices=[
            NoticeOut(message=notice.sentence, line=notice.line, column=notice.column)
            for plan in plans
            for notice in plan.notices
        ],
        tokens=tokens,
        errors=[],
        price_estimate=dollars(price) if price is not None else None,
        price_text=money.show(price) if price is not None else "",
    )


def _refused(error: MacroError, tokens: list[TokenOut]) -> ExpandOut:
    return ExpandOut(
        count=None,
        count_text=None,
        label=None,
        factors=[],
        prompts=[],
        notices=[],
        tokens=tokens,
        errors=[MacroErrorOut(code=error.code, message=error.message, line=error.line, column=error.column)],
        price_estimate=None,
        price_text="",
    )


def _written_out(plans: Sequence[Plan], body: ExpandBody) -> Iterator[Expansion]:
    each = max(1, body.limit // max(1, len(plans)))
    for plan in plans:
        if body.mode == "cyclical":
            yield from sample(plan, min(each, plan.total), How.CYCLICAL)
        elif body.mode == "random" or body.pick == "random":
            yield from sample(plan, min(each, plan.total), How.RANDOM, seed=body.seed or 0)
        elif body.pick == "even":
            yield from sample(plan, each, How.EVEN)
        else:
            yield from (nth(plan, index) for index in range(min(body.limit, plan.total)))


def _expanded(expansion: Expansion) -> ExpandedOut:
    return ExpandedOut(
        index=expansion.index,
        prompt=expansion.prompt,
        choices=[
            ChoiceOut(label=choice.label, text=choice.text, start=choice.start, end=choice.end)
            for choice in expansion.choices
        ],
    )


def _tokens(body: ExpandBody) -> Iterator[tuple[int, int, str]]:
    return iter(highlight(body.prompt) if body.highlight else ())
