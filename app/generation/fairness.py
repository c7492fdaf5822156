"""How much of the lanes an owner has had lately, as one number that fades.

Fairness needs a memory, but a short one: whoever filled the lanes a moment ago should let others go first, and an
hour later nobody should care. So a `Meter` halves every `half_life_s` and is charged with weighted lane-seconds. Decay
is exact for any spacing of reads and charges, so it never matters how often somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp2

#: Ten minutes: long enough to remember a burst of pictures, short enough that a long run is soon forgiven. A lane
#: kept busy without pause settles at half_life / ln 2 = 866 s, so a newcomer's head start is bounded by that.
HALF_LIFE_S = 600.0


def decayed(seconds: float, elapsed_s: float, half_life_s: float = HALF_LIFE_S) -> float:
    """What is left of `seconds` after `elapsed_s`. A clock that stepped back takes and gives nothing."""
    return seconds * exp2(-max(elapsed_s, 0.0) / half_life_s)


@dataclass(frozen=True, slots=True)
class Meter:
    """Weighted lane-seconds as of the moment `at`; two numbers to store per owner and kind of lane."""

    seconds: float = 0.0
    at: float = 0.0

    def read(self, now: float, half_life_s: float = HALF_LIFE_S) -> float:
        return decayed(self.seconds, now - self.at, half_life_s)

    def charge(self, seconds: float, now: float, half_life_s: float = HALF_LIFE_S) -> Meter:
        """The meter after `seconds` more, charged when a job is placed: by what it is expected to take."""
        return Meter(max(self.read(now, half_life_s) + seconds, 0.0), max(now, self.at))

    def settle(
        self, charged: float, charged_at: float, used: float, now: float, half_life_s: float = HALF_LIFE_S
    ) -> Meter:
        """The meter once a job has ended: the expectation, as faded as it is by now, gives way to what was used."""
        return self.charge(used - decayed(charged, now - charged_at, half_life_s), now, half_life_s)
