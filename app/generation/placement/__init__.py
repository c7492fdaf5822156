"""Placement: which waiting job goes to which lane now, and why. Pure: clock, lanes and shares come as arguments.

The policy, as prose
--------------------
*Whose turn?* Lanes are shared between people in lane-seconds, separately for GPUs, cloud and the built-in engine. The
owner who has had least of a kind lately goes next, so somebody with one job never stands behind somebody's hundred, and
two equal owners alternate. Whoever waits and got nothing for two minutes goes before every share, so no stream of
newcomers can starve anybody. Within one owner the position decides, and "run next" goes first; neither changes
anything for others. `turns.py`.

*Which lane?* The one that would have the job done first, loading the model included. An idle lane is left idle only
when a busy one opens soon and is truly quicker; every job that waits so is planned on that lane, so the next one
sees a longer line there and takes the idle one. `board.py`.

*Warm models.* Loading a model can take longer than a picture. So a group whose model is on an open lane may go ahead of
its turn, by a bounded amount of share and for a bounded time, and a job avoids unloading what others wait for. A
newcomer and a starving owner are exempt: no batch of somebody else's holds them up. `turns.py`.

*What is never broken.* A lane gets no more than its slots and, where it has one, its staged slot (which opens only
shortly before a running job ends); no more requests than its rate window has left; nothing while it is unhealthy or
paused. Nobody gets more than their cap. `not_before`, excluded lanes and pinned lanes hold; resumed work goes back to
its own lane only, uses up no request, and counts as in flight already.

The same input gives the same plan, in whatever order it is listed.

How it stays fast: only groups stand in the heap, their later heads are not looked at before their turn; a group nobody
can take is dropped with one bit operation; the walk ends when no open lane is wanted any more. What the others wait
for is worked out by carrying the same walk on, with nothing left to give, when somebody asks.
"""

from __future__ import annotations

from app.generation.placement.facts import (
    DEFAULT,
    Group,
    Head,
    Kind,
    Lane,
    Occupant,
    Offer,
    OwnerShare,
    Policy,
    RateLimit,
    Requirement,
)
from app.generation.placement.plan import Assignment, Plan, Wait, WaitCause
from app.generation.placement.walk import place

__all__ = [
    "DEFAULT",
    "Assignment",
    "Group",
    "Head",
    "Kind",
    "Lane",
    "Occupant",
    "Offer",
    "OwnerShare",
    "Plan",
    "Policy",
    "RateLimit",
    "Requirement",
    "Wait",
    "WaitCause",
    "place",
]
