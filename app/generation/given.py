"""What a request names, read once for all of its models: a style, and the pictures that go in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from app.db import db
from app.errors import NotFound
from app.generation.errors import BadParameter, MissingInput
from app.generation.specs import GenerationSpec
from app.imaging.masks import MaskMismatch
from app.library import service as library
from app.library.models import Asset
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation
from app.workspaces.models import Style, Workspace

_ROLES = {
    Operation.IMG2IMG: ("image",),
    Operation.INPAINT: ("image", "mask"),
    Operation.OUTPAINT: ("image",),
    Operation.ITERATE: ("image",),
    Operation.UPSCALE: ("image",),
    Operation.IMG2VID: ("image",),
    Operation.INTERPOLATE: ("image", "last"),
}


@dataclass(slots=True)
class Given:
    """One request's reading. Models are asked one after the other, and each would read the same rows again."""

    workspace: Workspace
    spec: GenerationSpec
    _pictures: dict[uuid.UUID, Asset] = field(default_factory=dict)
    _style: Style | None = None

    def style(self) -> Style | None:
        """Raises NotFound for one that is not the workspace's."""
        wanted = self.spec.style_id
        if wanted is not None and self._style is None:
            found = db.session.get(Style, wanted)
            if found is None or found.workspace_id != self.workspace.id:
                raise NotFound("style")
            self._style = found
        return self._style

    def inputs(self, operation: Operation) -> tuple[dict[str, str], Asset | None]:
        """The pictures the operation needs, each checked for its owner where it is attached; and the main one.

        Raises MissingInput, NotFound and BadParameter.
        """
        given = {"image": self.spec.image, "mask": self.spec.mask, "last": self.spec.last}
        needed = _ROLES.get(operation, ())
        inputs: dict[str, str] = {}
        source: Asset | None = None
        for role in needed:
            asset_id = given[role]
            if asset_id is None:
                raise MissingInput(role, operation)
            asset = self._picture(asset_id)
            if asset.kind != "image":
                raise BadParameter(role, f"The {role} must be a picture, and this is a video.")
            if role == "mask" and source is not None and size_in_pixels(asset) != size_in_pixels(source):
                raise BadParameter(role, MaskMismatch(size_in_pixels(asset), size_in_pixels(source)).sentence)
            inputs["first" if operation is Operation.INTERPOLATE and role == "image" else role] = str(asset.id)
            source = source or asset
        for role, asset_id in given.items():
            if asset_id is not None and role not in needed:
                raise BadParameter(role, f"{operation} takes no {role}. Leave it out, or choose another operation.")
        return inputs, source

    def counted_in_price(self, model: ModelRow, source: Asset | None) -> list[tuple[int, int]]:
        """Sizes of the pictures that a price may count: the source, and those of earlier turns that go along."""
        if source is None or not (model.price.per_input or model.price.per_input_megapixel):
            return []
        earlier = (turn.image for turn in self.spec.history if turn.image is not None and turn.image != source.id)
        return [size_in_pixels(each) for each in (source, *map(self._picture_if_there, earlier)) if each is not None]

    def _picture(self, asset_id: uuid.UUID) -> Asset:
        if asset_id not in self._pictures:
            self._pictures[asset_id] = library.image_for(self.workspace.owner_id, asset_id)
        return self._pictures[asset_id]

    def _picture_if_there(self, asset_id: uuid.UUID) -> Asset | None:
        try:
            return self._picture(asset_id)
        except NotFound:
            return None


def size_in_pixels(asset: Asset) -> tuple[int, int]:
    return asset.width_px, asset.height_px
