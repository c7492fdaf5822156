"""Which model gives the most for its price."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from app.providers.catalogue.rows import ModelRow
from app.providers.contract import Operation

# What a person does with pictures all day: paint them from words, change them by words, repaint and extend parts.
_WORKDAY = (Operation.TXT2IMG, Operation.ITERATE, Operation.INPAINT, Operation.OUTPAINT)


def best_value(priced: Iterable[tuple[ModelRow, Decimal]]) -> str | None:
    """The id of the model to recommend: of those that do the most of a day's work, the cheapest; first among those
    about which nothing is left to check with the provider.

    priced: models that can be used now, each with what one picture costs. What costs nothing is compared with nothing:
    it is there anyway. What ends on a known day is not recommended. None when nothing is left.
    """
    lasting = [
        (model, price)
        for model, price in priced
        if price and Operation.TXT2IMG in model.operations and model.available_until is None
    ]
    best = min(
        lasting,
        key=lambda each: (-_does(each[0]), bool(each[0].unverified), each[1], each[0].expected_s),
        default=None,
    )
    return best[0].id if best is not None else None


def _does(model: ModelRow) -> int:
    return sum(operation in model.operations for operation in _WORKDAY)
