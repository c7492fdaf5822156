"""What a prompt that is being typed may go on to be: a past prompt, a style's name, a wildcard."""

from __future__ import annotations

from typing import Annotated, Literal

from apiflask import APIBlueprint
from pydantic import Field

from app.accounts.access import me
from app.accounts.domain import Scope
from app.api.choices import workspace_or_newest
from app.api.guards import needs, while_typing
from app.api.ids import Id
from app.api.shapes import Answer
from app.forms import Body
from app.history import queries as history
from app.prompts.wildcards import WildcardSet
from app.wildcards.reading import readable_wildcards
from app.workspaces import queries as workspaces
from app.workspaces.models import Workspace

bp = APIBlueprint("api_suggestions", __name__, url_prefix="/api/prompts", tag="Prompts")

# Past this a text is a prompt of its own, and nothing that was made before is meant.
TYPED_MOST_CHARS = 200
# One letter fits everything.
TYPED_LEAST_CHARS = 2
_PROMPTS, _STYLES, _WILDCARDS = 6, 3, 8
_SAMPLE = 3


class SuggestQuery(Body):
    """What stands before the caret."""

    workspace_id: Annotated[Id | None, Field(description="The workspace; default: the newest.")] = None
    text: Annotated[str, Field(max_length=TYPED_MOST_CHARS, description="The prompt so far.")] = ""
    wildcard: Annotated[
        str | None, Field(max_length=TYPED_MOST_CHARS, description="What follows `__`; then only wildcards are found.")
    ] = None


class SuggestionOut(Answer):
    """kind prompt: a whole prompt. style: a style of the workspace, by its id. wildcard: as it is written."""

    kind: Literal["prompt", "style", "wildcard"]
    text: str
    id: str | None
    hint: Annotated[str, Field(description="More about it in a few words: how often used, the first entries.")]


class SuggestionsOut(Answer):
    items: list[SuggestionOut]


@bp.get("/suggest")
@needs(Scope.READ)
@while_typing
@bp.input(SuggestQuery, location="query", arg_name="query")
@bp.output(
    SuggestionsOut,
    example={"items": [{"kind": "prompt", "text": "a red fox, dawn light", "id": None, "hint": "used 3 times"}]},
)
def suggest(query: SuggestQuery) -> SuggestionsOut:
    """Suggest how a prompt goes on

    After two characters: past prompts that begin with the text or hold it, and styles whose name begins with its last
    word. After `__`: the workspace's wildcards.
    """
    workspace = workspace_or_newest(me().id, query.workspace_id)
    if query.wildcard is not None:
        return SuggestionsOut(items=_wildcards(readable_wildcards(workspace.id)[0], query.wildcard))
    text = query.text.strip()
    if len(text) < TYPED_LEAST_CHARS:
        return SuggestionsOut(items=[])
    return SuggestionsOut(items=[*_prompts(workspace, text), *_styles(workspace, text)])


def _prompts(workspace: Workspace, text: str) -> list[SuggestionOut]:
    return [
        SuggestionOut(
            kind="prompt",
            text=past.template,
            id=str(past.id),
            hint="pinned" if past.pinned else "used once" if past.times_used == 1 else f"used {past.times_used} times",
        )
        for past in history.like(workspace.id, text, most=_PROMPTS)
    ]


def _styles(workspace: Workspace, text: str) -> list[SuggestionOut]:
    begun = text.split()[-1].casefold()
    if len(begun) < TYPED_LEAST_CHARS:
        return []
    found = [
        style
        for style in workspaces.styles_of(workspace.id)
        if any(word.startswith(begun) for word in style.name.casefold().split())
    ]
    return [SuggestionOut(kind="style", text=style.name, id=str(style.id), hint="style") for style in found[:_STYLES]]


def _wildcards(wildcards: WildcardSet, begun: str) -> list[SuggestionOut]:
    wanted = begun.casefold()
    names = [name for name in wildcards.names if wanted in name.casefold()]
    names.sort(key=lambda name: (not name.casefold().startswith(wanted), name))
    return [_wildcard(wildcards, name) for name in names[:_WILDCARDS]]


def _wildcard(wildcards: WildcardSet, name: str) -> SuggestionOut:
    entries = [entry.text for wildcard in wildcards.matching(name) for entry in wildcard.entries[:_SAMPLE]]
    return SuggestionOut(kind="wildcard", text=f"__{name}__", id=None, hint=", ".join(entries[:_SAMPLE])[:120])
