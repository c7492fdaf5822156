from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.llm import offers
from app.llm.offers import BadModels
from app.llm.registry import DEFAULTS

PRICED = 'prices: [{from_tokens: 0, input: "1", output: "2"}]'


def written(folder: Path, *rows: str) -> Path:
    file = folder / "models.yaml"
    file.write_text("".join(f"- {{provider: p, model: m, name: M, {row}}}\n" for row in rows))
    return file


def test_every_default_that_costs_has_a_price() -> None:
    for name in DEFAULTS:
        provider, _, model = name.partition(":")
        assert offers.known(provider, model).prices or provider == "ollama", name


def test_an_unknown_model_works_at_an_unknown_price() -> None:
    offer = offers.known("openai", "gpt-99")

    assert (offer.name, offer.prices, offer.cost(1000, 1000)) == ("gpt-99", (), Decimal(0))


@pytest.mark.parametrize(
    "row",
    [
        PRICED,
        'source: a page, checked: 2026-11-20, prices: [{from_tokens: 5, input: "1", output: "2"}]',
        "colour: red",
        'source: a page, checked: 2026-11-20, prices: [{from_tokens: 0, input: "-1", output: "2"}]',
    ],
    ids=["without a source", "not from the first token", "unknown field", "negative"],
)
def test_a_broken_row_is_named(tmp_path: Path, row: str) -> None:
    with pytest.raises(BadModels, match="row 0"):
        offers.load(written(tmp_path, row))


def test_two_rows_of_one_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModels, match="two rows for p:m"):
        offers.load(written(tmp_path, "sees: true", "sees: false"))
