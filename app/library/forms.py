"""What the forms about pictures may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.forms import Body


class MarksForm(Body):
    """What is not given stays as it is. rating: 0 for none, up to 5."""

    favourite: bool | None = None
    rejected: bool | None = None
    rating: Annotated[int, Field(ge=0, le=5)] | None = None
