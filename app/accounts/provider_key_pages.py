"""Settings, Provider keys: enter, replace, test and delete one's own keys. None is ever shown."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts import provider_keys, throttle
from app.accounts.access import fresh, me, signed_in
from app.accounts.forms import ProviderKeyForm
from app.accounts.models import ProviderKey
from app.db import db
from app.provider_heads import Head
from app.web.visitor import by_htmx

bp = Blueprint("provider_keys", __name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the page: the provider, and the person's key there if they have one."""

    provider: Head
    key: ProviderKey | None

    @property
    def is_being_checked(self) -> bool:
        return self.key is not None and provider_keys.is_being_checked(self.key)


@bp.get("/settings/provider-keys")
@signed_in
def index() -> ResponseReturnValue:
    mine = provider_keys.keys_of(me())
    return render_template(
        "accounts/provider_keys.html",
        entries=[Entry(each, mine.get(each.id)) for each in provider_keys.keyed_providers()],
    )


@bp.route("/settings/provider-keys/<provider_id>", methods=["GET", "POST"])
@fresh
def edit(provider_id: str) -> ResponseReturnValue:
    provider = provider_keys.keyed(provider_id)
    form = ProviderKeyForm()
    if not form.validate_on_submit():
        entry = Entry(provider, provider_keys.keys_of(me()).get(provider.id))
        return render_template("accounts/provider_key.html", form=form, entry=entry)
    row = provider_keys.save(me(), provider.id, form.key.data)
    provider_keys.ask_for_check(row)
    db.session.commit()
    flash(f"Your key of {provider.name} is kept, and is being tested.", "success")
    return redirect(url_for("provider_keys.index"), 303)


@bp.get("/settings/provider-keys/<provider_id>/state")
@signed_in
def state(provider_id: str) -> ResponseReturnValue:
    """One line, for a page that waits for a test."""
    return _line(provider_id)


@bp.post("/settings/provider-keys/<provider_id>/test")
@signed_in
def test(provider_id: str) -> ResponseReturnValue:
    row = provider_keys.row_of(me(), provider_id)
    throttle.take(throttle.KEY_TESTS, str(me().id))
    provider_keys.ask_for_check(row)
    db.session.commit()
    return _line(provider_id) if by_htmx() else redirect(url_for("provider_keys.index"), 303)


@bp.post("/settings/provider-keys/<provider_id>/deletion")
@signed_in
def delete(provider_id: str) -> ResponseReturnValue:
    provider = provider_keys.keyed(provider_id)
    provider_keys.delete(me(), provider.id)
    db.session.commit()
    flash(
        f"Your key of {provider.name} is deleted. It still works at {provider.name} until you revoke it there.",
        "success",
    )
    return redirect(url_for("provider_keys.index"), 303)


def _line(provider_id: str) -> ResponseReturnValue:
    entry = Entry(provider_keys.keyed(provider_id), provider_keys.row_of(me(), provider_id))
    return render_template("accounts/_provider_key_line.html", entry=entry)
