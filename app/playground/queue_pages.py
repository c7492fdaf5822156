"""The queue: one fragment, on a page of its own and in the panel over every other page.

Each act is a form that works without a script; htmx gets the fresh fragment.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import confirmed, me, signed_in
from app.errors import Invalid
from app.generation import dismissing, placing, queries, queueing, retrying, standing, stopping
from app.generation.queueing import Move
from app.generation.views import job_views
from app.playground import telling
from app.web.ids import id_or_none
from app.web.rates import generation_rate
from app.web.visitor import by_htmx

bp = Blueprint("queue", __name__)

_MOVES = {"top": Move.NEXT, "up": Move.UP, "down": Move.DOWN, "last": Move.LAST}


@bp.get("/queue")
@signed_in
def show() -> ResponseReturnValue:
    """Everything of mine that runs, waits or failed, with the reason for each. `?since=`: and what ended after it."""
    return _fragment() if by_htmx() else render_template("playground/queue.html", **_facts())


@bp.get("/queue/status")
@signed_in
def status() -> ResponseReturnValue:
    """What the frame says of the queue, for a page that is open already."""
    return render_template("playground/_counts.html")


@bp.post("/jobs/<uuid:job_id>/moves")
@signed_in
def move(job_id: uuid.UUID) -> ResponseReturnValue:
    where = _MOVES.get(request.form.get("to", ""))
    if where is None:
        raise Invalid(f"A job moves to one of: {', '.join(_MOVES)}.", fields={"to": "Choose where it goes."})
    queueing.move(queries.job_for(me().id, job_id), where)
    return answer()


@bp.post("/queue/order")
@signed_in
def order() -> ResponseReturnValue:
    """Put a waiting job (`job`) right before another (`before`), or with none behind them all."""
    job = queries.job_for(me().id, _id("job"))
    if request.form.get("before"):
        queueing.move_before(job, _id("before"))
    else:
        queueing.move(job, Move.LAST)
    return answer()


@bp.post("/queue/pause")
@signed_in
def pause() -> ResponseReturnValue:
    queueing.pause(me().id)
    return answer()


@bp.post("/queue/resumption")
@signed_in
def resume() -> ResponseReturnValue:
    queueing.resume(me().id)
    return answer()


@bp.post("/queue/cancellation")
@signed_in
def cancel_all() -> ResponseReturnValue:
    """Stop everything of mine; with `which=rest` only what has not started."""
    stopped = stopping.cancel_all(me().id, only_waiting=request.form.get("which") == "rest")
    return telling.stopped(answer(), stopped)


@bp.post("/queue/dismissal")
@signed_in
def dismiss_all() -> ResponseReturnValue:
    """Put every failed job of mine out of sight."""
    dismissed = dismissing.dismiss_all(me().id)
    return telling.dismissed(answer(), dismissed)


@bp.post("/queue/retries")
@confirmed
@generation_rate
def retry_all() -> ResponseReturnValue:
    """Try every failed job of mine again."""
    for batch in queries.batches_with_failures(me().id):
        retrying.retry_failed(batch)
    return answer()


def answer() -> ResponseReturnValue:
    """After an act: the fresh fragment for htmx, the page for a plain browser."""
    return _fragment() if by_htmx() else redirect(url_for("queue.show"))


def _fragment() -> str:
    return render_template("playground/_queue.html", in_panel=not _on_its_own_page(), **_facts())


def _on_its_own_page() -> bool:
    return urlsplit(request.headers.get("HX-Current-URL", "")).path == url_for("queue.show")


def _facts() -> dict[str, object]:
    owner_id = me().id
    active, waiting = queries.queue_of(owner_id)
    failed = queries.failed_of(owner_id)
    sizes = queries.sizes_of([*active, *waiting, *failed])
    plan = placing.forecast()
    tally = queries.tally_of_owner(owner_id)
    paused = queueing.is_paused(owner_id)
    return {
        "running": job_views(active, sizes=sizes, plan=plan),
        "waiting": job_views(waiting, sizes=sizes, plan=plan),
        "needs_you": job_views(failed, sizes=sizes, plan=plan),
        "more_waiting": tally.open - len(active) - len(waiting),
        "lanes": standing.lane_views(),
        "paused": paused,
        "summary": _summary(len(active), tally.open - len(active)),
        "left_text": standing.left_text(owner_id, tally, paused=paused) if tally.open else "",
        "to_come": standing.to_come(owner_id) if tally.open else "",
        "away": _away(owner_id),
    }


def _summary(running: int, waiting: int) -> str:
    if not running and not waiting:
        return "nothing runs or waits"
    return f"{running} running, {waiting} waiting"


def _away(owner_id: uuid.UUID) -> list[standing.Ended]:
    """What ended since `?since=`; a browser keeps when its person last looked."""
    try:
        since = datetime.fromisoformat(request.values.get("since", ""))
    except ValueError:
        return []
    return standing.ended_since(owner_id, since if since.tzinfo else since.replace(tzinfo=UTC))


def _id(name: str) -> uuid.UUID:
    found = id_or_none(request.form.get(name))
    if found is None:
        raise Invalid("Use the id of a job.", fields={name: "Use the id of a job."})
    return found
