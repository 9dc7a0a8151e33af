"""The suite can fail (bar N3): with any protection taken out, the tests that are meant for it do.

Each protection of `protections.py` is taken out of a copy of the tree, and some of the real tests
run there: the simulation's seeds, and the tests written for it. All that are named must fail, as
tests fail, and say what is wrong; with everything in place the same tests must pass.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from tests.simulation.mutation import Change, Protection, taken_out
from tests.simulation.protections import PROTECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.redis, pytest.mark.postgres]

REPOSITORY = Path(__file__).parents[2]
COPIED = ("services", "shared", "tests", "pyproject.toml")
ALL_FAILED, ALL_PASSED = 1, 0  # how pytest ends; 2 to 5 are errors of other kinds


class Outcome(NamedTuple):
    """How pytest ended, which tests failed (not: had an error), and all that it said."""

    code: int
    failed: set[str]
    said: str


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("taken-out")
    for name in COPIED:
        source, target = REPOSITORY / name, copy / name
        if source.is_file():
            shutil.copy(source, target)
        else:
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def run(tree: Path, tests: Sequence[str]) -> Outcome:
    """Run tests of the copy, in a process of its own."""
    report = tree / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", f"--junitxml={report}", *tests]
    ran = subprocess.run(
        command, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    cases = ET.parse(report).iter("testcase") if report.exists() else ()  # noqa: S314  our own
    failed = {str(case.get("name")) for case in cases if case.find("failure") is not None}
    report.unlink(missing_ok=True)
    return Outcome(ran.returncode, failed, ran.stdout + ran.stderr)


def test_what_runs_is_the_copy(tree: Path) -> None:
    program = "import services, shared, tests.simulation.seeds as t; print(services.__file__, shared.__file__, t.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert all(Path(each).is_relative_to(tree) for each in ran.stdout.split())


def test_with_every_protection_in_place_all_these_tests_pass(tree: Path) -> None:
    tests = sorted({test for protection in PROTECTIONS for test in protection.red})
    outcome = run(tree, tests)
    assert (outcome.code, outcome.failed) == (ALL_PASSED, set()), outcome.said


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection.name)
def test_without_it_the_suite_fails(tree: Path, protection: Protection) -> None:
    with taken_out(tree, protection):
        outcome = run(tree, protection.red)
    assert outcome.code == ALL_FAILED, outcome.said
    assert outcome.failed == {test.rpartition("::")[2] for test in protection.red}, outcome.said
    assert re.search(protection.says, outcome.said), outcome.said
    assert not re.search("ImportError|SyntaxError|NameError|ModuleNotFoundError", outcome.said)


@pytest.mark.parametrize("text", ["this stands nowhere", "import"])
def test_a_protection_whose_text_is_gone_or_stands_twice_is_an_error(tree: Path, text: str) -> None:
    moved = Protection("moved", (Change("shared/appending/group_commit.py", text, ""),), (), "")
    with pytest.raises(LookupError), taken_out(tree, moved):
        pass
