from __future__ import annotations

import pytest

from app.outbound import LostAnswer, Reply, Unreachable
from app.providers.contract import ErrorKind, ProviderError
from app.providers.failures import asking, from_status, retry_after_s, sending


def answered(status: int, **headers: str) -> ProviderError:
    return from_status("Acme", Reply(status, headers, b""), detail="said so")


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, ErrorKind.USER_FIXABLE, False),
        (401, ErrorKind.PROVIDER, False),
        (402, ErrorKind.PROVIDER, False),
        (404, ErrorKind.PROVIDER, False),
        (422, ErrorKind.USER_FIXABLE, False),
        (429, ErrorKind.CAPACITY, True),
        (500, ErrorKind.PROVIDER, True),
        (503, ErrorKind.PROVIDER, True),
        (302, ErrorKind.PROVIDER, False),
    ],
)
def test_a_status_is_an_answer_and_cost_nothing(status: int, kind: ErrorKind, retryable: bool) -> None:
    with pytest.raises(ProviderError) as caught, sending("Acme"):
        raise answered(status)
    assert (caught.value.kind, caught.value.retryable, caught.value.may_have_cost) == (kind, retryable, False)
    assert "Acme" in caught.value.sentence


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gave_up_leaves_the_charge_open_but_may_be_asked_again(status: int) -> None:
    with pytest.raises(ProviderError) as sent, sending("Acme"):
        raise answered(status)
    assert (sent.value.retryable, sent.value.may_have_cost) == (False, True)
    with pytest.raises(ProviderError) as asked, asking("Acme"):
        raise answered(status)
    assert (asked.value.retryable, asked.value.may_have_cost) == (True, False)


def test_what_was_never_sent_is_sent_again_and_what_was_lost_is_not() -> None:
    with pytest.raises(ProviderError) as away, sending("Acme"):
        raise Unreachable("refused")
    assert (away.value.retryable, away.value.may_have_cost) == (True, False)
    with pytest.raises(ProviderError) as lost, sending("Acme"):
        raise LostAnswer("cut")
    assert (lost.value.retryable, lost.value.may_have_cost) == (False, True)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-1", None), ("999999", None), ("soon", None), ("", None), ("nan", None)],
)
def test_a_wish_to_wait_is_taken_when_it_makes_sense(said: str, seconds: float | None) -> None:
    assert retry_after_s(Reply(429, {"Retry-After": said}, b"")) == seconds
