"""Ids in bodies and queries: one spelling, as in addresses (app/web/ids.py)."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import BeforeValidator


def _canonical(value: Any) -> Any:
    # Python reads many spellings (braces, "urn:uuid:", no dashes); only what is no text at all is left to pydantic.
    if isinstance(value, str):
        try:
            if str(uuid.UUID(value)) == value:
                return value
        except ValueError:
            pass
        raise ValueError("Use the id as it was given to you.")
    return value


# An id in a body or a query.
Id = Annotated[uuid.UUID, BeforeValidator(_canonical)]
