"""Models end. What ends soon, by the catalogue and by what providers say themselves, told to staff while there is time.

Asked once a day. Each ending is mailed once; that it was is a row, so a restart repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
import structlog

from app.accounts import mail
from app.accounts.queries import admins
from app.db import db, insert_once, utc_now
from app.extensions import settings
from app.offers.models import ModelLifetime
from app.providers.catalogue import Catalogue, ModelRow
from app.providers.contract import ProviderError, TellsLifetimes
from app.providers.registry import catalogue, provider

log = structlog.get_logger(__name__)

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ending:
    """A model and its last day. told: the provider said so itself; otherwise the catalogue does."""

    model: ModelRow
    last_day: date
    successor: str
    told: bool

    def sentence(self) -> str:
        instead = f"{self.successor} takes its place" if self.successor else "nothing takes its place yet"
        return f"{self.model.name} ends on {self.last_day}; {instead}."


def look() -> list[Ending]:
    """Ask the providers, and mail staff about what ends soon and was not mailed before. Returns that. Commits."""
    _remember(_told())
    soon = ending(utc_now().date())
    for each in soon:
        insert_once(sa.inspect(ModelLifetime).local_table, model=each.model.id, last_day=each.last_day, told=each.told)
    unsaid = sa.select(ModelLifetime.model).where(ModelLifetime.warned_at.is_(None))
    names = set(db.session.scalars(unsaid))
    new = [each for each in soon if each.model.id in names]
    for each in new:
        log.warning("model_ends_soon", model=each.model.id, last_day=str(each.last_day), told=each.told)
    if new:
        for person in admins():
            mail.queue_template("models_ending", person.email, "Models that end soon", endings=new)
        ids = [each.model.id for each in new]
        db.session.execute(
            sa.update(ModelLifetime).where(ModelLifetime.model.in_(ids)).values(warned_at=utc_now()),
            execution_options={"synchronize_session": False},
        )
    db.session.commit()
    return new


def ending(today: date, within: timedelta = SOON) -> list[Ending]:
    """What ends within that time, the first to end first. A provider's own word counts before the catalogue's."""
    told = {row.model: row.last_day for row in db.session.scalars(sa.select(ModelLifetime).where(ModelLifetime.told))}
    return sorted(_ending(catalogue(), told, today, today + within), key=lambda each: (each.last_day, each.model.id))


def _ending(known: Catalogue, told: dict[str, date], today: date, until: date) -> Iterable[Ending]:
    for model in known.models:
        last_day = told.get(model.id, model.available_until)
        if last_day is None or not today <= last_day <= until:
            continue
        heir = known.find(model.successor) if model.successor else None
        yield Ending(model, last_day, heir.name if heir else "", told=model.id in told)


def _told() -> dict[str, date]:
    """Last days by model id, of the providers that have a key and can be asked. One that does not answer is passed
    over: tomorrow is another day."""
    found: dict[str, date] = {}
    for provider_id in catalogue().providers:
        if not settings().key_for(provider_id):
            continue
        adapter = provider(provider_id)
        if not isinstance(adapter, TellsLifetimes):
            continue
        try:
            by_endpoint = adapter.lifetimes()
        except ProviderError as error:
            log.warning("lifetimes_not_told", provider=provider_id, detail=error.detail)
            continue
        for model in catalogue().models:
            endpoints = {model.endpoint_for(operation) for operation in model.operations}
            days = [by_endpoint[each] for each in endpoints & by_endpoint.keys()]
            if model.provider == provider_id and days:
                found[model.id] = min(days)
    return found


def _remember(told: dict[str, date]) -> None:
    for model_id, last_day in told.items():
        row = db.session.get(ModelLifetime, model_id)
        if row is None:
            db.session.add(ModelLifetime(model=model_id, last_day=last_day, told=True))
        elif row.last_day != last_day or not row.told:
            # Another day than was mailed is news.
            row.warned_at = row.warned_at if row.last_day == last_day else None
            row.last_day, row.told = last_day, True
    db.session.flush()
