"""One job as Sketch does it: the request with its parameters checked, to and from the handle's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.providers.contract import ErrorKind, Handle, Operation, ProviderError, Request

MIN_SIDE_PX, MAX_SIDE_PX = 64, 2048
# Of a picture that is changed or extended; whatever else is made keeps to MAX_SIDE_PX.
MAX_FRAME_PX = 2 * MAX_SIDE_PX
FORMATS = ("png", "webp", "jpeg")
# The mood that an endpoint paints everything in; an edit keeps the mood of its picture by itself.
_MOODS = {"sketch-pastel": "pastel", "sketch-neon": "neon", "sketch-sepia": "sepia"}
_PAINTED = (Operation.TXT2IMG, Operation.IMG2IMG, Operation.INPAINT, Operation.OUTPAINT)
_SIDES = ("left", "top", "right", "bottom")
_NEEDS = {
    Operation.IMG2IMG: ("image",),
    Operation.INPAINT: ("image", "mask"),
    Operation.OUTPAINT: ("image",),
    Operation.UPSCALE: ("image",),
    Operation.ITERATE: ("image",),
    Operation.IMG2VID: ("image",),
    Operation.INTERPOLATE: ("first", "last"),
}
_VIDEO = (Operation.IMG2VID, Operation.INTERPOLATE)
# The others take their size from the picture they are given.
_SIZED = (Operation.TXT2IMG, Operation.IMG2IMG, *_VIDEO)


def refusal(sentence: str, detail: str = "") -> ProviderError:
    return ProviderError(ErrorKind.USER_FIXABLE, sentence, detail=detail)


@dataclass(frozen=True, slots=True)
class Job:
    """Everything needed to paint again after a crash. submitted_at: seconds since the epoch."""

    reference: str
    operation: Operation
    prompt: str
    negative_prompt: str
    seed: int
    width_px: int
    height_px: int
    params: Mapping[str, Any]
    files: Mapping[str, Path]
    submitted_at: float = 0.0

    @property
    def strength(self) -> float:
        return self._number("strength", 0.6, 0, 1)

    @property
    def factor(self) -> int:
        asked = self.params.get("factor", 2)
        # A form's choice arrives as text.
        given = {"factor": int(asked) if asked in ("2", "3", "4") else asked}
        return int(_number(given, "factor", 2, 2, 4, whole=True))

    @property
    def duration_s(self) -> float:
        return self._number("duration_s", 4, 0.5, 12)

    @property
    def fps(self) -> int:
        return int(self._number("fps", 24, 4, 30, whole=True))

    @property
    def format(self) -> str:
        name = self.params.get("format", "png")
        if name not in FORMATS:
            raise refusal(f"The format must be one of {', '.join(FORMATS)}.")
        return str(name)

    @property
    def expand(self) -> tuple[int, int, int, int]:
        """Pixels to add at left, top, right and bottom."""
        asked = self.params.get("expand", {})
        if not isinstance(asked, Mapping) or not set(asked) <= set(_SIDES):
            raise refusal("The expansion (expand) must name pixels for left, top, right or bottom.")
        left, top, right, bottom = (int(_number(asked, side, 0, 0, MAX_FRAME_PX, whole=True)) for side in _SIDES)
        if not left + top + right + bottom:
            raise refusal(
                "The expansion (expand) adds nothing: give at least one of left, top, right and bottom pixels."
            )
        return left, top, right, bottom

    def fast(self, default: bool) -> bool:
        asked = self.params.get("fast", default)
        if not isinstance(asked, bool):
            raise refusal("The parameter fast must be true or false.")
        return asked

    def check(self) -> None:
        """Raise ProviderError(user_fixable), naming the field and what it may be, before anything is charged."""
        sides = (("width", self.width_px), ("height", self.height_px)) if self.operation in _SIZED else ()
        for name, side in sides:
            if not MIN_SIDE_PX <= side <= MAX_SIDE_PX:
                raise refusal(f"The {name} must be between {MIN_SIDE_PX} and {MAX_SIDE_PX} pixels.")
        for role in _NEEDS.get(self.operation, ()):
            if role not in self.files:
                raise refusal(f"Sketch needs a picture as `{role}` for {self.operation}: add one.")
        self.fast(False)
        _ = (self.duration_s, self.fps) if self.operation in _VIDEO else self.format
        if self.operation is Operation.IMG2IMG:
            _ = self.strength
        if self.operation is Operation.UPSCALE:
            _ = self.factor
        if self.operation is Operation.OUTPAINT:
            _ = self.expand

    def _number(self, name: str, default: float, low: float, high: float, *, whole: bool = False) -> float:
        return _number(self.params, name, default, low, high, whole=whole)


def _number(
    params: Mapping[str, Any], name: str, default: float, low: float, high: float, *, whole: bool = False
) -> float:
    value = params.get(name, default)
    kind = "a whole number" if whole else "a number"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (whole and value != int(value)):
        raise refusal(f"The parameter {name} must be {kind} between {low:g} and {high:g}.")
    return float(value)


def from_request(request: Request) -> Job:
    mood = _MOODS.get(request.endpoint, "") if request.operation in _PAINTED else ""
    prompt = f"{request.prompt}, {mood}" if mood else request.prompt
    return Job(
        request.reference, request.operation, prompt, request.negative_prompt, request.seed,
        request.width_px, request.height_px, dict(request.params), dict(request.files),
    )  # fmt: skip


def to_json(job: Job) -> dict[str, Any]:
    return {
        "operation": str(job.operation),
        "prompt": job.prompt,
        "negative_prompt": job.negative_prompt,
        "seed": job.seed,
        "width_px": job.width_px,
        "height_px": job.height_px,
        "params": dict(job.params),
        # Absolute: whoever follows after a crash may stand in another folder.
        "files": {role: str(Path(path).absolute()) for role, path in job.files.items()},
    }


def to_handle(reference: str, stored: Mapping[str, Any], submitted_at: float) -> Handle:
    return Handle({**stored, "reference": reference, "submitted_at": submitted_at})


def from_handle(handle: Handle) -> Job:
    """Raises ProviderError(bug) when the handle is not one of ours."""
    value = handle.value
    try:
        return Job(
            reference=value["reference"],
            operation=Operation(value["operation"]),
            prompt=value["prompt"],
            negative_prompt=value["negative_prompt"],
            seed=value["seed"],
            width_px=value["width_px"],
            height_px=value["height_px"],
            params=value["params"],
            files={role: Path(path) for role, path in value["files"].items()},
            submitted_at=value["submitted_at"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        sentence = "Sketch cannot read its own note of this job: run it again."
        raise ProviderError(ErrorKind.BUG, sentence, detail=repr(error)) from error
