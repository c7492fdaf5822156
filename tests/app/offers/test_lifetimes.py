"""Staff hear once, in time, which models end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.accounts.models import Mail, User
from app.db import db, utc_now
from app.offers import lifetimes
from app.providers.catalogue import Catalogue
from app.providers.contract import ErrorKind, ProviderError
from tests.support.scripted import stand_in

TODAY = utc_now().date()


class Telling:
    """A provider's adapter that says when its models end, or that it cannot."""

    id = "sketch"

    def __init__(self) -> None:
        self.says: Mapping[str, date] | None = {}

    def lifetimes(self) -> Mapping[str, date]:
        if self.says is None:
            raise ProviderError(ErrorKind.PROVIDER, "It could not be reached.")
        return self.says


@pytest.fixture
def telling(app: APIFlask) -> Telling:
    stand_in(app, paid=True)
    made = Telling()
    providers = app.extensions["providers"]
    for name in list(providers):
        providers[name] = made
    return made


@pytest.fixture
def boss(owner: User) -> User:
    owner.is_admin = True
    db.session.commit()
    return owner


def ends(app: APIFlask, model_id: str, day: date, successor: str | None = None) -> None:
    known: Catalogue = app.extensions["catalogue"]
    models = tuple(
        model.model_copy(update={"available_until": day, "successor": successor}) if model.id == model_id else model
        for model in known.models
    )
    app.extensions["catalogue"] = known.model_copy(update={"models": models})


def mails() -> list[Mail]:
    return list(db.session.scalars(sa.select(Mail).where(Mail.kind == "models_ending")))


def test_what_ends_within_a_month_is_mailed_once(app: APIFlask, telling: Telling, boss: User) -> None:
    ends(app, "sketch-neon", TODAY + timedelta(days=30), successor="sketch")
    ends(app, "sketch-sepia", TODAY + timedelta(days=31))
    assert [each.model.id for each in lifetimes.look()] == ["sketch-neon"]
    assert lifetimes.look() == []
    (mail,) = mails()
    assert mail.recipient == boss.email
    assert f"Sketch Neon ends on {TODAY + timedelta(days=30)}; Sketch takes its place." in mail.body


def test_a_providers_own_word_counts_before_the_catalogues(app: APIFlask, telling: Telling, boss: User) -> None:
    ends(app, "sketch-neon", TODAY + timedelta(days=300))
    endpoint = "sketch-upscale"
    telling.says = {endpoint: TODAY + timedelta(days=3), "of-nobody": TODAY}
    (first,) = lifetimes.look()
    assert (first.model.id, first.told) == ("sketch-upscale", True)
    assert first.sentence().endswith("nothing takes its place yet.")
    telling.says = {endpoint: TODAY + timedelta(days=9)}
    (again,) = lifetimes.look()
    assert again.last_day == TODAY + timedelta(days=9)
    assert len(mails()) == 2


def test_a_provider_that_cannot_be_asked_is_passed_over(app: APIFlask, telling: Telling, boss: User) -> None:
    ends(app, "sketch-neon", TODAY)
    telling.says = None
    assert [each.model.id for each in lifetimes.look()] == ["sketch-neon"]


def test_what_is_over_already_is_no_news(app: APIFlask, telling: Telling, boss: User) -> None:
    ends(app, "sketch-neon", TODAY - timedelta(days=1))
    assert lifetimes.look() == []
    assert mails() == []
