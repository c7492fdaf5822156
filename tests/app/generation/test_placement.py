from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from app.generation.placement import (
    Group,
    Head,
    Kind,
    Lane,
    Occupant,
    Offer,
    OwnerShare,
    Plan,
    Policy,
    RateLimit,
    Requirement,
    WaitCause,
    place,
)

NOW = 1_000_000.0
FLUX = {"flux": Offer(14.0, 12.0)}


def gpu(name: str = "studio", **more: object) -> Lane:
    facts: dict[str, object] = {"offers": FLUX, "staged_slots": 1, "loaded_model": "flux"} | more
    return Lane(name, "comfyui", Kind.GPU, 1, **facts)  # type: ignore[arg-type]  # keyword factory for tests


def cloud(name: str = "fal", slots: int = 4, **more: object) -> Lane:
    facts: dict[str, object] = {"offers": {"kling": Offer(6.0)}} | more
    return Lane(name, name, Kind.CLOUD, slots, **facts)  # type: ignore[arg-type]  # keyword factory for tests


def busy(seconds: float, model: str | None = None, *, staged: bool = False) -> Occupant:
    return Occupant(NOW + seconds, model, staged)


def jobs(owner: str, model: str = "flux", count: int = 1, **more: object) -> Group:
    """`count` jobs of one owner, named ada-0, ada-1, ...; keywords go to the heads, `requirement` to the group."""
    requirement = more.pop("requirement", Requirement())
    first = more.pop("first", 0)
    facts: dict[str, object] = {"waiting_since": NOW - 1.0} | more
    heads = tuple(
        Head(f"{owner}-{first + n}", float(first + n), **facts)  # type: ignore[arg-type,operator]  # as above
        for n in range(count)
    )
    return Group(owner, model, requirement, heads, count, model.title())  # type: ignore[arg-type]  # as above


def given_to(plan: Plan) -> dict[str, str]:
    return {assignment.job_id: assignment.lane_id for assignment in plan.assignments}


def order(plan: Plan) -> list[str]:
    return [assignment.job_id for assignment in plan.assignments]


def why(plan: Plan) -> str:
    """The reason of the only assignment or of the only wait."""
    said = [assignment.reason for assignment in plan.assignments] or [wait.reason for wait in plan.waits]
    assert len(said) == 1
    return said[0]


# Whose turn it is


def test_the_owner_with_the_smaller_share_goes_first() -> None:
    owners = {"ada": OwnerShare({Kind.CLOUD: 50.0}), "ben": OwnerShare({Kind.CLOUD: 10.0})}
    plan = place([jobs("ada", "kling"), jobs("ben", "kling")], [cloud(slots=1)], owners, NOW)
    assert order(plan) == ["ben-0"]


def test_two_equal_owners_take_turns() -> None:
    plan = place([jobs("ada", "kling", 9), jobs("ben", "kling", 9)], [cloud(slots=6)], {}, NOW)
    assert [name[:3] for name in order(plan)] == ["ada", "ben"] * 3


def test_twice_the_weight_gets_twice_the_slots() -> None:
    owners = {"ada": OwnerShare(weight=2.0), "ben": OwnerShare(weight=1.0)}
    plan = place([jobs("ada", "kling", 20), jobs("ben", "kling", 20)], [cloud(slots=12)], owners, NOW)
    assert sum(name.startswith("ada") for name in order(plan)) == 8


def test_one_job_of_a_newcomer_goes_before_the_hundred_of_somebody_who_had_slots() -> None:
    owners = {"ada": OwnerShare({Kind.GPU: 14.0}, {Kind.GPU: NOW}, in_flight=1)}
    lanes = [gpu(offers={"flux": Offer(14.0, 12.0), "sdxl": Offer(8.0, 6.0)})]
    plan = place([jobs("ada", "flux", 100), jobs("ben", "sdxl")], lanes, owners, NOW)
    assert order(plan)[0] == "ben-0"


def test_using_the_cloud_costs_nobody_their_turn_on_a_gpu() -> None:
    owners = {"ada": OwnerShare({Kind.CLOUD: 900.0}), "ben": OwnerShare({Kind.GPU: 5.0})}
    assert order(place([jobs("ada"), jobs("ben")], [gpu()], owners, NOW)) == ["ada-0"]


def test_whoever_starves_goes_before_every_share() -> None:
    owners = {"ada": OwnerShare({Kind.GPU: 5000.0}, {Kind.GPU: NOW - 500.0})}
    waiting = [jobs("ada", waiting_since=NOW - 400.0), jobs("ben")]
    assert order(place(waiting, [gpu()], owners, NOW)) == ["ada-0"]
    lately = {"ada": OwnerShare({Kind.GPU: 5000.0}, {Kind.GPU: NOW - 5.0})}
    assert order(place(waiting, [gpu()], lately, NOW)) == ["ben-0"], "a long queue of one's own is not starving"


def test_a_starving_owner_gets_one_job_and_then_stands_in_line() -> None:
    owners = {"ada": OwnerShare({Kind.CLOUD: 5000.0}), "ben": OwnerShare({Kind.CLOUD: 1.0}, {Kind.CLOUD: NOW})}
    waiting = [jobs("ada", "kling", 5, waiting_since=NOW - 400.0), jobs("ben", "kling", 5)]
    assert order(place(waiting, [cloud(slots=3)], owners, NOW)) == ["ada-0", "ben-0", "ben-1"]


def test_position_decides_within_an_owner_across_models() -> None:
    lanes = [cloud(slots=2, offers={"kling": Offer(6.0), "veo": Offer(6.0), "sora": Offer(6.0)})]
    waiting = [jobs("ada", "kling", first=7), jobs("ada", "veo", first=3), jobs("ada", "sora", first=5)]
    assert order(place(waiting, lanes, {}, NOW)) == ["ada-3", "ada-5"]


def test_run_next_goes_first_within_its_owner_only() -> None:
    lanes = [cloud(slots=2, offers={"kling": Offer(6.0), "veo": Offer(6.0)})]
    waiting = [jobs("ada", "kling"), jobs("ada", "veo", first=9, run_next=True), jobs("ben", "kling")]
    assert order(place(waiting, lanes, {}, NOW)) == ["ada-9", "ben-0"]
    owners = {"ada": OwnerShare({Kind.CLOUD: 9.0})}
    assert order(place(waiting, lanes, owners, NOW)) == ["ben-0", "ada-9"]


def test_a_watched_job_has_a_head_start() -> None:
    owners = {"ada": OwnerShare({Kind.GPU: 0.0}), "ben": OwnerShare({Kind.GPU: 20.0})}
    assert order(place([jobs("ada"), jobs("ben", interactive=True)], [gpu()], owners, NOW)) == ["ben-0"]


def test_nobody_gets_more_than_their_cap() -> None:
    owners = {"ada": OwnerShare(in_flight=3, in_flight_cap=4)}
    plan = place([jobs("ada", "kling", 5)], [cloud()], owners, NOW)
    assert order(plan) == ["ada-0"]
    (wait,) = plan.waits
    assert (wait.job_id, wait.cause) == ("ada-1", WaitCause.OWNER_CAP)
    assert wait.reason == "your 4 running jobs are the most one person may run at once"


# Which lane


def test_the_lane_that_would_be_done_first_gets_the_job() -> None:
    lanes = [gpu("attic", offers={"flux": Offer(21.0)}), gpu("studio")]
    plan = place([jobs("ada")], lanes, {}, NOW)
    assert given_to(plan) == {"ada-0": "studio"}
    assert why(plan) == "studio, warm with Flux, next best is 7 s later"


def test_loading_the_model_counts() -> None:
    lanes = [gpu("fast", loaded_model="sdxl"), gpu("warm", offers={"flux": Offer(20.0, 20.0)})]
    assert given_to(place([jobs("ada")], lanes, {}, NOW)) == {"ada-0": "warm"}


def test_loading_is_told() -> None:
    plan = place([jobs("ada")], [gpu("attic", loaded_model=None)], {}, NOW)
    (assignment,) = plan.assignments
    assert (assignment.load_s, assignment.expected_finish - NOW, assignment.charge_s) == (12.0, 26.0, 26.0)
    assert assignment.reason == "attic, loads Flux for 12 s"


def test_a_job_waits_for_a_better_lane_and_is_told_why() -> None:
    lanes = [
        gpu("attic", offers={"flux": Offer(23.0)}),
        gpu("spare", memory_mib=4096),
        gpu("studio", memory_mib=16384, staged_slots=0, occupants=(busy(2.0, "flux"),)),
    ]
    plan = place([jobs("ada", requirement=Requirement(memory_mib=8192))], lanes, {}, NOW)
    assert plan.assignments == ()
    (wait,) = plan.waits
    assert wait.cause is WaitCause.BETTER
    assert wait.reason == "waits for studio: attic would finish 7 s later, spare has too little memory"
    assert wait.expected_start == NOW + 2.0


def test_the_next_job_takes_the_slower_lane_when_the_better_one_has_a_line() -> None:
    lanes = [
        gpu("attic", offers={"flux": Offer(23.0)}),
        gpu("studio", staged_slots=0, occupants=(busy(2.0, "flux"),)),
    ]
    plan = place([jobs("ada", count=2)], lanes, {}, NOW)
    assert given_to(plan) == {"ada-1": "attic"}


def test_nobody_waits_long_for_a_better_lane() -> None:
    lanes = [
        gpu("slow", offers={"flux": Offer(300.0)}),
        gpu("studio", staged_slots=0, occupants=(busy(40.0, "flux"),)),
    ]
    assert given_to(place([jobs("ada")], lanes, {}, NOW)) == {"ada-0": "slow"}


def test_an_overdue_lane_is_trusted_less_the_longer_it_hangs() -> None:
    hanging = gpu("studio", staged_slots=0, occupants=(busy(-25.0, "flux"),))
    lanes = [gpu("attic", offers={"flux": Offer(23.0)}), hanging]
    assert given_to(place([jobs("ada")], lanes, {}, NOW)) == {"ada-0": "attic"}


def test_a_warm_model_keeps_its_lane_for_a_while() -> None:
    offers = {"flux": Offer(14.0, 12.0), "sdxl": Offer(8.0, 6.0)}
    served = {Kind.GPU: NOW}
    owners = {"ada": OwnerShare({Kind.GPU: 20.0}, served), "ben": OwnerShare({Kind.GPU: 0.0}, served)}
    waiting = [jobs("ada", "flux"), jobs("ben", "sdxl")]
    lane = gpu(offers=offers, loaded_at=NOW - 60.0)
    assert order(place(waiting, [lane], owners, NOW))[0] == "ada-0"
    ahead = owners | {"ada": OwnerShare({Kind.GPU: 200.0}, served)}
    assert order(place(waiting, [lane], ahead, NOW))[0] == "ben-0", "fairness ends the batch"
    long_ago = replace(lane, loaded_at=NOW - 3600.0)
    assert order(place(waiting, [long_ago], owners, NOW))[0] == "ben-0", "and so does time"


def test_a_job_leaves_a_model_alone_that_others_wait_for() -> None:
    offers = {"flux": Offer(14.0, 12.0), "sdxl": Offer(8.0, 6.0)}
    lanes = [gpu("a", offers=offers, loaded_model="flux"), gpu("b", offers=offers, loaded_model="other")]
    owners = {"ben": OwnerShare({Kind.GPU: 50.0})}
    plan = place([jobs("ada", "sdxl"), jobs("ben", "flux")], lanes, owners, NOW)
    assert given_to(plan) == {"ada-0": "b", "ben-0": "a"}


def test_finals_prefer_the_higher_tier_until_it_is_overloaded() -> None:
    final = jobs("ada", requirement=Requirement(tier=3))
    low = gpu("draft", offers={"flux": Offer(10.0)}, tier=1)
    high = gpu("premium", tier=3)
    assert given_to(place([final], [low, high], {}, NOW)) == {"ada-0": "premium"}
    full = replace(high, occupants=(busy(200.0, "flux"),))
    assert given_to(place([final], [low, full], {}, NOW)) == {"ada-0": "draft"}


def test_drafts_use_every_idle_lane() -> None:
    lanes = [gpu(f"node-{n}", offers={"flux": Offer(8.0 + n)}, staged_slots=0) for n in range(4)]
    plan = place([jobs("ada", count=4)], lanes, {}, NOW)
    assert sorted(given_to(plan).values()) == [lane.id for lane in lanes]


# What a lane takes


def test_one_job_runs_and_one_is_staged_shortly_before_the_slot_frees() -> None:
    far, near = gpu(occupants=(busy(30.0, "flux"),)), gpu(occupants=(busy(3.0, "flux"),))
    assert place([jobs("ada", count=3)], [far], {}, NOW).assignments == ()
    (assignment,) = place([jobs("ada", count=3)], [near], {}, NOW).assignments
    assert (assignment.staged, assignment.expected_start, assignment.expected_finish) == (True, NOW + 3, NOW + 17)
    assert assignment.reason == "studio, next in line"


def test_a_lane_with_a_staged_job_is_full() -> None:
    lane = gpu(occupants=(busy(3.0, "flux"), busy(17.0, "flux", staged=True)))
    plan = place([jobs("ada", count=3)], [lane], {}, NOW)
    assert plan.assignments == ()
    (wait,) = plan.waits
    assert (wait.reason, wait.expected_start) == ("next on studio", NOW + 17)


def test_a_slot_that_came_free_belongs_to_the_job_staged_for_it() -> None:
    lane = gpu(occupants=(busy(14.0, "flux", staged=True),))
    plan = place([jobs("ada")], [lane], {}, NOW)
    assert plan.assignments == ()
    assert plan.waits[0].expected_start == NOW + 14.0


def test_a_lane_whose_slots_were_lowered_drains_first() -> None:
    lane = replace(gpu(), occupants=(busy(1.0, "flux"), busy(2.0, "flux")))
    assert place([jobs("ada")], [lane], {}, NOW).assignments == ()


def test_no_more_requests_than_the_window_permits() -> None:
    lane = cloud(rate=RateLimit(10, 60.0, used=8, frees_at=NOW + 20.0))
    plan = place([jobs("ada", "kling", 4)], [lane], {}, NOW)
    assert len(plan.assignments) == 2
    (wait,) = plan.waits
    assert (wait.cause, wait.expected_start) == (WaitCause.RATE, NOW + 20.0)
    assert wait.reason == "waits for fal: it takes 10 requests a minute; first in line then"


def test_a_paused_lane_gets_nothing_and_says_until_when() -> None:
    until = 1_000_000.0 - 1_000_000.0 % 86400 + 14 * 3600 + 4 * 60 + 20  # 14:04:20 UTC
    plan = place([jobs("ada", "kling")], [cloud(resume_at=until)], {}, until - 50.0)
    assert plan.assignments == ()
    (wait,) = plan.waits
    assert (wait.cause, wait.expected_start) == (WaitCause.PAUSED, until)
    assert wait.reason == "paused until 14:05: the provider asked us to slow down; first in line then"
    assert wait.sentence(timezone(timedelta(hours=2))).startswith("paused until 16:05")


def test_a_pause_that_is_over_holds_nothing_up() -> None:
    assert len(place([jobs("ada", "kling")], [cloud(resume_at=NOW)], {}, NOW).assignments) == 1


def test_an_unhealthy_lane_gets_nothing() -> None:
    plan = place([jobs("ada")], [gpu(healthy=False)], {}, NOW)
    assert plan.assignments == ()
    assert why(plan) == "studio is not answering"


def test_a_job_starts_no_earlier_than_it_may_and_holds_nobody_up() -> None:
    waiting = [jobs("ada", "kling", not_before=NOW + 30.0), jobs("ben", "kling")]
    plan = place(waiting, [cloud()], {}, NOW)
    assert order(plan) == ["ben-0"]
    wait = plan.wait_for(waiting[0])
    assert wait is not None
    assert (wait.cause, wait.expected_start) == (WaitCause.NOT_YET, NOW + 30.0)


def test_lanes_that_just_failed_with_a_job_are_left_out() -> None:
    lanes = [gpu("attic", offers={"flux": Offer(40.0)}), gpu("studio")]
    tried = jobs("ada", excluded_lanes=frozenset({"studio"}))
    assert given_to(place([tried], lanes, {}, NOW)) == {"ada-0": "attic"}
    plan = place([tried], lanes[1:], {}, NOW)
    assert why(plan) == "studio just failed with it and no other lane has this model"


def test_a_head_that_cannot_go_lets_the_next_of_its_group_pass() -> None:
    first, second = jobs("ada", count=2).heads
    group = Group("ada", "flux", Requirement(), (replace(first, excluded_lanes=frozenset({"studio"})), second), 2)
    assert order(place([group], [gpu()], {}, NOW)) == ["ada-1"]


def test_resumed_work_goes_back_to_its_lane_before_all_others_and_uses_no_request() -> None:
    lanes = [cloud("bfl"), cloud(rate=RateLimit(10, 60.0, used=9, frees_at=NOW + 20.0))]
    owners = {"ada": OwnerShare({Kind.CLOUD: 999.0}, in_flight=1, in_flight_cap=1)}
    waiting = [jobs("ben", "kling", requirement=Requirement(lanes=frozenset({"fal"})))]
    waiting += [jobs("ada", "kling", resume_on="fal")]
    plan = place(waiting, lanes, owners, NOW)
    assert [(a.job_id, a.lane_id) for a in plan.assignments] == [("ada-0", "fal"), ("ben-0", "fal")]
    assert plan.assignments[0].reason == "fal, goes on with what was sent there"


def test_a_stand_in_is_used_only_by_those_who_accept_one() -> None:
    lane = cloud(offers={"kling": Offer(6.0, equivalent=False)})
    strict = place([jobs("ada", "kling")], [lane], {}, NOW)
    assert why(strict) == "no lane with this model fits: fal has only a similar model"
    assert len(place([jobs("ada", "kling", requirement=Requirement(stand_in=True))], [lane], {}, NOW).assignments) == 1


@pytest.mark.parametrize(
    ("requirement", "sentence"),
    [
        (Requirement(memory_mib=9000), "no lane with this model fits: studio has too little memory"),
        (Requirement(pixels=2_400_000), "no lane with this model fits: studio takes 1.0 megapixels at most"),
        (Requirement(features=frozenset({"faceid"})), "no lane with this model fits: studio has no faceid"),
        (
            Requirement(lanes=frozenset({"attic"})),
            "no lane with this model fits: studio is not one of the lanes chosen",
        ),
    ],
)
def test_what_does_not_fit_is_told(requirement: Requirement, sentence: str) -> None:
    lane = gpu(memory_mib=8192, max_pixels=1024 * 1024, features=frozenset({"controlnet"}))
    assert why(place([jobs("ada", requirement=requirement)], [lane], {}, NOW)) == sentence


def test_a_model_nobody_offers_is_told() -> None:
    assert why(place([jobs("ada", "sora")], [gpu()], {}, NOW)) == "no lane offers this model"


def test_a_line_is_told_with_its_length() -> None:
    lane = gpu(occupants=(busy(30.0, "flux"),))
    waiting = [jobs("ada"), jobs("ben"), jobs("cleo", first=2)]
    plan = place(waiting, [lane], {}, NOW)
    assert [(wait.reason, wait.expected_start) for wait in plan.waits] == [
        ("next on studio", NOW + 30),
        ("on studio, after 1 other job", NOW + 44),
        ("on studio, after 2 other jobs", NOW + 58),
    ]


def test_the_only_lane_of_a_model_tells_its_slots() -> None:
    plan = place([jobs("ada", "kling")], [cloud(occupants=(busy(5.0),))], {}, NOW)
    assert why(plan) == "fal: Kling runs there only, 2 of 4 slots"


def test_a_slower_lane_taken_because_the_better_one_is_full_says_so() -> None:
    lanes = [gpu("attic", offers={"flux": Offer(20.0)}), gpu("studio", occupants=(busy(25.0, "flux"),))]
    assert why(place([jobs("ada")], lanes, {}, NOW)) == "attic, took it while studio is full"


def test_a_group_fully_assigned_waits_for_nothing() -> None:
    group = jobs("ada")
    plan = place([group], [gpu()], {}, NOW)
    assert plan.wait_for(group) is None
    assert plan.waits == ()


def test_a_group_on_several_kinds_stands_in_line_where_it_runs() -> None:
    both = {"flux": Offer(5.0)}
    lanes = [gpu("own", offers={"flux": Offer(90.0)}), cloud(slots=1, offers=both)]
    owners = {"ada": OwnerShare({Kind.CLOUD: 100.0}), "ben": OwnerShare({Kind.CLOUD: 10.0, Kind.GPU: 10.0})}
    plan = place([jobs("ada"), jobs("ben")], lanes, owners, NOW, Policy(wait_for_better_s=0.0))
    assert given_to(plan) == {"ben-0": "fal", "ada-0": "own"}


def test_nothing_to_do_is_a_plan_too() -> None:
    assert place([], [], {}, NOW).assignments == ()
    assert place([], [gpu()], {}, NOW).waits == ()
    assert why(place([jobs("ada")], [], {}, NOW)) == "no lane offers this model"
