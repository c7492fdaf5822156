from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.domain import ADMIN, REMEMBERED, VISITOR, browser_name, normalize_email, session_is_live, session_life

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("is_admin", "remember", "life"),
    [(False, False, VISITOR), (False, True, REMEMBERED), (True, False, ADMIN), (True, True, ADMIN)],
)
def test_an_admin_session_is_short_whatever_was_ticked(is_admin: bool, remember: bool, life: object) -> None:
    assert session_life(is_admin=is_admin, remember=remember) == life


@pytest.mark.parametrize("life", [VISITOR, REMEMBERED, ADMIN])
def test_a_session_lives_to_the_last_moment_of_its_idle_and_its_absolute_time(life: type[VISITOR]) -> None:  # type: ignore[valid-type]  # values of one dataclass
    def live(seen_ago: timedelta, made_ago: timedelta, revoked: bool = False) -> bool:
        return session_is_live(
            created_at=NOON - made_ago,
            last_seen_at=NOON - seen_ago,
            life=life,
            revoked_at=NOON if revoked else None,
            now=NOON,
        )

    assert live(seen_ago=life.idle, made_ago=life.idle)
    assert not live(seen_ago=life.idle + A_MOMENT, made_ago=life.idle + A_MOMENT)
    assert live(seen_ago=timedelta(0), made_ago=life.absolute)
    assert not live(seen_ago=timedelta(0), made_ago=life.absolute + A_MOMENT)
    assert not live(seen_ago=timedelta(0), made_ago=timedelta(0), revoked=True)


def test_one_address_has_one_spelling() -> None:
    composed, decomposed = "z\u00e9@Example.org", "Ze\u0301@example.ORG"
    assert normalize_email(f"  {decomposed} ") == normalize_email(composed) == "z\u00e9@example.org"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 "
            "Safari/537.36 Edg/139.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.9", "Another program"),
        ("", "Another program"),
    ],
)
def test_a_browser_is_named_so_that_its_owner_knows_it(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
