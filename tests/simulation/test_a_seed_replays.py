"""A seed is its history: every step is the same again, in any process, at any hour."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation import world
from tests.simulation.replay import digest_of
from tests.simulation.seeds import lived
from tests.simulation.world import Simulation

SEED = 11


def test_a_seed_makes_the_same_steps_each_time() -> None:
    traces = []
    for _ in range(2):
        simulation = Simulation(SEED)
        assert simulation.run() == []
        traces.append(simulation.trace)
    assert traces[0] == traces[1]
    assert len(traces[0]) > 100


@pytest.mark.parametrize("hash_seed", ["1", pytest.param("2", marks=pytest.mark.thorough)])
def test_a_seed_makes_the_same_steps_in_another_process(hash_seed: str) -> None:
    here = Simulation(SEED)
    here.run()
    there = subprocess.run(
        [sys.executable, "-m", "tests.simulation.replay", str(SEED)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert there.stdout.splitlines()[-1] == f"digest {digest_of(here)}"


def test_other_seeds_make_other_steps() -> None:
    digests = set()
    for seed in range(3):
        simulation = Simulation(seed)
        simulation.run()
        digests.add(digest_of(simulation))
    assert len(digests) == 3


def test_a_seed_that_fails_is_told_with_the_command_that_replays_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(world, "findings_in", lambda _evidence: ["an event is lost"])
    with pytest.raises(AssertionError) as failure:
        lived([SEED])
    said = str(failure.value).splitlines()
    assert said[0].startswith(
        f"seed {SEED}: 1 findings; replay: python -m tests.simulation.replay {SEED}"
    )
    assert "an event is lost" in said[1]
