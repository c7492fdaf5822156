"""FLUX at Black Forest Labs behind the provider contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.imaging.compositing import Part
from app.outbound import Garbled, Outbound, Patience, Reply
from app.providers.bfl import answers, bodies
from app.providers.bfl.answers import NAME
from app.providers.contract import Handle, Outputs, Progress, Request, Unknown
from app.providers.failures import asking, sending
from app.providers.waiting import Rhythm, Vigil, forgotten, lost, output_of

# The delivery hosts are regional, as are those to poll.
HOSTS = (".bfl.ai",)
_DOLLARS_PER_CREDIT = Decimal("0.01")
_SUBMIT = Patience(connect_s=5, silence_s=90, total_s=120)
_LOOK = Patience(connect_s=5, silence_s=15, total_s=20)
_DOWNLOAD = Patience(connect_s=5, silence_s=20, total_s=120)


@dataclass(frozen=True, slots=True)
class Unheard:
    """A task may be unknown for some seconds after it was taken: how often, and how long apart, to ask again."""

    times: int = 5
    pause_s: float = 2.0


class Bfl:
    id = "bfl"

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        patience: Patience = _SUBMIT,
        rhythm: Rhythm = Rhythm(),  # noqa: B008 - frozen
        unheard: Unheard = Unheard(),
    ) -> None:
        self._outbound = Outbound(base_url, headers={"x-key": key}, hosts=HOSTS, patience=patience)
        self._rhythm = rhythm
        self._unheard = unheard

    def submit(self, request: Request) -> Handle:
        body, part = bodies.body_of(request)
        with sending(NAME):
            reply = self._outbound.post(f"/v1/{request.endpoint}", body)
            if not reply.ok:
                raise answers.refusal(reply)
            return _handle_of(reply, part)

    def follow(self, handle: Handle) -> Iterator[Progress | Outputs]:
        task = handle.value
        vigil = Vigil(NAME, self._rhythm)
        unheard = expired = 0
        while True:
            reply = yield from vigil.until(lambda: self._poll(task), answers.tells)
            state = answers.state_of(reply)
            if isinstance(state, answers.Missing):
                unheard += 1
                if unheard > self._unheard.times:
                    raise forgotten(NAME, detail=f"task {task['id']} is not known")
                yield from vigil.pause(self._unheard.pause_s)
            elif isinstance(state, answers.Going):
                vigil.message = state.message
                vigil.fraction = vigil.fraction if state.fraction is None else state.fraction
                yield from vigil.pause()
            else:
                file = yield from vigil.file(state.url, self._download)
                if file.ok:
                    yield _outputs(task, state, file)
                    return
                # The link lives ten minutes; asking again may give a fresh one.
                expired += 1
                if expired > 1:
                    raise lost(NAME, detail=f"{file.status} for the file of task {task['id']}")

    def cancel(self, handle: Handle) -> None:
        """They offer no way to stop work that was taken."""

    def find(self, reference: str) -> Unknown:
        """They are told no name of ours, and list no tasks."""
        return Unknown()

    def check(self) -> str:
        with asking(NAME):
            reply = self._outbound.get("/v1/credits", patience=_LOOK)
            if not reply.ok:
                raise answers.refusal(reply)
            left = _decimal(reply.object().get("credits"))
        if left is None:
            return "The key is accepted."
        return f"The key is accepted: {left.normalize():f} credits left (${left * _DOLLARS_PER_CREDIT:.2f})."

    def _poll(self, task: dict[str, Any]) -> Reply:
        if task.get("polling_url"):
            return self._outbound.get(task["polling_url"], patience=_LOOK)
        return self._outbound.get("/v1/get_result", query={"id": task["id"]}, patience=_LOOK)

    def _download(self, url: str) -> Reply:
        return self._outbound.download(url, patience=_DOWNLOAD)


def _handle_of(reply: Reply, part: Part | None) -> Handle:
    said = reply.object()
    task, polling_url, cost = said.get("id"), said.get("polling_url"), _decimal(said.get("cost"))
    if not isinstance(task, str) or not task:
        raise Garbled("a submission was answered without an id")
    known: dict[str, Any] = {"id": task}
    if isinstance(polling_url, str):
        known["polling_url"] = polling_url
    if cost is not None:
        known["cost"] = str(cost * _DOLLARS_PER_CREDIT)
    if part is not None:
        known["part"] = list(part)
    return Handle(known)


def _outputs(task: dict[str, Any], state: answers.Ready, file: Reply) -> Outputs:
    part = task.get("part")
    notes: dict[str, Any] = {"request_id": task["id"]}
    if state.seed is not None:
        notes["seed"] = state.seed
    if state.prompt:
        notes["revised_prompt"] = state.prompt
    output = output_of(NAME, file.body, tuple(part) if part else None)
    return Outputs((output,), Decimal(task["cost"]) if "cost" in task else None, notes)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None
