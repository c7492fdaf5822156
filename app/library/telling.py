"""What the library tells a person's pages once it is durable, so that another tab or a phone shows it too."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from app.db import after_commit
from app.live import publish

# Of more pictures at once a page reads how things stand instead: their names would crowd out older events.
MOST_NAMED = 200


def changed(owner_id: uuid.UUID, image_ids: Sequence[uuid.UUID], changes: Mapping[str, Any]) -> None:
    """Pictures were marked or put aside. changes: as POST /api/images/marks takes them, or {"trashed": whether}."""
    if len(image_ids) > MOST_NAMED:
        rearranged(owner_id)
    elif image_ids:
        data = {"ids": [str(image_id) for image_id in image_ids], "changes": dict(changes)}
        after_commit(lambda: publish(owner_id, "marks", data))


def rearranged(owner_id: uuid.UUID) -> None:
    """So much changed that pages had better look for themselves."""
    after_commit(lambda: publish(owner_id, "resync", {}))
