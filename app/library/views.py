"""Pictures as pages show them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.imaging.derive import PREVIEW_PX, THUMB_PX
from app.library import queries
from app.library.models import Asset


@dataclass(frozen=True, slots=True)
class ImageView:
    """What templates/components/picture_card.html needs of a picture or video."""

    id: uuid.UUID
    width_px: int
    height_px: int
    kind: str
    seed: int | None
    prompt: str
    alt: str
    length_text: str
    favourite: bool
    rejected: bool
    rating: int
    tags: tuple[str, ...]
    late: bool
    placeholder: str | None
    name: str
    # What its address says of the list it stands in, for its neighbours there.
    list_query: str = ""

    @property
    def thumb_url(self) -> str:
        return f"/api/images/{self.id}/thumb"

    @property
    def preview_url(self) -> str:
        return f"/api/images/{self.id}/preview"

    @property
    def srcset(self) -> str:
        """The small copies with their widths, as an img takes them."""
        widths = {self._width_within(PREVIEW_PX): self.preview_url, self._width_within(THUMB_PX): self.thumb_url}
        return ", ".join(f"{url} {width}w" for width, url in sorted(widths.items()))

    @property
    def file_url(self) -> str:
        return f"/api/images/{self.id}/file"

    @property
    def page_url(self) -> str:
        return f"/images/{self.id}{self.list_query}"

    def _width_within(self, side_px: int) -> int:
        return max(1, round(self.width_px * min(1, side_px / max(self.width_px, self.height_px))))


def image_views(assets: Sequence[Asset], list_query: str = "") -> list[ImageView]:
    """Pictures in order, their tags read together."""
    tags = queries.tags_of([asset.id for asset in assets])
    return [image_view(asset, tags[asset.id], list_query) for asset in assets]


def image_view(asset: Asset, tags: Sequence[str] = (), list_query: str = "") -> ImageView:
    recipe = asset.recipe
    prompt = str(recipe.get("prompt") or asset.shown_name)
    seed = recipe.get("seed")
    minutes, seconds = divmod(round(asset.duration_s or 0), 60)
    return ImageView(
        id=asset.id,
        width_px=asset.width_px,
        height_px=asset.height_px,
        kind=asset.kind,
        seed=seed if isinstance(seed, int) else None,
        prompt=prompt,
        alt=prompt or ("Video" if asset.kind == "video" else "Picture"),
        length_text=f"{minutes}:{seconds:02}" if asset.kind == "video" else "",
        favourite=asset.favourite,
        rejected=asset.rejected,
        rating=asset.rating,
        tags=tuple(tags),
        late=asset.late,
        placeholder=asset.placeholder,
        name=_options(recipe) or prompt,
        list_query=list_query,
    )


def _options(recipe: Mapping[str, Any]) -> str:
    """What tells a picture from its siblings: the options its macros took ("red · fresh snow")."""
    choices = recipe.get("choices")
    texts = [each.get("text") for each in choices if isinstance(each, dict)] if isinstance(choices, list) else []
    return " · ".join(text for text in texts if isinstance(text, str) and text)
