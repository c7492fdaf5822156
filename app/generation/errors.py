"""What the engine refuses, each with a sentence the person can act on."""

from __future__ import annotations

from app.errors import AppError, Conflict, Invalid
from app.prompts.figures import shown


class IllegalTransition(RuntimeError):
    """A bug: code tried to move a job in a way the state table forbids."""

    def __init__(self, current: object, to: object) -> None:
        super().__init__(f"a job cannot go from {current} to {to}")


class SeedOutOfRange(Invalid):
    code = "seed_out_of_range"

    def __init__(self) -> None:
        sentence = "Seeds go from 0 to 4294967295. Leave it empty for a random one."
        super().__init__(sentence, fields={"seed": sentence})


class TooManyPictures(Invalid):
    code = "too_many_combinations"

    def __init__(self, count: int, most: int) -> None:
        sentence = (
            f"This makes {shown(count)} pictures and one batch holds {most:,}. Choose some, or shorten the prompt."
        )
        super().__init__(sentence, fields={"prompt": sentence})
        self.count = count
        self.most = most


class UnknownModel(Invalid):
    code = "unknown_model"

    def __init__(self, model: str, known: list[str]) -> None:
        sentence = f"There is no model called “{model[:80]}”. Choose one of: {', '.join(known)}."
        super().__init__(sentence, fields={"model": sentence})


class SwitchedOff(Invalid):
    code = "model_switched_off"

    def __init__(self, model: str, nearest: str) -> None:
        sentence = f"{model} is switched off here. {_instead(nearest)}"
        super().__init__(sentence, fields={"model": sentence})


class NeedsKey(Invalid):
    code = "needs_key"

    def __init__(self, model: str, provider: str, nearest: str) -> None:
        sentence = f"{model} needs a key at {provider}: add yours under Provider keys. {_instead(nearest)}"
        super().__init__(sentence, fields={"model": sentence})


class NeedsPicture(Invalid):
    code = "needs_picture"

    def __init__(self, model: str, nearest: str) -> None:
        sentence = f"{model} starts from a picture: bring one in. {_instead(nearest)}"
        super().__init__(sentence, fields={"image": sentence})


def _instead(nearest: str) -> str:
    return f"Or use {nearest}." if nearest else ""


class UnsupportedOperation(Invalid):
    code = "unsupported_operation"

    def __init__(self, model: str, operation: str, alternatives: list[str]) -> None:
        remedy = f"Use {alternatives[0]}." if alternatives else "No model here can."
        sentence = f"{model} cannot do {operation}. {remedy}"
        super().__init__(sentence, fields={"model": sentence})


class BadParameter(Invalid):
    code = "bad_parameter"

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence, fields={name: sentence})


class TooLargeForModel(Invalid):
    """A picture or a frame that the model cannot hold, whoever would have to refuse it."""

    code = "too_large_for_model"

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence, fields={name: sentence})


class MissingInput(Invalid):
    code = "missing_input"

    def __init__(self, role: str, operation: str) -> None:
        sentence = f"{operation} needs a picture as its {role}. Upload one or choose one from your pictures."
        super().__init__(sentence, fields={role: sentence})


class KeyReused(Conflict):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for a different request. Send a new key with a new request.")


class NotCancellable(Conflict):
    code = "already_ended"

    def __init__(self, state: str) -> None:
        super().__init__(f"This job has already {state}, so there is nothing left to cancel.")


class NotRetryable(Conflict):
    code = "not_retryable"

    def __init__(self, state: str) -> None:
        super().__init__(f"This job is {state}. Only failed and cancelled jobs can be tried again.")


class NotDismissable(Conflict):
    code = "not_dismissable"

    def __init__(self, state: str) -> None:
        super().__init__(f"This job is {state}. Only failed jobs can be dismissed.")


class NotWaiting(Conflict):
    code = "not_waiting"

    def __init__(self) -> None:
        super().__init__("Only a job that still waits can be moved. This one has already started.")


class DoomedJob(AppError):
    """Raised inside the run when a job's inputs can no longer be used."""

    status = 409
    code = "input_gone"
