"""Pages for looking closely: up to four pictures side by side, and the family of one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, signed_in
from app.errors import Invalid, NotFound
from app.library import lineage as families
from app.library import marks
from app.library import queries as library_queries
from app.library import service as library
from app.library.chips import made_how
from app.library.differences import Change, Run, changed_words, condensed, rows_of
from app.library.lineage import Descendant
from app.library.models import Asset
from app.library.views import ImageView, image_view, image_views
from app.playground import one_picture
from app.web.ids import id_or_none
from app.workspaces import current

bp = Blueprint("looking", __name__)

MOST_COMPARED = 4
_LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the pictures on templates/playground/compare.html. words: its prompt, against the first one's."""

    letter: str
    image: ImageView
    words: list[Run]
    kept_out: list[Run]


@dataclass(slots=True)
class Relative:
    """A picture in templates/playground/lineage.html.

    image is None for one in the trash. words: what changed in the prompt on the way here, empty when nothing did or
    nothing is known. unshown: children that only its own page shows.
    """

    id: uuid.UUID
    image: ImageView | None
    operation: str
    roles: tuple[str, ...]
    words: list[Run]
    unshown: int = 0
    children: list[Relative] = field(default_factory=list)


@bp.get("/compare")
@signed_in
def compare() -> ResponseReturnValue:
    """Two to four of one's pictures (`?ids=a,b`), or those of a small batch (`?batch_id=`)."""
    asked = _ids(request.args.get("ids", ""))
    assets = [library.image_for(me().id, each) for each in asked]
    if batch_id := request.args.get("batch_id"):
        assets = _batch(batch_id)
    elif len(assets) == 1:
        assets = _company(assets[0])
    if not 2 <= len(assets) <= MOST_COMPARED:
        raise Invalid(
            f"Choose two to {MOST_COMPARED} pictures to compare: {len(assets) or 'none'} is what this address names.",
            fields={"ids": "Choose two to four pictures."},
        )
    if [asset.id for asset in assets] != asked:
        return redirect(url_for("looking.compare", ids=_joined(assets)))
    workspace = current.enter(assets[0].workspace_id)
    recipes = [one_picture.recipe_view(asset) for asset in assets]
    facts = [one_picture.facts(asset, recipe) for asset, recipe in zip(assets, recipes, strict=True)]
    return render_template(
        "playground/compare.html",
        compared=[
            Compared(
                letter,
                image,
                _against(recipes[0]["prompt_sent"], recipe["prompt_sent"], own=at == 0),
                _against(recipes[0]["negative_prompt"], recipe["negative_prompt"], own=at == 0),
            )
            for at, (letter, image, recipe) in enumerate(zip(_LETTERS, image_views(assets), recipes, strict=False))
        ],
        rows=rows_of(facts),
        ids=_joined(assets),
        here=url_for("looking.compare", ids=_joined(assets)),
        back_url=url_for("playground.show", workspace_id=workspace.id),
    )


@bp.post("/compare/choice")
@signed_in
def choose() -> ResponseReturnValue:
    """Keep one of the compared pictures as a favourite, and reject the others."""
    ids = _ids(request.form.get("ids", ""))
    kept = [each for each in ids if str(each) == request.form.get("keep")]
    if len(kept) != 1 or not 2 <= len(ids) <= MOST_COMPARED:
        raise Invalid("Choose which of the compared pictures to keep.", fields={"keep": "Choose one of them."})
    owner_id = me().id
    for each in ids:
        library.image_for(owner_id, each)
    marks.keep_one(owner_id, kept[0], [each for each in ids if each not in kept])
    flash("Kept one, rejected the others.", "good")
    return redirect(url_for("looking.compare", ids=",".join(map(str, ids))))


@bp.get("/images/<uuid:image_id>/lineage")
@signed_in
def lineage(image_id: uuid.UUID) -> ResponseReturnValue:
    """What made a picture and what came of it. `?after=` goes on in a long list of what came of it."""
    asset = library.image_for(me().id, image_id)
    current.enter(asset.workspace_id)
    after = request.args.get("after")
    family = families.family_of(asset, after=_id(after) if after else None)
    generations = [[each.asset for each in generation] for generation in family.generations] + [[asset]]
    return render_template(
        "playground/lineage.html",
        image=image_view(asset),
        operation=made_how(asset.operation) or "",
        generations=[
            [
                _relative(each.asset, each.roles, _source(each.asset, generations[at - 1] if at else ()))
                for each in generation
            ]
            for at, generation in enumerate(family.generations)
        ],
        words=_changed(_source(asset, generations[-2] if len(generations) > 1 else ()), asset),
        goes_back=family.goes_back,
        children=[_descendant(each, asset) for each in family.children],
        began_after=after,
        next_url=url_for("looking.lineage", image_id=image_id, after=family.after) if family.after else None,
    )


def _ids(text: str) -> list[uuid.UUID]:
    """Ids divided by commas, each once, in their order."""
    return list(dict.fromkeys(_id(part.strip()) for part in text.split(",") if part.strip()))


def _id(text: str) -> uuid.UUID:
    found = id_or_none(text)
    if found is None:
        raise NotFound("picture")
    return found


def _batch(batch_id: str) -> list[Asset]:
    found = library_queries.pictures_of_batch(me().id, _id(batch_id), MOST_COMPARED + 1)
    if not found:
        raise NotFound("batch")
    return found


def _company(asset: Asset) -> list[Asset]:
    """What to compare a picture with when nobody says: what it was made from, the rest of its small batch, or else the
    picture before it."""
    sources = [each for each in library_queries.parents_of(asset) if each.owner_id == asset.owner_id]
    if sources:
        return [sources[0], asset]
    together = library_queries.made_together(asset, MOST_COMPARED + 1)
    if 1 < len(together) <= MOST_COMPARED:
        return together
    newer, older = library_queries.around(asset, 1)
    return [*(older or newer), asset]


def _joined(assets: Sequence[Asset]) -> str:
    return ",".join(str(asset.id) for asset in assets)


def _against(first: Any, words: Any, *, own: bool) -> list[Run]:
    """A prompt as runs: the first one's plain, the others' with what they do not share with it told apart.

    It may come from a stranger's file, so it need not be text.
    """
    before, after = (words if isinstance(words, str) else "" for words in (first, words))
    if own:
        return [Run(after, Change.SAME)] if after else []
    return changed_words(before, after)


def _source(asset: Asset, candidates: Sequence[Asset]) -> Asset | None:
    """Which of these a picture was made from, to tell what changed: its image rather than its mask."""
    parents = asset.recipe.get("parents")
    wanted = parents.get("image") if isinstance(parents, dict) else None
    return next((each for each in candidates if str(each.id) == wanted), candidates[0] if candidates else None)


def _relative(asset: Asset, roles: tuple[str, ...], source: Asset | None, unshown: int = 0) -> Relative:
    return Relative(
        id=asset.id,
        image=image_view(asset) if asset.deleted_at is None else None,
        operation=made_how(asset.operation) or "",
        roles=roles,
        words=_changed(source, asset),
        unshown=unshown,
    )


def _descendant(node: Descendant, source: Asset) -> Relative:
    found = _relative(node.asset, node.roles, source, node.unshown)
    found.children = [_descendant(child, node.asset) for child in node.children]
    return found


def _changed(source: Asset | None, asset: Asset) -> list[Run]:
    """The words that changed from one picture's prompt to the next's; the whole prompt where there was none before."""
    words = _prompt(asset)
    if source is None or not _prompt(source):
        return [Run(words, Change.SAME)] if words else []
    if words == _prompt(source):
        return []
    return condensed(changed_words(_prompt(source), words))


def _prompt(asset: Asset) -> str:
    words = asset.recipe.get("prompt")
    return words if isinstance(words, str) else ""
