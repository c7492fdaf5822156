"""Placement over time, in the benchmark's simulator: who waits how long, and how soon everything is done."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import mean

import pytest

from app.generation.placement import Kind, Lane, Offer
from bench.placement_simulation import FAIREST, KNOWN, REFERENCE_NODES, Job, Simulation, mixed_load, placement

ONE_CLOUD_SLOT = (Lane("fal", "fal", Kind.CLOUD, 1, {"kling": Offer(6.0)}),)
ONE_NODE = (replace(REFERENCE_NODES[0], loaded_model="sdxl"),)


def batch(owner: str, count: int, model: str = "kling", arrives: float = 0.0) -> list[Job]:
    return [Job(f"{owner}-{number:03}", owner, model, arrives) for number in range(count)]


def starts(sim: Simulation) -> list[Job]:
    return sorted(sim.done, key=lambda job: job.started or 0.0)


def test_all_is_done_nearly_as_soon_as_under_the_best_known_policy_and_nobody_watching_waits_longer() -> None:
    """Beside the best of seven policies for each load: within 5 % on the whole, as single loads vary by luck."""
    makespans = []
    for seed in range(6):
        known = {name: Simulation(mixed_load(seed), REFERENCE_NODES, decide).run() for name, decide in KNOWN.items()}
        ours = Simulation(mixed_load(seed), REFERENCE_NODES, placement()).run()
        assert ours.wait_s(interactive=True) <= known[FAIREST].wait_s(interactive=True)
        makespans.append(ours.makespan_s / min(sim.makespan_s for sim in known.values()))
    assert mean(makespans) <= 1.05
    assert max(makespans) <= 1.12


def test_one_job_against_a_hundred_starts_at_the_next_free_slot() -> None:
    one = Job("ben-000", "ben", "kling", arrives=20.0)
    Simulation([*batch("ada", 100), one], ONE_CLOUD_SLOT, placement()).run()
    assert one.wait_s == pytest.approx(4.0)  # slots free every 6 s: at 24 s


def test_on_a_node_with_another_model_loaded_a_newcomer_waits_for_no_batch() -> None:
    one = Job("ben-000", "ben", "flux", arrives=100.0)
    Simulation([*batch("ada", 100, "sdxl"), one], ONE_NODE, placement()).run()
    assert one.wait_s <= 2 * 8.0  # what runs, and what is staged behind it if it came at the wrong moment


def test_two_equal_owners_alternate() -> None:
    sim = Simulation([*batch("ada", 20), *batch("ben", 20)], ONE_CLOUD_SLOT, placement()).run()
    names = [job.owner for job in starts(sim)]
    assert all(set(names[at : at + 2]) == {"ada", "ben"} for at in range(0, 40, 2))


def test_two_owners_with_different_models_share_a_node_without_loading_for_every_picture() -> None:
    sim = Simulation([*batch("ada", 40, "sdxl"), *batch("ben", 40, "flux")], ONE_NODE, placement()).run()
    assert sim.switches <= 20
    first_half = starts(sim)[:40]
    assert 8 <= sum(job.owner == "ada" for job in first_half) <= 32


def test_a_stream_of_newcomers_starves_nobody() -> None:
    """Every 5 s somebody new brings a 6 s job to the only slot; ada had a lot and has the largest share for ever."""
    mine = batch("ada", 12)
    later = [Job("ada-late", "ada", "kling", arrives=80.0)]
    others = [
        Job(f"new-{number:03}", f"new-{number:03}", "kling", arrives=70.0 + 5.0 * number) for number in range(150)
    ]
    sim = Simulation([*mine, *later, *others], ONE_CLOUD_SLOT, placement()).run()
    assert later[0].wait_s <= 120.0 + 60.0, "the starving bound, then those who starve since before"
    assert max(job.wait_s for job in sim.done) <= 300.0


def test_within_one_owner_no_model_is_put_off_for_ever() -> None:
    """A long run of one's own warm model ends when the model was loaded long enough."""
    flux = Job("ada-first", "ada", "flux", 0.0)
    rest = [Job(f"ada-later-{number:03}", "ada", "sdxl", 0.0) for number in range(120)]
    Simulation([flux, *rest], ONE_NODE, placement()).run()
    assert flux.wait_s <= 30 * 12.0 + 30.0


def test_a_node_has_no_gap_between_queued_jobs() -> None:
    sim = Simulation(batch("ada", 30, "sdxl"), ONE_NODE, placement()).run()
    row = starts(sim)
    gaps = [(after.started or 0.0) - (before.ended or 0.0) for before, after in pairwise(row)]
    assert max(gaps) == pytest.approx(0.0, abs=1e-9)


def test_all_reference_nodes_take_part_in_a_batch_of_drafts_and_faster_ones_do_more() -> None:
    sim = Simulation(batch("ada", 60, "sd15"), REFERENCE_NODES, placement()).run()
    done = {lane.id: sum(job.lane == lane.id for job in sim.done) for lane in REFERENCE_NODES}
    assert done["studio"] > done["attic"] > done["north"] > done["spare"] > 0
