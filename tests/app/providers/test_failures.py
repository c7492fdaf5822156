from __future__ import annotations

import pytest

from app.outbound import LostAnswer, Reply, Unreachable
from app.providers.contract import ErrorKind, ProviderError
from app.providers.failures import asking, from_status, retry_after_s, sending


def answered(status: int, **headers: str) -> ProviderError:
    return from_status("Acme", Reply(status, headers, b'{"error": "no"}'), detail="said so")


@pytest.mark.parametrize(
    ("status", "kind", "again"),
    [
        (400, ErrorKind.USER_FIXABLE, "never"),
        (401, ErrorKind.PROVIDER, "never"),
        (402, ErrorKind.PROVIDER, "never"),
        (404, ErrorKind.PROVIDER, "never"),
        (408, ErrorKind.PROVIDER, "often"),
        (422, ErrorKind.USER_FIXABLE, "never"),
        (429, ErrorKind.CAPACITY, "often"),
        (500, ErrorKind.PROVIDER, "once"),
        (503, ErrorKind.PROVIDER, "often"),
        (302, ErrorKind.PROVIDER, "never"),
    ],
)
def test_a_status_is_an_answer_and_cost_nothing(status: int, kind: ErrorKind, again: str) -> None:
    with pytest.raises(ProviderError) as caught, sending("Acme"):
        raise answered(status)
    error = caught.value
    assert (error.kind, error.retryable, error.may_have_cost) == (kind, again != "never", False)
    assert error.once == (again == "once")
    assert "Acme" in error.sentence


@pytest.mark.parametrize(
    "reply",
    [Reply(status, {}, b'{"error": "no"}') for status in (502, 504, 520, 522, 524)]
    + [Reply(500, {}, b"<html>"), Reply(525, {}, b"")],
    ids=lambda reply: str(reply.status),
)
def test_whoever_gave_up_before_the_provider_leaves_the_charge_open_but_may_be_asked_again(reply: Reply) -> None:
    with pytest.raises(ProviderError) as sent, sending("Acme"):
        raise from_status("Acme", reply, detail="said so")
    assert (sent.value.retryable, sent.value.may_have_cost) == (False, True)
    assert "may have been charged once" in sent.value.sentence
    with pytest.raises(ProviderError) as asked, asking("Acme"):
        raise from_status("Acme", reply, detail="said so")
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
    [("7", 7.0), ("0.5", 0.5), ("-1", None), ("999999", 3600.0), ("soon", None), ("", None), ("nan", None)],
)
def test_a_wish_to_wait_is_taken_when_it_makes_sense(said: str, seconds: float | None) -> None:
    assert retry_after_s(Reply(429, {"Retry-After": said}, b"")) == seconds
