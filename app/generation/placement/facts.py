"""What placement is told: who waits for what, which lanes there are, and what each owner has had lately.

Everything is a plain value. Times are seconds on one clock (Unix time, UTC); durations are seconds and end in `_s`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The resources owners share. Each is shared on its own: using the cloud costs nobody their turn on a GPU."""

    GPU = "gpu"
    CLOUD = "cloud"
    BUILTIN = "builtin"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a job needs of a lane besides its model; equal requirements share one decision.

    pixels: width x height. memory_mib: of the GPU. features: such as `controlnet`, `ipadapter`.
    tier: the quality tier the job would like; a lane below it is used only when that is much sooner (overflow).
    lanes: the only lanes allowed (a person's own key, a node they chose); None allows any.
    stand_in: also take a lane whose version of the model is not equivalent.
    """

    pixels: int = 0
    memory_mib: int = 0
    features: frozenset[str] = frozenset()
    tier: int = 0
    lanes: frozenset[str] | None = None
    stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """One of the first waiting jobs of a group.

    order: its position among all its owner's waiting jobs, smaller runs earlier; equal orders go by job_id.
    work: how many standard jobs of its model it is (steps, pixels and outputs over the usual ones).
    cost_weight: share charged per lane-second; 1 on own hardware, relative price in the cloud.
    interactive: somebody is watching for it, as opposed to a long batch or a pipeline.
    not_before: the earliest start (a retry's backoff, a schedule).
    run_next: its owner moved it to the front; it changes nothing between owners.
    excluded_lanes: lanes that just failed with it.
    resume_on: the lane that already has its work; it is followed there and nowhere else, and never sent again.
    """

    job_id: str
    order: float
    waiting_since: float
    work: float = 1.0
    cost_weight: float = 1.0
    interactive: bool = False
    not_before: float = 0.0
    run_next: bool = False
    excluded_lanes: frozenset[str] = frozenset()
    resume_on: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The waiting jobs of one owner with one model and one requirement.

    heads: the first few in the order they should run: resumed ones, then `run_next`, then by position.
    count: how many wait in all, the heads included. model_name: how people know the model; the id when empty.
    """

    owner: str
    model: str
    requirement: Requirement
    heads: tuple[Head, ...]
    count: int = 0
    model_name: str = ""

    @property
    def shown_model(self) -> str:
        return self.model_name or self.model


@dataclass(frozen=True, slots=True)
class Offer:
    """One model on one lane.

    expected_s: seconds for a standard job with the model loaded, measured there or the catalogue's prior.
    switch_s: seconds to load the model there when another one is loaded, from memory or disk as it stands now.
    equivalent: the lane makes the same picture from the same request as the model's own provider does.
    """

    expected_s: float
    switch_s: float = 0.0
    equivalent: bool = True


@dataclass(frozen=True, slots=True)
class Occupant:
    """A job placed on a lane earlier. finish_at: when it should be done; staged: it waits there for a slot."""

    finish_at: float
    model: str | None = None
    staged: bool = False


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`requests` new requests in any window of `window_s`; `used` are spent and one comes back at `frees_at`."""

    requests: int
    window_s: float
    used: int
    frees_at: float


@dataclass(frozen=True, slots=True)
class Lane:
    """A place jobs run: a cloud provider's account, a GPU node, the built-in engine.

    slots: jobs at the same time. staged_slots: jobs that may wait on the lane itself for the next slot (GPU node: 1).
    occupants: every job placed there and not finished, running or staged.
    loaded_model, loaded_at: what its GPU holds and since when; None where loading costs nothing.
    healthy, trouble: an unhealthy lane gets nothing; `trouble` completes "studio ...".
    resume_at, pause_reason: it takes nothing before then (Retry-After, open breaker).
    tier: larger is better. max_pixels, memory_mib: None is unlimited.
    """

    id: str
    provider: str
    kind: Kind
    slots: int
    offers: Mapping[str, Offer]
    name: str = ""
    staged_slots: int = 0
    occupants: tuple[Occupant, ...] = ()
    loaded_model: str | None = None
    loaded_at: float | None = None
    healthy: bool = True
    trouble: str = "is not answering"
    resume_at: float | None = None
    pause_reason: str = "the provider asked us to slow down"
    rate: RateLimit | None = None
    tier: int = 0
    max_pixels: int | None = None
    memory_mib: int | None = None
    features: frozenset[str] = frozenset()

    @property
    def shown_name(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class OwnerShare:
    """What an owner has had lately and may have at once.

    consumed: weighted lane-seconds per kind, decayed, charged when a job is placed (`app.generation.fairness`).
    served_at: when a lane of that kind last worked for them: the present while one does; absent for never.
    weight: 2 gets twice the lane-seconds of 1. in_flight: jobs placed and not finished; in_flight_cap: the most.
    """

    consumed: Mapping[Kind, float] = field(default_factory=dict)
    served_at: Mapping[Kind, float] = field(default_factory=dict)
    weight: float = 1.0
    in_flight: int = 0
    in_flight_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of the trade-offs; all seconds are lane-seconds or waiting seconds as told.

    starving_s: an owner who waits and got no lane of that kind for so long goes before every share.
    rested_s: an owner not served for so long is not held up by anybody's warm model.
    stickiness: a warm model may keep its lane until its owner leads by this many switch costs ...
    batch_switches: ... and until it was loaded for this many switch costs.
    eviction: how much of a reload a job takes into account when it would unload a model that others wait for.
    interactive_s: the head start, in share, of a job that somebody watches.
    wait_for_better_s: the longest a job leaves a usable lane idle for a better busy one.
    gain_s, gain_ratio: how much sooner the better one must be done, at least, in seconds and in part of that wait.
    tier_step_s: what one tier below the wanted one counts as, in seconds.
    stage_ahead_s: a job is staged on a lane so long before its slot frees: early enough to leave no gap, late
    enough to keep the choice open for whoever comes next.
    lookahead: how many jobs per slot may plan on the same busy lane.
    """

    starving_s: float = 120.0
    rested_s: float = 120.0
    stickiness: float = 4.0
    batch_switches: float = 30.0
    eviction: float = 0.5
    interactive_s: float = 60.0
    wait_for_better_s: float = 30.0
    gain_s: float = 1.0
    gain_ratio: float = 0.1
    tier_step_s: float = 15.0
    stage_ahead_s: float = 6.0
    lookahead: int = 8


DEFAULT = Policy()
