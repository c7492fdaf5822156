"""Each provider that costs money: its adapter, the stand-in for its servers, and what to ask it for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.outbound import Patience
from app.providers.bfl import Bfl
from app.providers.contract import Operation, Provider
from app.providers.fal import Fal
from app.providers.gemini import Gemini
from app.providers.openai import OpenAI
from app.providers.recraft import Recraft
from app.providers.waiting import Rhythm
from tests.support import bfl_fake, fal_fake, gemini_fake, openai_fake, recraft_fake
from tests.support.wire import Wire

QUICK = Rhythm(first_s=0.01, most_s=0.02, sign_s=0.2, misses=3)


@dataclass(frozen=True, slots=True)
class Stand:
    """model: one to ask. base: of its addresses. waits: whether work is followed."""

    provider: str
    adapter: Callable[..., Provider]
    wire: Callable[[], Wire]
    key: str
    model: str
    base: str = ""
    waits: bool = False
    operation: Operation = Operation.TXT2IMG

    def made(self, wire: Wire, key: str | None = None, silence_s: float = 5.0) -> Provider:
        more: dict[str, Any] = {"rhythm": QUICK} if self.waits else {}
        patience = Patience(silence_s=silence_s, total_s=silence_s)
        return self.adapter(wire.url + self.base, key or self.key, patience=patience, **more)


_GEMINI = Stand("gemini", Gemini, gemini_fake.GeminiFake, gemini_fake.KEY, "gemini-nano-banana-2.1", waits=True)
STANDS = (
    Stand("openai", OpenAI, openai_fake.OpenAIFake, openai_fake.KEY, "gpt-image-2.6-flare", base="/v1"),
    _GEMINI,
    Stand("bfl", Bfl, bfl_fake.FakeBfl, bfl_fake.KEY, "flux-2-pro", waits=True),
    Stand("recraft", Recraft, recraft_fake.FakeRecraft, recraft_fake.KEY, "recraft-v3"),
    Stand("fal", Fal, fal_fake.FakeFal, fal_fake.KEY, "nano-banana", waits=True),
)
FILMING = replace(_GEMINI, model="gemini-omni-1.2-flash", operation=Operation.IMG2VID)
