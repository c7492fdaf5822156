"""What a person does to batches and jobs from a page: each a form that works without a script.

htmx gets the fragment that changed; a plain browser is sent back to the page it came from.
"""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import money
from app.accounts.access import confirmed, me, signed_in
from app.db import new_id
from app.durations import spoken
from app.errors import AppError
from app.extensions import settings
from app.generation import dismissing, planning, queries, retrying, stopping, submission
from app.generation.errors import TooLargeForModel
from app.generation.models import Job
from app.generation.planning import Counted
from app.generation.views import batch_view, job_views
from app.playground import create_form, queue_pages, telling
from app.playground.create_form import ASK_FROM, PROPOSED, Sent
from app.playground.routes import render_canvas, render_tray
from app.web.rates import generation_rate
from app.web.visitor import by_htmx
from app.wildcards.reading import sample_of
from app.workspaces import current
from app.workspaces.models import Workspace

bp = Blueprint("generation", __name__)


@bp.post("/w/<uuid:workspace_id>/batches")
@confirmed
@generation_rate
def submit(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """Generate. From three combinations on it asks first, with the count, the price and a sample."""
    workspace = current.enter(workspace_id)
    try:
        sent = create_form.read_create_form(workspace, request)
        counted = planning.count(workspace, sent.spec)
        if counted.combinations >= ASK_FROM and not request.form.get("confirmed"):
            return _ask(workspace, sent, counted)
        submission.submit(workspace, sent.spec, key=request.form.get("idempotency_key") or str(new_id()))
    except AppError as error:
        if by_htmx():
            raise
        draft = create_form.draft_of(request.form)
        page = render_canvas(workspace, draft=draft, errors=create_form.errors_of(error))
        return page, error.status, error.headers
    if by_htmx():
        return render_tray(workspace)
    return redirect(url_for("playground.show", workspace_id=workspace_id))


@bp.post("/w/<uuid:workspace_id>/estimate")
@signed_in
def estimate(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """What the form as it stands would make, for the button that carries it; or why it would be refused, for there is
    no price then. Nothing is made or taken."""
    workspace = current.enter(workspace_id)
    try:
        counted = planning.count(workspace, create_form.read_create_form(workspace, request).spec)
    except TooLargeForModel as refusal:
        return {"refused": refusal.message}
    return {
        "count": str(counted.pictures),
        "price_text": money.show(counted.price),
        "time_text": spoken(counted.seconds_each),
        "notes": list(counted.notes),
    }


@bp.get("/jobs/<uuid:job_id>/card")
@signed_in
def card(job_id: uuid.UUID) -> ResponseReturnValue:
    return _card(queries.job_for(me().id, job_id))


@bp.post("/jobs/<uuid:job_id>/cancellation")
@signed_in
def cancel(job_id: uuid.UUID) -> ResponseReturnValue:
    job = queries.job_for(me().id, job_id)
    stopped = stopping.cancel_job(job)
    return telling.stopped(_done(job), stopped, job_id=job.id)


@bp.post("/jobs/<uuid:job_id>/retries")
@confirmed
@generation_rate
def retry(job_id: uuid.UUID) -> ResponseReturnValue:
    return _done(retrying.retry_job(queries.job_for(me().id, job_id)))


@bp.post("/jobs/<uuid:job_id>/dismissal")
@signed_in
def dismiss(job_id: uuid.UUID) -> ResponseReturnValue:
    job = queries.job_for(me().id, job_id)
    dismissed = dismissing.dismiss_job(job)
    in_tray = request.headers.get("HX-Target") == "tray"
    return telling.dismissed(_tray_or_canvas(job.workspace_id) if in_tray else _done(job), dismissed)


@bp.post("/batches/<uuid:batch_id>/cancellation")
@signed_in
def cancel_batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    batch = queries.batch_for(me().id, batch_id)
    stopped = stopping.cancel_batch(batch, only_waiting=request.form.get("which") == "rest")
    return telling.stopped(_tray_or_canvas(batch.workspace_id), stopped)


@bp.post("/batches/<uuid:batch_id>/retries")
@confirmed
@generation_rate
def retry_batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    batch = queries.batch_for(me().id, batch_id)
    retrying.retry_failed(batch)
    return _tray_or_canvas(batch.workspace_id)


@bp.post("/batches/<uuid:batch_id>/dismissal")
@signed_in
def dismiss_batch(batch_id: uuid.UUID) -> ResponseReturnValue:
    """Put the failed jobs of a batch out of sight."""
    batch = queries.batch_for(me().id, batch_id)
    dismissed = dismissing.dismiss_batch(batch)
    return telling.dismissed(_tray_or_canvas(batch.workspace_id), dismissed)


def _ask(workspace: Workspace, sent: Sent, counted: Counted) -> ResponseReturnValue:
    """The batch dialog: its own page without a script, a fragment with one."""
    each = counted.combinations * sent.spec.batch_size
    total = each * counted.models
    proposal = {
        "count": total,
        "price_text": money.show(counted.price_each * each),
        "time_text": spoken(counted.seconds_each * each),
        "prompts": sample_of(workspace.id, sent.spec.prompt, PROPOSED),
        "cap": settings().macro_limit,
        "fields": create_form.resend_fields(request, sent),
    }
    if not by_htmx():
        return render_canvas(workspace, draft=create_form.draft_of(request.form), proposal=proposal)
    answer = make_response(render_template("playground/_batch_dialog.html", proposal=proposal, workspace=workspace))
    answer.headers["HX-Retarget"] = "#dialogs"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _done(job: Job) -> ResponseReturnValue:
    """The job's card, or the queue, for htmx; the page it came from, or the queue, for a plain browser."""
    if request.headers.get("HX-Target", "").startswith("job-"):
        return _card(job)
    if by_htmx():
        return queue_pages.answer()
    if request.referrer and request.referrer.startswith(request.host_url) and "/w/" in request.referrer:
        return redirect(url_for("playground.show", workspace_id=job.workspace_id))
    return redirect(url_for("queue.show"))


def _card(job: Job) -> ResponseReturnValue:
    batch = queries.batch_for(me().id, job.batch_id)
    view = job_views([job], sizes={batch.id: batch.job_count})[0]
    # In a column a card stands alone, without its batch around it.
    alone = urlsplit(request.headers.get("HX-Current-URL", "")).path.startswith("/compare/")
    return render_template("playground/_tray_card.html", job=view, batch=None if alone else batch_view(batch))


def _tray_or_canvas(workspace_id: uuid.UUID) -> ResponseReturnValue:
    if by_htmx():
        return render_tray(current.enter(workspace_id))
    return redirect(url_for("playground.show", workspace_id=workspace_id))
