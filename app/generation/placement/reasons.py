"""The sentences: why a job runs where it runs, and what a waiting one waits for, in its owner's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.generation.placement.board import Board, Choice
from app.generation.placement.facts import Group, Head, Lane, Requirement
from app.generation.placement.plan import Wait, WaitCause


def assigned(choice: Choice, group: Group, head: Head) -> str:
    """Why the lane of `choice`, such as "studio, warm with Flux Klein". Told before the lane is claimed."""
    place, lane, model = choice.place, choice.lane, group.shown_model
    name, load = lane.shown_name, f"loads {model} for {_seconds(choice.load_s)}"
    if head.resume_on is not None:
        return f"{name}, goes on with what was sent there"
    if place.staging:
        return f"{name}, next in line, then {load}" if choice.load_s else f"{name}, next in line"
    if lane.slots > 1 and choice.alone:
        return f"{name}: {model} runs there only, {place.in_use + 1} of {lane.slots} slots"
    faster = _faster_but_full(choice, group)
    if choice.load_s:
        return f"{name}, {load} while {faster} is full" if faster else f"{name}, {load}"
    if lane.offers[group.model].switch_s:
        later = f", next best is {_seconds(choice.other_later_s)} later"
        return f"{name}, warm with {model}" + (later if choice.other and choice.other_later_s >= 1 else "")
    return f"{name}, took it while {faster} is full" if faster else f"{name}, free at once"


def _faster_but_full(choice: Choice, group: Group) -> str | None:
    other = choice.other
    if other is None or other.open:
        return None
    quicker = other.lane.offers[group.model].expected_s < choice.lane.offers[group.model].expected_s
    return other.lane.shown_name if quicker else None


def better(choice: Choice, board: Board, group: Group, head: Head) -> Wait:
    """A lane is free, and waiting for `choice` is quicker."""
    about = []
    if choice.other is not None:
        name = choice.other.lane.shown_name
        if choice.other.lane.tier < group.requirement.tier:
            about.append(f"{name} is of a lower tier")
        else:
            about.append(f"{name} would finish {_seconds(choice.other_later_s)} later")
    about += _shortfalls(board, group, most=2 - len(about))
    text = f"waits for {choice.lane.shown_name}" + (f": {', '.join(about)}" if about else "")
    return Wait(head.job_id, WaitCause.BETTER, text, expected_start=choice.start)


def planned(choice: Choice, board: Board, group: Group, head: Head, ahead: int) -> Wait:
    """Every lane it can use is busy, and `ahead` waiting jobs come first on the one it counts on."""
    closed = _closed(choice.lane, board, head)
    if closed is not None:
        after = {0: "first in line then", 1: "1 job comes first"}.get(ahead, f"{ahead} jobs come first")
        return Wait(head.job_id, closed.cause, f"{closed.text}; {after}", choice.start, closed.until)
    name = choice.lane.shown_name
    line = {0: f"next on {name}", 1: f"on {name}, after 1 other job"}.get(ahead, f"on {name}, after {ahead} other jobs")
    if choice.load_s:
        line += f", then loads {group.shown_model} for {_seconds(choice.load_s)}"
    about = _shortfalls(board, group, most=1)
    text = "; ".join([line, *about])
    return Wait(head.job_id, WaitCause.BUSY, text, expected_start=choice.start)


def capped(head: Head, cap: int) -> Wait:
    jobs = "job is" if cap == 1 else "jobs are"
    return Wait(head.job_id, WaitCause.OWNER_CAP, f"your {cap} running {jobs} the most one person may run at once")


def not_yet(head: Head) -> Wait:
    return Wait(
        head.job_id, WaitCause.NOT_YET, "set to start at {until}", expected_start=head.not_before, until=head.not_before
    )


def stuck(board: Board, group: Group, head: Head) -> Wait:
    """Nothing was planned for it: no lane can take it as things stand, or the lines before all lanes are long."""
    bits = board.by_model.get(group.model, 0)
    if not bits:
        return Wait(head.job_id, WaitCause.UNOFFERED, "no lane offers this model")
    fitting = board.fitting(group.model, group.requirement)
    if not fitting:
        about = ", ".join(_shortfalls(board, group, most=2))
        return Wait(head.job_id, WaitCause.UNFIT, f"no lane with this model fits: {about}")
    lanes = [place.lane for place in board.places if place.bit & fitting]
    if head.resume_on is not None:
        lanes = [lane for lane in board.lanes if lane.id == head.resume_on and board.by_id[lane.id] & fitting]
        if not lanes:
            return Wait(head.job_id, WaitCause.UNFIT, "the lane it was sent to is gone or no longer has this model")
    tried = [lane for lane in lanes if lane.id not in head.excluded_lanes]
    if not tried:
        text = f"{_names(lanes)} just failed with it and no other lane has this model"
        return Wait(head.job_id, WaitCause.UNFIT, text)
    usable = [lane for lane in tried if lane.healthy and lane.slots > 0]
    if not usable:
        troubles = dict.fromkeys(_trouble(lane) for lane in tried)
        return Wait(head.job_id, WaitCause.UNHEALTHY, ", ".join(list(troubles)[:2]))
    waits = [_closed(lane, board, head) for lane in usable]
    shut = [wait for wait in waits if wait is not None]
    if len(shut) == len(usable):
        return min(shut, key=lambda wait: wait.until or 0.0)
    return Wait(head.job_id, WaitCause.BUSY, f"waits for its turn: the line before {_names(usable)} is long")


def _closed(lane: Lane, board: Board, head: Head) -> Wait | None:
    """The lane takes nothing at all before a known moment."""
    if lane.resume_at is not None and lane.resume_at > board.now:
        text = f"paused until {{until}}: {lane.pause_reason}"
        return Wait(head.job_id, WaitCause.PAUSED, text, lane.resume_at, lane.resume_at)
    place = next(place for place in board.places if place.lane is lane)
    rate = lane.rate
    if rate is not None and place.rate_left <= 0:
        window = "minute" if rate.window_s == 60 else "second" if rate.window_s == 1 else _seconds(rate.window_s)
        per = "a" if rate.window_s in (1, 60) else "in"
        requests = "1 request" if rate.requests == 1 else f"{rate.requests} requests"
        text = f"waits for {lane.shown_name}: it takes {requests} {per} {window}"
        return Wait(head.job_id, WaitCause.RATE, text, max(rate.frees_at, board.now))
    return None


def _shortfalls(board: Board, group: Group, most: int) -> list[str]:
    """What keeps lanes that have the model from running this job, for the first few of them."""
    offering = board.by_model.get(group.model, 0) & ~board.fitting(group.model, group.requirement)
    found: list[str] = []
    for place in board.places:
        if len(found) >= most:
            break
        if place.bit & offering:
            text = _shortfall(place.lane, group.requirement)
            if text:
                found.append(f"{place.lane.shown_name} {text}")
    return found


def _shortfall(lane: Lane, need: Requirement) -> str:
    if need.lanes is not None and lane.id not in need.lanes:
        return "is not one of the lanes chosen"
    if lane.memory_mib is not None and need.memory_mib > lane.memory_mib:
        return "has too little memory"
    if lane.max_pixels is not None and need.pixels > lane.max_pixels:
        return f"takes {lane.max_pixels / 1e6:.1f} megapixels at most"
    missing = sorted(need.features - lane.features)
    if missing:
        return f"has no {missing[0]}"
    return "has only a similar model"


def _trouble(lane: Lane) -> str:
    return f"{lane.shown_name} {'is switched off' if lane.healthy else lane.trouble}"


def _names(lanes: Iterable[Lane]) -> str:
    names: Sequence[str] = [lane.shown_name for lane in lanes]
    if len(names) > 2:
        return f"{names[0]} and {len(names) - 1} others"
    return " and ".join(names)


def _seconds(seconds: float) -> str:
    if seconds >= 90:
        return f"{seconds / 60:.0f} min"
    return f"{max(seconds, 1):.0f} s"
