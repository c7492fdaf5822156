"""Settings, Spending: what was spent, on what, and the most that a day may cost."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BeforeValidator

from app import money
from app.accounts.access import me, signed_in
from app.billing import budgets, service, spending
from app.billing.chart import chart_of
from app.billing.spending import By, Line, Span, SpanQuery
from app.db import db
from app.errors import Invalid
from app.forms import Body, read_form
from app.provider_heads import head_of
from app.providers.registry import catalogue

bp = Blueprint("spending", __name__)


def _dollars(text: Any) -> Decimal:
    return money.read(str(text), most=budgets.MOST, places=2)


class BudgetBody(Body):
    """daily: left out for no bound."""

    daily: Annotated[Decimal, BeforeValidator(_dollars)] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words."""

    when: str
    provider: str
    model: str
    line: Line


@bp.get("/settings/spending")
@signed_in
def show() -> ResponseReturnValue:
    return _page()


@bp.post("/settings/spending/budget")
@signed_in
def set_budget() -> ResponseReturnValue:
    try:
        body = read_form(BudgetBody, request.form)
    except Invalid as error:
        return _page(typed=request.form.get("daily", ""), error=error.fields.get("daily", error.message)), error.status
    budgets.set_budget(me(), body.daily)
    db.session.commit()
    words = (
        "A day may cost as much as you like."
        if body.daily is None
        else f"A day costs at most {money.whole(body.daily)}."
    )
    flash(words, "success")
    return redirect(url_for("spending.show"), 303)


@bp.get("/settings/spending.csv")
@signed_in
def download() -> ResponseReturnValue:
    """The same lines for a spreadsheet, exact."""
    query = read_form(SpanQuery, request.args)
    asked = spending.span(query.by, query.since, query.until)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([query.by, "provider", "model", "own key", "count", "US dollars"])
    for line in spending.lines(me().id, asked, query.by):
        own = "yes" if line.own_key else "no"
        writer.writerow(
            [_period(line.begins, query.by), line.provider, line.model, own, line.count, f"{line.amount:f}"]
        )
    name = f"darkroom-spending-{asked.since}-{asked.until}.csv"
    return Response(
        file.getvalue(), mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(*, typed: str | None = None, error: str | None = None) -> str:
    by: By = "month" if request.args.get("by") == "month" else "day"
    asked: Span = spending.span(by)
    found = spending.lines(me().id, asked, by)
    today = service.usage_today(me().id)
    budget = "" if today.budget is None else money.whole(today.budget).removeprefix("$").replace(",", "")
    return render_template(
        "billing/spending.html",
        by=by,
        asked=asked,
        rows=[
            Row(_words(line.begins, by), provider_name(line.provider), model_name(line.model), line) for line in found
        ],
        total=spending.total(found),
        chart=chart_of(found, asked.periods(by)),
        words=lambda day: _words(day, by),
        has_own=any(line.own_key for line in found),
        today=today,
        budget=typed if typed is not None else budget,
        error=error,
        show=money.show,
    )


def provider_name(provider: str) -> str:
    known = head_of(provider)
    return known.name if known is not None else provider


def model_name(model: str) -> str:
    known = catalogue().find(model)
    return known.name if known is not None else model


def _period(begins: date, by: By) -> str:
    return f"{begins:%Y-%m}" if by == "month" else f"{begins}"


def _words(begins: date, by: By) -> str:
    return f"{begins:%B %Y}" if by == "month" else f"{begins.day} {begins:%b %Y}"
