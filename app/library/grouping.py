"""A page of pictures in groups: by session, by batch or by prompt, iterations under their original."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum

from app.days import day_of
from app.library.models import Asset


class GroupBy(StrEnum):
    """session: what was made in one workspace on one day."""

    SESSION = "session"
    BATCH = "batch"
    PROMPT = "prompt"
    NONE = "none"


@dataclass(slots=True)
class Original:
    """A picture and what came of it, in the order of the page."""

    asset: Asset
    iterations: list[Asset] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """key: says that a group on the next page is the same one. originals: at least one."""

    key: str
    originals: list[Original] = field(default_factory=list)

    @property
    def newest(self) -> Asset:
        return max((each.asset for each in self.originals), key=lambda asset: asset.id)

    @property
    def iterations(self) -> int:
        return sum(len(each.iterations) for each in self.originals)

    @property
    def ids(self) -> list[uuid.UUID]:
        return [asset.id for each in self.originals for asset in (each.asset, *each.iterations)]


def grouped(
    assets: Sequence[Asset], originals: Mapping[uuid.UUID, Asset], by: GroupBy, *, zone: tzinfo = UTC
) -> list[Group]:
    """Groups in the order of their first picture. originals: as `app.library.nesting.originals_of` gives them; one that
    is not on the page is brought along with its iterations."""
    groups: dict[str, Group] = {}
    places: dict[uuid.UUID, Original] = {}
    for asset in assets:
        first = originals.get(asset.id, asset)
        place = places.get(first.id)
        if place is None:
            place = places[first.id] = Original(first)
            key = _KEYS[by](first, zone)
            groups.setdefault(key, Group(key)).originals.append(place)
        if first is not asset:
            place.iterations.append(asset)
    return list(groups.values())


def prompt_of(asset: Asset) -> str:
    """As it was typed, if it was typed here; else as it was sent, or the file's name."""
    for text in (asset.recipe.get("template"), asset.recipe.get("prompt")):
        if isinstance(text, str) and text:
            return text
    return asset.shown_name


def _session(asset: Asset, zone: tzinfo) -> str:
    return f"{day_of(asset.created_at, zone)} {asset.workspace_id}"


def _batch(asset: Asset, zone: tzinfo) -> str:
    # What people brought along has no batch; what they brought on one day lies together.
    return str(asset.batch_id) if asset.batch_id else f"uploads {_session(asset, zone)}"


def _prompt(asset: Asset, zone: tzinfo) -> str:
    return prompt_of(asset) if asset.source == "generated" else f"uploads {_session(asset, zone)}"


_KEYS: Mapping[GroupBy, Callable[[Asset, tzinfo], str]] = {
    GroupBy.SESSION: _session,
    GroupBy.BATCH: _batch,
    GroupBy.PROMPT: _prompt,
}
