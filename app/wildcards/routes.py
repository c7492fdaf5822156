"""Pages of a workspace's wildcard files. All of them are plain forms."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, signed_in
from app.errors import AppError, NotFound
from app.forms import read_form
from app.limits import WILDCARD_BODY_BYTES
from app.web.hygiene import takes_bodies_of
from app.wildcards import service, uploads
from app.wildcards.forms import WildcardBody
from app.wildcards.models import WildcardFile
from app.wildcards.reading import readable_wildcards
from app.wildcards.views import shelf_view
from app.workspaces import current

bp = Blueprint("wildcards", __name__, url_prefix="/w/<uuid:workspace_id>/wildcards")


@bp.get("")
@signed_in
def index(workspace_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    return _index(workspace_id)


@bp.post("/uploads")
@signed_in
def upload(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """Add files from the person's disk, several at once."""
    workspace = current.enter(workspace_id)
    try:
        bodies = uploads.read(request.files.getlist("files"), folder=request.form.get("folder", ""))
        added = service.add_files(workspace, bodies, replace="replace" in request.form)
    except AppError as error:
        return _index(workspace_id, draft=request.form, error=error.message), error.status
    flash(f"{len(added)} {'file was' if len(added) == 1 else 'files were'} added.", "good")
    return redirect(url_for("wildcards.index", workspace_id=workspace_id))


@bp.route("/new", methods=["GET", "POST"])
@signed_in
@takes_bodies_of(WILDCARD_BODY_BYTES)
def new(workspace_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    return _form(workspace_id, None)


@bp.route("/<uuid:file_id>", methods=["GET", "POST"])
@signed_in
@takes_bodies_of(WILDCARD_BODY_BYTES)
def edit(workspace_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    return _form(workspace_id, _file(workspace_id, file_id))


@bp.get("/<uuid:file_id>/text")
@signed_in
def download(workspace_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    file = _file(workspace_id, file_id)
    answer = Response(file.text, mimetype="text/plain")
    # Only letters, digits, -, _ and . can be in the name.
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.path.rpartition("/")[2]}"'
    return answer


@bp.post("/<uuid:file_id>/deletion")
@signed_in
def delete(workspace_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    file = _file(workspace_id, file_id)
    path = file.path
    try:
        service.delete(file)
    except AppError as error:
        flash(error.message, "bad")
        return redirect(url_for("wildcards.edit", workspace_id=workspace_id, file_id=file_id))
    flash(f"“{path}” was deleted. Pictures made with it keep their prompts.", "good")
    return redirect(url_for("wildcards.index", workspace_id=workspace_id))


def _file(workspace_id: uuid.UUID, file_id: uuid.UUID) -> WildcardFile:
    current.enter(workspace_id)
    file = service.file_for(me().id, file_id)
    if file.workspace_id != workspace_id:
        raise NotFound("wildcard file")
    return file


def _index(workspace_id: uuid.UUID, *, draft: Mapping[str, str] | None = None, error: str = "") -> str:
    wildcards, broken = readable_wildcards(workspace_id)
    files = shelf_view(workspace_id, wildcards)
    return render_template("wildcards/index.html", files=files, broken=broken, draft=draft or {}, error=error)


def _form(workspace_id: uuid.UUID, file: WildcardFile | None) -> ResponseReturnValue:
    draft: Mapping[str, str] = {"path": file.path, "text": file.text} if file else {}
    errors: Mapping[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            body = read_form(WildcardBody, request.form)
            saved = service.change(file, body) if file else service.create(current.enter(workspace_id), body)
        except AppError as error:
            draft, errors, status = request.form, error.fields or {"text": error.message}, error.status
        else:
            flash(f"“{saved.path}” was saved with {saved.entries:,} entries.", "good")
            return redirect(url_for("wildcards.index", workspace_id=workspace_id))
    return render_template("wildcards/file.html", file=file, draft=draft, errors=errors), status
