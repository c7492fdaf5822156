"""Whether a key is taken, asked of providers of words by a call that costs nothing: what models it may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.config import Settings
from app.llm.anthropic import VERSION
from app.llm.contract import LanguageError
from app.outbound import Outbound, OutboundError, Patience

_PATIENCE = Patience(connect_s=5, silence_s=8, total_s=10)


@dataclass(frozen=True, slots=True)
class _Door:
    name: str
    path: str
    headers: Mapping[str, str]
    base_url: Callable[[Settings], str]


_DOORS: Mapping[str, _Door] = {
    "anthropic": _Door(
        "Anthropic",
        "/v1/models",
        {"anthropic-version": VERSION},
        lambda chosen: chosen.base_url_for("anthropic").removesuffix("/v1"),
    ),
    "mistral": _Door("Mistral", "/models", {}, lambda chosen: chosen.base_url_for("mistral")),
}
PROVIDERS = frozenset(_DOORS)


def check(settings: Settings, provider: str, key: str) -> str:
    """A sentence saying that the key works. Raises LanguageError, whose sentence says why it does not."""
    door = _DOORS[provider]
    outbound = Outbound(door.base_url(settings), {"Authorization": f"Bearer {key}", **door.headers}, patience=_PATIENCE)
    try:
        reply = outbound.get(door.path)
    except OutboundError as error:
        raise LanguageError(f"{door.name} could not be reached. Try again.", retryable=True) from error
    if reply.status in {401, 403}:
        raise LanguageError(f"{door.name} does not accept this key.")
    if reply.status == 429:
        raise LanguageError(f"{door.name} is busy. Try again in a minute.", retryable=True)
    if not reply.ok:
        raise LanguageError(f"{door.name} did not answer as expected. Try again.", retryable=True)
    return f"{door.name} accepts the key."
