"""The suite can fail (bar N3): with any protection taken out, the tests that are meant for it do.

Each protection of `protections.py` is taken out of a process, and some of the real tests run there:
the simulation's seeds, and the tests written for it. All that are named must fail, as tests fail,
and say what is wrong; with everything in place the same tests must pass.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from tests.simulation.protections import PROTECTIONS
from tests.simulation.without import TAKEN_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.simulation.mutation import Protection

    Run = Callable[..., "Outcome"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.redis, pytest.mark.postgres]

REPOSITORY = Path(__file__).parents[2]
# How pytest ends; 2 to 5 are errors of other kinds.
ALL_PASSED, ALL_FAILED, NOT_UNDERSTOOD = 0, 1, 4


class Outcome(NamedTuple):
    """How pytest ended, which tests failed (not: had an error), and all that it said."""

    code: int
    failed: set[str]
    said: str


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give what runs tests without a protection, in a process of their own."""

    def run(tests: Sequence[str], without: str | None = None) -> Outcome:
        report = tmp_path / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", f"--junitxml={report}"]
        environment = {name: each for name, each in os.environ.items() if name != TAKEN_OUT}
        ran = subprocess.run(
            [*command, "-p", "tests.simulation.without", *tests],
            env=environment | ({TAKEN_OUT: without} if without is not None else {}),
            cwd=REPOSITORY, check=False, capture_output=True, text=True,
        )  # fmt: skip
        cases = ET.parse(report).iter("testcase") if report.exists() else ()  # noqa: S314  our own
        failed = {str(case.get("name")) for case in cases if case.find("failure") is not None}
        return Outcome(ran.returncode, failed, ran.stdout + ran.stderr)

    return run


def test_with_every_protection_in_place_all_these_tests_pass(run: Run) -> None:
    outcome = run(sorted({test for protection in PROTECTIONS for test in protection.red}))
    assert (outcome.code, outcome.failed) == (ALL_PASSED, set()), outcome.said


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection.name)
def test_without_it_the_suite_fails(run: Run, protection: Protection) -> None:
    outcome = run(protection.red, without=protection.name)
    assert outcome.code == ALL_FAILED, outcome.said
    assert outcome.failed == {test.rpartition("::")[2] for test in protection.red}, outcome.said
    assert re.search(protection.says, outcome.said), outcome.said
    # What stands in for it does not protect; it is not broken.
    assert not re.search("ImportError|NameError|ModuleNotFoundError", outcome.said), outcome.said
    assert not re.search("AttributeError|TypeError|SyntaxError", outcome.said), outcome.said


@pytest.mark.parametrize("name", ["the lock of the front door", ""])
def test_an_unknown_protection_is_an_error(run: Run, name: str) -> None:
    outcome = run(["tests/simulation/test_protections_stand.py"], without=name)
    assert outcome.code == NOT_UNDERSTOOD, outcome.said
    assert f"there is no protection {name!r}" in outcome.said


def test_a_process_that_a_test_starts_is_without_it_too() -> None:
    program = (
        "from tests.simulation.without import take_out_chosen; take_out_chosen();"
        "from shared.eventlog.dialects import _beginning_with_lock; print(_beginning_with_lock())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, TAKEN_OUT: "the append lock of PostgreSQL"},
        cwd=REPOSITORY, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "pg_advisory_xact_lock" not in ran.stdout
