"""What was spent: from the ledger, exact, rounded once to be shown."""

from __future__ import annotations

import csv
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from apiflask import APIFlask
from hypothesis import given
from hypothesis import strategies as st

from app import money
from app.accounts.models import User
from app.billing import budgets, spending
from app.billing import service as billing
from app.billing.chart import chart_of
from app.billing.models import UsageEntry
from app.billing.service import Workload
from app.billing.spending import Line, Span
from app.db import db, new_id, utc_now
from app.errors import Invalid
from tests.app.api.conftest import Caller, make_key
from tests.support.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = date(2026, 11, 20)


def spend(owner: User, amount: str, *, model: str = "flux", days_ago: int = 0, own_key: bool = False) -> None:
    work = Workload(new_id(), 1, price=Decimal(amount), provider="bfl", model=model)
    billing.reserve(owner.id, [work])
    billing.settle(owner.id, work, cost=Decimal(amount), own_key=own_key)
    db.session.flush()
    moved: dict[Any, date] = {"day": utc_now().date() - timedelta(days=days_ago)}
    db.session.query(UsageEntry).filter(UsageEntry.job_id == work.job_id).update(moved)
    db.session.commit()


def lines(owner: User, by: spending.By = "day") -> list[Line]:
    return spending.lines(owner.id, spending.span(by), by)


def test_sums_are_exact_and_rounded_once_half_up(owner: User) -> None:
    for count, amount, model in ((15, "0.001", "a"), (30, "0.028", "b"), (30, "0.35", "c")):
        for _ in range(count):
            spend(owner, amount, model=model)
    found = lines(owner)
    assert [(line.model, line.count, money.show(line.amount)) for line in found] == [
        ("c", 30, "$10.50"), ("b", 30, "$0.84"), ("a", 15, "$0.02"),
    ]  # fmt: skip
    assert spending.total(found) == Decimal("11.355")
    assert money.show(spending.total(found)) == "$11.36"


def test_each_day_model_and_key_is_a_line_of_its_own_and_others_are_not_counted(owner: User, stranger: User) -> None:
    spend(stranger, "9")
    spend(owner, "0.10")
    spend(owner, "0.20", own_key=True)
    spend(owner, "0.30", days_ago=1)
    spend(owner, "0.40", days_ago=40)
    today = utc_now().date()
    assert [(line.begins, line.own_key, line.amount) for line in lines(owner)] == [
        (today, True, Decimal("0.20")),
        (today, False, Decimal("0.10")),
        (today - timedelta(days=1), False, Decimal("0.30")),
    ]
    assert spending.total(lines(owner, "month")) == Decimal("1.00")
    assert {line.begins.day for line in lines(owner, "month")} == {1}


def test_what_is_promised_or_came_to_nothing_is_no_spending(owner: User) -> None:
    waiting, failed, charged = (Workload(new_id(), 1, price=Decimal("0.5"), provider="fal") for _ in range(3))
    billing.reserve(owner.id, [waiting, failed, charged])
    billing.release(owner.id, failed)
    billing.release(owner.id, charged, cost=Decimal("0.5"))
    db.session.commit()
    assert spending.total(lines(owner)) == Decimal("0.5")
    assert billing.usage_today(owner.id).spent == Decimal("1.0")


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 1000), st.sampled_from(["day", "month"]))
def test_periods_follow_each_other_and_hold_every_day(until: date, days: int, by: spending.By) -> None:
    asked = Span(until - timedelta(days=days), until)
    periods = asked.periods(by)
    assert periods == sorted(set(periods))
    assert {spending.begin_of(asked.since + timedelta(days=at), by) for at in range(days + 1)} == set(periods)


def test_the_last_thirty_days_or_twelve_months_unless_days_are_given() -> None:
    assert spending.span("day", until=TODAY) == Span(date(2026, 10, 22), TODAY)
    assert spending.span("month", until=TODAY) == Span(date(2025, 12, 1), TODAY)
    assert spending.span("month", until=date(2026, 12, 31)).since == date(2026, 1, 1)
    for since, until in ((TODAY, TODAY - timedelta(days=1)), (date(2020, 1, 1), TODAY)):
        with pytest.raises(Invalid):
            spending.span("day", since, until)


def test_the_chart_reaches_its_top_on_the_dearest_day_and_stands_own_keys_below() -> None:
    days = [TODAY - timedelta(days=1), TODAY]
    made = chart_of(
        [
            Line(TODAY, "bfl", "flux", True, 1, Decimal("0.75")),
            Line(TODAY, "bfl", "flux", False, 1, Decimal("0.25")),
            Line(days[0], "bfl", "flux", False, 1, Decimal("0.50")),
        ],
        days,
    )
    assert [(bar.height, bar.own_height) for bar in made.bars] == [
        (Decimal(50), Decimal(0)), (Decimal(100), Decimal(75)),
    ]  # fmt: skip
    assert (made.highest.begins, made.top) == (TODAY, Decimal(1))
    assert all(bar.x >= 0 and bar.x + bar.width <= 100 for bar in made.bars)
    assert chart_of([], days).top == 0


# Pages and calls


@on_sqlite
def test_the_page_shows_the_sum_the_table_and_whose_key(app: APIFlask, owner: User) -> None:
    spend(owner, "0.10", model="sketch")
    spend(owner, "2.345", own_key=True)
    visitor = Visitor(app, owner.email)
    page = visitor.get("/settings/spending").text
    for words in ("$2.45", "Black Forest Labs", "your key", "<svg", "Sketch", "$0.10"):
        assert words in page
    assert "Last 12 months" in visitor.get("/settings/spending?by=month").text
    assert "Nothing cost anything" not in page


@on_sqlite
def test_the_page_of_somebody_who_spent_nothing_says_so(app: APIFlask, owner: User) -> None:
    page = Visitor(app, owner.email).get("/settings/spending").text
    assert "Nothing cost anything" in page
    assert '<svg class="spending' not in page


@on_sqlite
@pytest.mark.parametrize(("typed", "kept"), [("5", "5"), ("$2.50", "2.50"), (" 0 ", "0"), ("", None)])
def test_a_budget_is_set_and_lifted(app: APIFlask, owner: User, typed: str, kept: str | None) -> None:
    visitor = Visitor(app, owner.email)
    visitor.get("/settings/spending")
    budgets.set_budget(owner, Decimal(1))
    db.session.commit()
    assert visitor.post("/settings/spending/budget", {"daily": typed}).status_code == 303
    db.session.rollback()
    assert budgets.budget_of(owner.id) == (None if kept is None else Decimal(kept))


@on_sqlite
@pytest.mark.parametrize("typed", ["much", "-1", "1e9", "0.001", "NaN", "Infinity"])
def test_what_is_no_budget_is_refused_at_its_field_and_stays_to_be_mended(
    app: APIFlask, owner: User, typed: str
) -> None:
    visitor = Visitor(app, owner.email)
    visitor.get("/settings/spending")
    answer = visitor.post("/settings/spending/budget", {"daily": typed})
    assert answer.status_code == 422
    assert ('aria-invalid="true"' in answer.text, f'value="{typed}"' in answer.text) == (True, True)
    assert budgets.budget_of(owner.id) is None


@on_sqlite
def test_the_file_for_a_spreadsheet_is_exact(app: APIFlask, owner: User) -> None:
    spend(owner, "0.0123", own_key=True)
    spend(owner, "0.000005")
    answer = Visitor(app, owner.email).get("/settings/spending.csv")
    head, *rows = csv.reader(answer.text.splitlines())
    assert head == ["day", "provider", "model", "own key", "count", "US dollars"]
    today = str(utc_now().date())
    assert rows == [[today, "bfl", "flux", "yes", "1", "0.012300"], [today, "bfl", "flux", "no", "1", "0.000005"]]
    assert "attachment" in answer.headers["Content-Disposition"]


@on_sqlite
def test_a_program_reads_the_same(app: APIFlask, owner: User) -> None:
    spend(owner, "0.0123", own_key=True)
    budgets.set_budget(owner, Decimal(5))
    db.session.commit()
    call = Caller(app, make_key(owner))
    found = call.get("/api/spending")
    assert (found["total"], found["today"], found["budget"], found["by"]) == ("0.0123", "0.0123", "5.00", "day")
    assert found["items"] == [
        {
            "begins": str(utc_now().date()), "provider": "bfl", "model": "flux", "own_key": True, "count": 1,
            "spent": "0.0123",
        }
    ]  # fmt: skip
    assert call.get("/api/spending?by=month")["items"][0]["begins"].endswith("-01")
    assert call.get("/api/spending?since=2020-01-01&until=2020-01-31")["items"] == []
    assert call.refused("GET", "/api/spending?since=2026-02-01&until=2026-01-01") == (422, "invalid")
    assert call.refused("GET", "/api/spending?by=week")[0] == 422


@on_sqlite
def test_the_meter_at_the_top_says_the_day(app: APIFlask, owner: User) -> None:
    visitor = Visitor(app, owner.email)

    def meter() -> str:
        page = visitor.get("/queue/status").text
        return page.partition('id="usage"')[2].partition("</a>")[0].partition(">")[2]

    assert meter() == ""
    spend(owner, "1.239")
    assert meter() == "$1.24 today"
    budgets.set_budget(owner, Decimal(5))
    db.session.commit()
    assert meter() == "$1.24 of $5 today"
    assert 'id="usage"' in visitor.get("/settings/spending").text


@on_sqlite
@pytest.mark.parametrize("settings_more", [{"DARKROOM_DAILY_LIMIT": "20"}], indirect=True)
def test_the_meter_says_pictures_too_where_they_are_limited(app: APIFlask, owner: User) -> None:
    spend(owner, "0.004")
    assert "1 of 20 · &lt;$0.01 today" in Visitor(app, owner.email).get("/queue/status").text


def test_a_repeated_closing_changes_nothing(owner: User) -> None:
    work = Workload(uuid.uuid4(), 1, price=Decimal("0.5"))
    billing.reserve(owner.id, [work])
    for _ in range(2):
        billing.settle(owner.id, work, cost=Decimal("0.25"))
        billing.release(owner.id, work, cost=Decimal("0.125"))
        db.session.flush()
    assert billing.usage_today(owner.id).spent == Decimal("0.25")
