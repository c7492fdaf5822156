"""What holds for every provider that costs money; what is its own is in the file of its name."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.providers.catalogue import ModelRow
from app.providers.contract import ErrorKind, Operation, Provider, ProviderError, Unknown
from tests.support.asking import SOURCE_PX, named, only, outputs_of, request_for, rows_of
from tests.support.stands import FILMING, STANDS, Stand
from tests.support.wire import HTML, Fault, Said, Wire


@pytest.fixture
def wire(stand: Stand) -> Iterator[Wire]:
    with stand.wire() as wire:
        yield wire


def asked(stand: Stand, wire: Wire, folder: Path, **how: Any) -> ProviderError:
    """What comes of asking for one picture when it does not come."""
    with pytest.raises(ProviderError) as caught:
        outputs_of(stand.made(wire, **how), request_for(stand.model, stand.operation, folder))
    error = caught.value
    assert len(wire.calls("POST")) <= 1
    assert stand.key not in str(error) + error.detail
    assert "fox" not in error.detail
    return error


# How far what is shown may lie from what tokens come to.
NEARLY = Decimal("0.05")

each = pytest.mark.parametrize("stand", STANDS, ids=lambda stand: stand.provider)


@pytest.mark.parametrize(
    ("stand", "model", "operation"),
    [pytest.param(stand, *row, id=named(*row)) for stand in STANDS for row in rows_of(stand.provider)],
)
def test_every_operation_of_every_model_is_taken_and_the_ledger_there_equals_ours(
    stand: Stand, wire: Wire, tmp_path: Path, model: ModelRow, operation: Operation
) -> None:
    request = request_for(model.id, operation, tmp_path)
    outputs = outputs_of(stand.made(wire), request)
    assert only(outputs).mime == ("video/mp4" if model.makes == "video" else "image/png")
    assert outputs.notes["request_id"]
    size, into = (request.width_px, request.height_px), [SOURCE_PX] * bool(request.files)
    shown = model.price.of(operation, request.params, size, into)
    assert (shown if outputs.cost is None else outputs.cost) == wire.charged > 0
    assert shown >= wire.charged * (1 - NEARLY)
    if not model.price.tokens and "costs" not in model.wire:
        assert shown == wire.charged
    elif operation is Operation.TXT2IMG:
        assert shown <= wire.charged * (1 + NEARLY)


@each
def test_it_satisfies_the_contract_and_is_told_no_name_of_ours(stand: Stand, wire: Wire) -> None:
    made = stand.made(wire)
    assert isinstance(made, Provider)
    assert isinstance(made.find("0190.1"), Unknown)
    assert wire.seen == []


@pytest.mark.parametrize("kind", ["hang", "cut", "drip", "garbage"])
@pytest.mark.parametrize("stand", [*STANDS, FILMING], ids=lambda stand: stand.model)
def test_an_answer_that_is_lost_may_have_been_paid_for_and_is_never_asked_for_again(
    stand: Stand, wire: Wire, tmp_path: Path, kind: Any
) -> None:
    wire.faults.append(Fault(kind, pause_s=0.1))
    error = asked(stand, wire, tmp_path, silence_s=0.3)
    assert (error.retryable, error.may_have_cost) == (False, True)


@pytest.mark.parametrize("said", [HTML, Said(200, []), Said(200, {}), Said(200, b"")])
@each
def test_an_answer_that_makes_no_sense_may_have_been_paid_for(
    stand: Stand, wire: Wire, tmp_path: Path, said: Said
) -> None:
    wire.faults.append(Fault("answer", said))
    error = asked(stand, wire, tmp_path)
    assert (error.retryable, error.may_have_cost) == (False, True)


@each
def test_nobody_there_means_that_nothing_was_paid(stand: Stand, tmp_path: Path) -> None:
    with stand.wire() as gone:
        pass
    error = asked(stand, gone, tmp_path)
    assert (error.retryable, error.once, error.may_have_cost) == (True, False, False)


@pytest.mark.parametrize(
    ("said", "kind", "retryable", "may_have_cost"),
    [
        (Said(401, {}), ErrorKind.PROVIDER, False, False),
        (Said(402, {}), ErrorKind.PROVIDER, False, False),
        (Said(404, {}), ErrorKind.PROVIDER, False, False),
        (Said(422, {}), ErrorKind.USER_FIXABLE, False, False),
        (Said(429, {}, {"Retry-After": "7"}), ErrorKind.CAPACITY, True, False),
        (Said(503, "<html>later</html>", {"Retry-After": "7"}), ErrorKind.PROVIDER, True, False),
        (Said(500, "<html>oh</html>"), ErrorKind.PROVIDER, False, True),
        (Said(504, "<html>gave up</html>"), ErrorKind.PROVIDER, False, True),
        (Said(524, "<html>gave up</html>"), ErrorKind.PROVIDER, False, True),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Said) else "",
)
@each
def test_a_refusal_costs_nothing_and_what_a_gateway_says_proves_nothing(
    stand: Stand, wire: Wire, tmp_path: Path, said: Said, kind: ErrorKind, retryable: bool, may_have_cost: bool
) -> None:
    wire.faults.append(Fault("answer", said))
    error = asked(stand, wire, tmp_path)
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, retryable, may_have_cost)
    assert error.retry_after_s == (7 if "Retry-After" in said.headers else None)
    assert ("may have been charged" in error.sentence) == may_have_cost
    assert wire.charged == 0


@each
def test_a_key_is_tried_for_nothing_and_a_wrong_one_is_named(stand: Stand, wire: Wire, tmp_path: Path) -> None:
    assert stand.made(wire).check().startswith("The key is accepted")
    with pytest.raises(ProviderError, match="did not accept the key") as caught:
        stand.made(wire, key="another-key").check()
    assert not caught.value.may_have_cost
    assert "did not accept the key" in asked(stand, wire, tmp_path, key="another-key").sentence
    assert wire.charged == 0


@each
def test_nothing_secret_or_typed_is_logged(
    stand: Stand, wire: Wire, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        outputs_of(stand.made(wire), request_for(stand.model, stand.operation, tmp_path))
    assert "called POST" in caplog.text
    for secret in (stand.key, "sig=secret", "a fox in the snow"):
        assert secret not in caplog.text
