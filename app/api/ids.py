"""Ids as the API takes them: one spelling, so that what was given out is what comes back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import BeforeValidator
from werkzeug.routing import UUIDConverter


class IdConverter(UUIDConverter):
    """An id in an address: `<id:job_id>`. Capitals are another address, and missing."""

    regex = r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"


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
