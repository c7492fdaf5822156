"""The library's pages: everything a person has, found again; the trash; sessions and the room they take; archives."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import limits
from app.accounts.access import me, signed_in
from app.db import db, utc_now
from app.errors import Invalid
from app.forms import read_form
from app.library import archive, figures, marks, saved, search, service, shelves, trash
from app.library.filters import SEVERAL, Filters, from_query
from app.library.saved import SavedSearchBody
from app.library.sweeping import TRASH_DAYS
from app.web.hygiene import takes_fields, takes_several
from app.web.ids import id_or_none
from app.web.local_paths import local_path
from app.web.visitor import by_htmx, time_zone
from app.workspaces import service as workspaces

bp = Blueprint("library_pages", __name__)

_PARTS = {"groups": "library/_groups.html", "list": "library/_list.html"}


@bp.get("/library")
@signed_in
@takes_several(*SEVERAL)
def index() -> ResponseReturnValue:
    """Pictures by filters in the address. To htmx, only what changes with them; with `part`, only how they go on."""
    try:
        filters = from_query(pair for pair in request.args.items(multi=True) if pair[0] != "trashed")
        if filters.workspace_id is not None:
            workspaces.workspace_for(me().id, filters.workspace_id)
    except Invalid as refusal:
        return _refused(refusal)
    shown = shelves.shelf(me().id, filters, request.args)
    if by_htmx():
        return render_template(_PARTS.get(request.args.get("part", ""), "library/_results.html"), shelf=shown)
    return render_template("library/index.html", shelf=shown, **_beside("library", filters))


@bp.get("/library/shelves")
@signed_in
@takes_several(*SEVERAL)
def side() -> ResponseReturnValue:
    """The list beside the pictures with its numbers, which would keep the page waiting."""
    try:
        filters = from_query(request.args.items(multi=True))
    except Invalid:
        filters = Filters()
    numbers = {"tally": figures.tally_of(me().id), "tags": figures.tags_of_owner(me().id)}
    at = request.args.get("at", "library")
    return render_template("library/_side.html", size_text=figures.size_text, **{**_beside(at, filters), **numbers})


@bp.get("/library/trash")
@signed_in
def bin_() -> ResponseReturnValue:
    """What was put aside, and when it goes."""
    return _trash({})


@bp.post("/library/trash/restoration")
@signed_in
def restore_all() -> ResponseReturnValue:
    count = trash.restore_all(me().id)
    flash(f"{_pictures(count)} came back.", "good")
    return redirect(url_for("library_pages.index"))


@bp.post("/library/trash/deletion")
@signed_in
def empty_trash() -> ResponseReturnValue:
    try:
        count = trash.empty(me().id, typed_word=request.form.get("typed_word", ""))
    except Invalid as refusal:
        return _trash(refusal.fields), refusal.status
    flash(f"{_pictures(count)} were deleted for good." if count != 1 else "1 picture was deleted for good.", "good")
    return redirect(url_for("library_pages.bin_"))


@bp.post("/images/<uuid:image_id>/restoration")
@signed_in
def restore(image_id: uuid.UUID) -> ResponseReturnValue:
    """Take one picture back out of the trash."""
    asset = service.image_for(me().id, image_id, even_deleted=True)
    marks.restore(asset.owner_id, [asset.id])
    return redirect(local_path(request.form.get("next"), url_for("library_pages.bin_")))


@bp.get("/library/sessions")
@signed_in
def sessions() -> ResponseReturnValue:
    """What was made when, and how much room it takes."""
    found, before = figures.sessions_of(me().id, before=_day(request.args.get("before")), zone=time_zone())
    return render_template(
        "library/sessions.html",
        sessions=[(each, shelves.heading_of(each.day)) for each in found],
        rooms=figures.rooms_of(me().id),
        size_text=figures.size_text,
        older_url=url_for("library_pages.sessions", before=before) if before else None,
        **_beside("sessions", Filters()),
    )


@bp.post("/library/sessions/trash")
@signed_in
def trash_session() -> ResponseReturnValue:
    workspace = workspaces.workspace_for(me().id, _id(request.form.get("workspace_id", "")))
    day = _day(request.form.get("day"))
    count = trash.trash_session(me().id, workspace.id, day, zone=time_zone()) if day else 0
    flash(f"{_pictures(count)} went to the trash, and can be restored for {TRASH_DAYS} days.", "good")
    return redirect(url_for("library_pages.sessions"))


@bp.post("/library/searches")
@signed_in
def save_search() -> ResponseReturnValue:
    """Keep the filters of an address under a name."""
    try:
        found = saved.save(me().id, read_form(SavedSearchBody, request.form))
    except Invalid as refusal:
        return _refused(refusal)
    flash(f"“{found.name}” was saved.", "good")
    return redirect(f"{url_for('library_pages.index')}?{found.query}")


@bp.post("/library/searches/<uuid:search_id>/deletion")
@signed_in
def forget_search(search_id: uuid.UUID) -> ResponseReturnValue:
    flash(f"“{saved.forget(me().id, search_id)}” was deleted. The pictures stay.", "good")
    return redirect(local_path(request.form.get("next"), url_for("library_pages.index")))


@bp.post("/images/zip")
@signed_in
@takes_fields(limits.SELECTED_IMAGES + 20)
def pack() -> ResponseReturnValue:
    """The originals of chosen pictures in one archive."""
    texts = request.form.getlist("id")
    if not 1 <= len(texts) <= limits.SELECTED_IMAGES:
        sentence = f"Choose from 1 to {limits.SELECTED_IMAGES} pictures."
        raise Invalid(sentence, fields={"id": sentence})
    entries, missing = archive.entries_of(me().id, [_id(text) for text in texts])
    # Sending may take minutes, and needs no database.
    db.session.rollback()
    answer = Response(archive.stream(entries, missing), mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"darkroom-{utc_now():%Y%m%d-%H%M%S}.zip")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _trash(errors: Mapping[str, str]) -> str:
    after = id_or_none(request.args.get("after"))
    found = search.find(me().id, Filters(trashed=True), after=after, tally=True)
    older = f"{url_for('library_pages.bin_')}?{urlencode({'after': found.after})}" if found.after else None
    return render_template(
        "library/trash.html",
        groups=shelves.leaving(found.assets),
        older_url=older,
        days=TRASH_DAYS,
        word=trash.EMPTY_WORD,
        errors=errors,
        **_beside("trash", Filters()),
    )


def _refused(refusal: Invalid) -> tuple[str, int]:
    """The page without pictures, and what is wrong beside the field it is about."""
    shown = shelves.refused(request.args, refusal.fields)
    return render_template("library/index.html", shelf=shown, **_beside("library", None)), refusal.status


def _beside(at: str, filters: Filters | None) -> dict[str, Any]:
    """What templates/library/_side.html needs before its numbers are there. at: "library", "trash" or "sessions"."""
    query = urlencode([("at", at), *parse_qsl(filters.to_query() if filters else "")])
    return {
        "at": at,
        "filters": filters,
        "blank": Filters(),
        "saved": saved.saved_of(me().id),
        "side_url": f"{url_for('library_pages.side')}?{query}",
        "tally": None,
        "tags": [],
    }


def _pictures(count: int) -> str:
    return f"{count} picture{'' if count == 1 else 's'}"


def _id(text: str) -> uuid.UUID:
    found = id_or_none(text)
    if found is None:
        raise Invalid("Use the id as it was given to you.", fields={"id": "Use the id as it was given to you."})
    return found


def _day(text: str | None) -> date | None:
    try:
        return from_query([("since", text or "")]).since
    except Invalid:
        return None
