"""The providers that cost money, at stand-ins over real HTTP, with a worker killed at every step: each picture is paid
for once at most, what can be had is had, and what cannot be known is said."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from apiflask import APIFlask
from werkzeug.datastructures import FileStorage

from app.library import uploads
from app.providers.bfl import Bfl
from app.providers.fal import Fal
from app.providers.gemini import Gemini
from app.providers.openai import OpenAI
from app.providers.recraft import Recraft
from app.providers.waiting import Rhythm
from app.workspaces.models import Workspace
from tests.app.generation.conftest import AtPoint
from tests.app.imaging.files import encoded, photo
from tests.support import bfl_fake, fal_fake, gemini_fake, openai_fake, recraft_fake
from tests.support.asking import shipped
from tests.support.engine import Engine
from tests.support.scripted import die
from tests.support.wire import Wire

QUICK = Rhythm(first_s=0.01, most_s=0.02, sign_s=0.2)
KEYS = {
    "OPENAI_API_KEY": openai_fake.KEY,
    "GEMINI_API_KEY": gemini_fake.KEY,
    "BFL_API_KEY": bfl_fake.KEY,
    "RECRAFT_API_TOKEN": recraft_fake.KEY,
    "FAL_KEY": fal_fake.KEY,
}
AT_ONCE = ("after_claim", "before_send", "after_send", "after_files", "before_end", "after_end")
FOLLOWED = (*AT_ONCE[:3], "after_handle", "following", "before_store", *AT_ONCE[3:])


@dataclass(frozen=True, slots=True)
class Kind:
    """kept_from: the first step after which the work is found again instead of being unknown. None: only its end is."""

    model: str
    steps: tuple[str, ...]
    kept_from: str
    needs_picture: bool = False

    def outcome_at(self, step: str) -> str:
        if step == "after_claim" or self.steps.index(step) >= self.steps.index(self.kept_from):
            return "succeeded"
        return "failed"


KINDS = [
    Kind("gpt-image-2.6-flare", AT_ONCE, kept_from="after_end"),
    Kind("gemini-nano-banana-2.1", AT_ONCE, kept_from="after_end"),
    Kind("gemini-omni-1.2-flash", FOLLOWED, kept_from="after_handle", needs_picture=True),
    Kind("flux-2-pro", FOLLOWED, kept_from="after_handle"),
    Kind("recraft-v3", AT_ONCE, kept_from="after_end"),
    # Theirs is the one list in which what was sent can be found again, by its seed among other things.
    Kind("nano-banana", FOLLOWED, kept_from="after_send"),
]


@pytest.fixture
def wires(app: APIFlask, always_looking: None) -> Iterator[dict[str, Wire]]:
    with ExitStack() as stack:
        openai = stack.enter_context(openai_fake.OpenAIFake())
        gemini = stack.enter_context(gemini_fake.GeminiFake())
        bfl = stack.enter_context(bfl_fake.FakeBfl())
        recraft = stack.enter_context(recraft_fake.FakeRecraft())
        fal = stack.enter_context(fal_fake.FakeFal())
        app.extensions["providers"] |= {
            ("openai", openai_fake.KEY): OpenAI(f"{openai.url}/v1", openai_fake.KEY),
            ("gemini", gemini_fake.KEY): Gemini(gemini.url, gemini_fake.KEY, rhythm=QUICK),
            ("bfl", bfl_fake.KEY): Bfl(bfl.url, bfl_fake.KEY, rhythm=QUICK),
            ("recraft", recraft_fake.KEY): Recraft(recraft.url, recraft_fake.KEY),
            ("fal", fal_fake.KEY): Fal(fal.url, fal_fake.KEY, rhythm=QUICK, listed_within=timedelta(0)),
        }
        gemini.looks = bfl.looks = 1
        yield {"openai": openai, "gemini": gemini, "bfl": bfl, "recraft": recraft, "fal": fal}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("settings_more", [KEYS], indirect=True, ids=[""])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.model)
def test_a_worker_killed_at_any_step_is_paid_for_once_at_most_and_nothing_is_forgotten(
    engine: Engine, workspace: Workspace, wires: dict[str, Wire], at_point: AtPoint, kind: Kind
) -> None:
    model = shipped().find(kind.model)
    assert model is not None
    wire = wires[model.provider]
    picture = FileStorage(io.BytesIO(encoded(photo(128, 96))), "fox.png")
    wishes = {"image": uploads.add_file(workspace, picture).id} if kind.needs_picture else {}
    for step in kind.steps:
        charges = len(wire.ledger)
        batch = engine.submit(workspace, f"a fox, {step}", model=kind.model, width=1024, height=1024, **wishes)
        engine.place()
        at_point(step, die)
        engine.die_at_work()
        engine.lapse()
        engine.turn()
        (job,) = engine.jobs(batch)
        assert (step, job.state) == (step, kind.outcome_at(step))
        assert len(wire.ledger) - charges == (0 if step == "before_send" else 1), step
        if job.state == "failed":
            assert (job.error_kind, job.maybe_charged) == ("outcome_unknown", True)
        engine.check()
