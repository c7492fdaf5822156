"""What one output costs here: the catalogue's price for exactly this call, as staff may have changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.offers import service as offers
from app.providers.catalogue import ModelRow
from app.providers.contract import Operation


def price_of(
    model: ModelRow,
    operation: Operation,
    params: Mapping[str, Any],
    size: tuple[int, int],
    inputs: Sequence[tuple[int, int]] = (),
    *,
    own_key: bool = False,
) -> Decimal:
    """US dollars, exact. params: as they will be sent. size, inputs: pixels of the result and of what goes in.

    own_key: the person pays the provider, at the provider's price.
    """
    price = model.price.of(operation, params, size, inputs)
    return price if own_key else price * offers.overrides().price_factor(model)
