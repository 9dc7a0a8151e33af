"""The tables of threats and of OWASP's requirements name tests and places that exist, and all lines."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

ATTACKS = 104
NAMED = re.compile(r"`(test_\w+\.py)(?:::(test_\w+))?`")
PLACE = re.compile(
    r"`((?:services|shared|deploy|docs|tests|\.ci)/[\w./-]+|Makefile|pyproject\.toml|uv\.lock)`"
)
PAGES = ("docs/threats.md", "docs/asvs.md")


@pytest.fixture(scope="module")
def tests(repository: Path) -> Mapping[str, str]:
    """Return the text of each file of tests by its name; files of one name are joined."""
    found: dict[str, str] = {}
    for file in (repository / "tests").rglob("test_*.py"):
        found[file.name] = found.get(file.name, "") + file.read_text("utf-8")
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_named_test_exists(repository: Path, tests: Mapping[str, str], page: str) -> None:
    named = NAMED.findall((repository / page).read_text("utf-8"))
    assert len(named) > 40
    missing = [
        (file, name)
        for file, name in named
        if file not in tests or not re.search(rf"def {name or 'test_'}", tests[file])
        or (name and not re.search(rf"def {name}\(", tests[file]))
    ]  # fmt: skip
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_named_place_exists(repository: Path, page: str) -> None:
    text = (repository / page).read_text("utf-8")
    assert [place for place in PLACE.findall(text) if not (repository / place).exists()] == []


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of every table that begins with a number."""
    lines = [line for line in text.splitlines() if re.match(r"\| V?\d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_attack_has_one_row_with_a_test_or_the_reason_why_not(repository: Path) -> None:
    found = rows((repository / "docs/threats.md").read_text("utf-8"))
    assert [int(number) for number, *_ in found] == list(range(1, ATTACKS + 1))
    assert [
        number for number, _, shown in found if not NAMED.search(shown) and "not yet" not in shown
    ] == []


def numbers_of(cell: str) -> list[str]:
    """Return the numbers of a cell: `V1.2.6, V1.2.7` or `V7.4.1 to V7.4.5`."""
    found: list[str] = []
    for part in cell.split(", "):
        first, _, last = part.partition(" to ")
        section, _, number = first.rpartition(".")
        end = int(last.rpartition(".")[2]) if last else int(number)
        assert not last or last.startswith(f"{section}.")
        found += [f"{section}.{each}" for each in range(int(number), end + 1)]
    return found


def test_every_requirement_of_level_1_and_2_is_there_once(repository: Path) -> None:
    published = json.loads((repository / "tests/house/asvs_5_0_0.json").read_text("utf-8"))
    assert {level: len(each) for level, each in published.items()} == {"1": 70, "2": 183}
    stated = rows((repository / "docs/asvs.md").read_text("utf-8"))
    found = Counter(
        number for cell, *_ in stated for number in numbers_of(cell) if number.count(".") == 2
    )
    assert {number: count for number, count in found.items() if count > 1} == {}
    assert sorted(found) == sorted([*published["1"], *published["2"]])


def test_every_requirement_has_a_test_a_place_or_a_reason(repository: Path) -> None:
    for cell, state, words, shown in rows((repository / "docs/asvs.md").read_text("utf-8")):
        assert state in {"yes", "partly", "no", "not used", "operator"}, cell
        assert words, cell
        if state == "yes":
            assert NAMED.search(shown) or PLACE.search(shown) or "](" in shown, cell
        else:
            assert shown, cell


def test_the_summary_of_states_is_counted_right(repository: Path) -> None:
    text = (repository / "docs/asvs.md").read_text("utf-8")
    counted = Counter(dict.fromkeys(("yes", "partly", "no", "not used", "operator"), 0))
    for cell, state, *_ in rows(text):
        counted[state] += len(numbers_of(cell))
    for state, count in counted.items():
        assert f"| {state} | {count} |" in text, (state, count)
