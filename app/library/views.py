"""Pictures as pages show them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

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
    late: bool

    @property
    def thumb_url(self) -> str:
        return f"/api/images/{self.id}/thumb"

    @property
    def preview_url(self) -> str:
        return f"/api/images/{self.id}/preview"

    @property
    def file_url(self) -> str:
        return f"/api/images/{self.id}/file"

    @property
    def page_url(self) -> str:
        return f"/images/{self.id}"


def image_view(asset: Asset) -> ImageView:
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
        late=asset.late,
    )
