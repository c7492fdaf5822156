"""A provider that does what a test tells it, and remembers what it was asked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import NoReturn

from apiflask import APIFlask
from PIL import Image

from app.config import Settings
from app.providers.catalogue import Catalogue, Price
from app.providers.contract import Cancelled, Handle, NotSubmitted, Output, Outputs, Progress, Request, Unknown

Answer = Handle | Outputs
Found = Handle | Outputs | NotSubmitted | Unknown

PRICE = Decimal("0.04")


class Killed(BaseException):
    """The process is gone from here on: nothing in the product may catch this."""


def die() -> NoReturn:
    raise Killed


class Scripted:
    """Unless told otherwise: takes the work, shows it half done, gives a picture, and knows what it was sent.

    Each of `submitting`, `following`, `cancelling` and `finding` may be replaced by a test's own function.
    """

    id = "sketch"

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.cancelled: list[str] = []
        self.submitting: Callable[[Request], Answer] = lambda request: Handle({"reference": request.reference})
        self.following: Callable[[Handle], Iterator[Progress | Outputs]] = self.half_then_done
        self.cancelling: Callable[[Handle], None] = lambda _: None
        self.finding: Callable[[str], Found] = self.honestly

    def submit(self, request: Request) -> Answer:
        self.submitted.append(request.reference)
        return self.submitting(request)

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        return self.following(handle)

    def cancel(self, handle: Handle) -> None:
        self.cancelled.append(handle.value["reference"])
        self.cancelling(handle)

    def find(self, reference: str) -> Found:
        return self.finding(reference)

    def check(self) -> str:
        return "Scripted answers."

    def half_then_done(self, handle: Handle) -> Iterator[Progress | Outputs]:
        yield Progress(0.5)
        if handle.value["reference"] in self.cancelled:
            raise Cancelled
        yield picture()

    def honestly(self, reference: str) -> Found:
        return Handle({"reference": reference}) if reference in self.submitted else NotSubmitted()


def picture() -> Outputs:
    return Outputs((Output(_png(), "image/png", trusted=True),), cost=PRICE)


@cache
def _png() -> bytes:
    # Large enough to get a thumbnail, small enough to cost nothing.
    file = io.BytesIO()
    Image.new("RGB", (300, 300), "orange").save(file, "PNG")
    return file.getvalue()


def stand_in(app: APIFlask, *, paid: bool) -> Scripted:
    """Put a scripted provider in Sketch's place, on its lane and under its model's name; a paid one has a price."""
    known: Catalogue = app.extensions["catalogue"]
    price = Price(amount=PRICE if paid else Decimal(0), source="a test", checked="2026-11-20")
    settings: Settings = app.extensions["settings"]
    row = known.providers["sketch"].model_copy(update={"name": "Scripted", "slots": settings.sketch_slots})
    if paid:
        there = {"kind": "cloud", "key_setting": "SCRIPTED_KEY", "base_url": "https://scripted.test"}
        row = row.model_copy(update=there)
    app.extensions["catalogue"] = Catalogue(
        providers={"sketch": row},
        models=tuple(model.model_copy(update={"price": price}) for model in known.models if model.provider == "sketch"),
    )
    if paid:
        # With a key in hand there is a lane; that provider has no setting for one.
        settings = app.extensions["settings"] = settings.with_keys({"sketch": "a key for sketch"})
    scripted = Scripted()
    app.extensions["providers"]["sketch", settings.key_for("sketch")] = scripted
    return scripted
