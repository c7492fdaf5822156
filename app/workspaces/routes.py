"""Pages of workspaces, themes and styles."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, signed_in
from app.errors import AppError, Invalid
from app.forms import read_form
from app.workspaces import current, queries, service
from app.workspaces.forms import StyleBody, ThemeBody, WorkspaceBody
from app.workspaces.models import Style, Theme

bp = Blueprint("workspaces", __name__)


@bp.get("/workspaces")
@signed_in
def index() -> ResponseReturnValue:
    return _index()


@bp.post("/workspaces")
@signed_in
def create() -> ResponseReturnValue:
    try:
        workspace = service.create_workspace(me().id, read_form(WorkspaceBody, request.form))
    except Invalid as error:
        return _index(draft=request.form, errors=error.fields), error.status
    return redirect(url_for("playground.show", workspace_id=workspace.id))


@bp.get("/w/<uuid:workspace_id>/settings")
@signed_in
def edit(workspace_id: uuid.UUID) -> ResponseReturnValue:
    return _edit(workspace_id)


@bp.post("/w/<uuid:workspace_id>/settings")
@signed_in
def change(workspace_id: uuid.UUID) -> ResponseReturnValue:
    workspace = current.enter(workspace_id)
    try:
        service.change_workspace(workspace, read_form(WorkspaceBody, request.form))
    except Invalid as error:
        return _edit(workspace_id, draft=request.form, errors=error.fields), error.status
    flash("Saved.", "good")
    return redirect(url_for("workspaces.edit", workspace_id=workspace_id))


@bp.post("/w/<uuid:workspace_id>/deletion")
@signed_in
def delete(workspace_id: uuid.UUID) -> ResponseReturnValue:
    workspace = current.enter(workspace_id)
    try:
        service.delete_workspace(workspace, typed_name=request.form.get("typed_name", ""))
    except AppError as error:
        return _edit(workspace_id, errors=error.fields or {"typed_name": error.message}), error.status
    flash(f"“{workspace.name}” was deleted.", "good")
    return redirect(url_for("workspaces.index"))


@bp.get("/w/<uuid:workspace_id>/themes")
@signed_in
def themes(workspace_id: uuid.UUID) -> ResponseReturnValue:
    workspace = current.enter(workspace_id)
    return render_template("workspaces/themes.html", themes=queries.themes_of(me().id), chosen=workspace.theme_id)


@bp.post("/w/<uuid:workspace_id>/theme")
@signed_in
def choose_theme(workspace_id: uuid.UUID) -> ResponseReturnValue:
    """Make a theme the workspace's own, or none."""
    workspace = current.enter(workspace_id)
    body = read_form(WorkspaceBody, {"name": workspace.name, "theme_id": request.form.get("theme_id", "")})
    service.change_workspace(workspace, body)
    flash("The theme is joined to every prompt from now on." if body.theme_id else "No theme is used now.", "good")
    return redirect(url_for("workspaces.themes", workspace_id=workspace_id))


@bp.route("/w/<uuid:workspace_id>/themes/new", methods=["GET", "POST"])
@signed_in
def new_theme(workspace_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    return _theme_form(workspace_id, None)


@bp.route("/w/<uuid:workspace_id>/themes/<uuid:theme_id>", methods=["GET", "POST"])
@signed_in
def theme(workspace_id: uuid.UUID, theme_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    return _theme_form(workspace_id, service.theme_for(me().id, theme_id))


@bp.post("/w/<uuid:workspace_id>/themes/<uuid:theme_id>/copies")
@signed_in
def duplicate_theme(workspace_id: uuid.UUID, theme_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    copy = service.duplicate_theme(service.theme_for(me().id, theme_id))
    return redirect(url_for("workspaces.theme", workspace_id=workspace_id, theme_id=copy.id))


@bp.post("/w/<uuid:workspace_id>/themes/<uuid:theme_id>/deletion")
@signed_in
def delete_theme(workspace_id: uuid.UUID, theme_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    service.delete_theme(service.theme_for(me().id, theme_id))
    flash("The theme was deleted. Pictures made with it keep its words.", "good")
    return redirect(url_for("workspaces.themes", workspace_id=workspace_id))


@bp.get("/w/<uuid:workspace_id>/styles")
@signed_in
def styles(workspace_id: uuid.UUID) -> ResponseReturnValue:
    workspace = current.enter(workspace_id)
    return render_template("workspaces/styles.html", styles=queries.styles_of(workspace.id))


@bp.route("/w/<uuid:workspace_id>/styles/new", methods=["GET", "POST"])
@signed_in
def new_style(workspace_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    return _style_form(workspace_id, None)


@bp.route("/w/<uuid:workspace_id>/styles/<uuid:style_id>", methods=["GET", "POST"])
@signed_in
def style(workspace_id: uuid.UUID, style_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    return _style_form(workspace_id, service.style_for(me().id, style_id))


@bp.post("/w/<uuid:workspace_id>/styles/<uuid:style_id>/copies")
@signed_in
def duplicate_style(workspace_id: uuid.UUID, style_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    copy = service.duplicate_style(service.style_for(me().id, style_id))
    return redirect(url_for("workspaces.style", workspace_id=workspace_id, style_id=copy.id))


@bp.post("/w/<uuid:workspace_id>/styles/<uuid:style_id>/deletion")
@signed_in
def delete_style(workspace_id: uuid.UUID, style_id: uuid.UUID) -> ResponseReturnValue:
    current.enter(workspace_id)
    service.delete_style(service.style_for(me().id, style_id))
    flash("The style was deleted. Pictures made with it keep its words.", "good")
    return redirect(url_for("workspaces.styles", workspace_id=workspace_id))


def _index(*, draft: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> str:
    return render_template("workspaces/index.html", draft=draft or {}, errors=errors or {})


def _edit(
    workspace_id: uuid.UUID, *, draft: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None
) -> str:
    workspace = current.enter(workspace_id)
    shown = draft or {"name": workspace.name, "theme_id": workspace.theme_id}
    themes = queries.themes_of(me().id)
    return render_template("workspaces/edit.html", draft=shown, errors=errors or {}, themes=themes)


def _theme_form(workspace_id: uuid.UUID, theme: Theme | None) -> ResponseReturnValue:
    draft: Mapping[str, Any] = _values(theme, ThemeBody)
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            body = read_form(ThemeBody, request.form)
            service.create_theme(me().id, body) if theme is None else service.change_theme(theme, body)
        except Invalid as error:
            draft, errors = request.form, error.fields
        else:
            flash("Saved.", "good")
            return redirect(url_for("workspaces.themes", workspace_id=workspace_id))
    page = render_template("workspaces/theme.html", theme=theme, draft=draft, errors=errors)
    return page, 422 if errors else 200


def _style_form(workspace_id: uuid.UUID, style: Style | None) -> ResponseReturnValue:
    draft: Mapping[str, Any] = _values(style, StyleBody)
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            body = read_form(StyleBody, request.form)
            workspace = current.enter(workspace_id)
            service.create_style(workspace, body) if style is None else service.change_style(style, body)
        except Invalid as error:
            draft, errors = request.form, error.fields
        else:
            flash("Saved.", "good")
            return redirect(url_for("workspaces.styles", workspace_id=workspace_id))
    page = render_template("workspaces/style.html", style=style, draft=draft, errors=errors)
    return page, 422 if errors else 200


def _values(row: Theme | Style | None, shape: type[ThemeBody | StyleBody]) -> dict[str, Any]:
    """What a form shows of a row: an empty field for None."""
    if row is None:
        return {}
    values = {name: getattr(row, name) for name in shape.model_fields}
    return {name: "" if value is None else value for name, value in values.items()}
