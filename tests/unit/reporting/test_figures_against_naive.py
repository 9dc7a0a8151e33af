"""Any figure of any history is what a naive reading of the contract counts, at every position."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.vocabulary import Flag, Measure
from tests.support.naive_figures import NaiveBooks
from tests.support.projecting import Projecting
from tests.support.random_maps import Intent, build, intents
from tests.support.random_years import YEARS, lived

TABLES = ("unit", "field", "tier", "unit,owner_kind", "award_form", "unit,recipient_kind")
AWARDED = {"award_form", "recipient_kind"}


@settings(max_examples=50, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32), run=st.integers(1, 30))
def test_any_figure_is_what_a_naive_reading_counts(
    tried: Sequence[Intent], seed: int, run: int
) -> None:
    _any_figure_agrees(tried, seed, run)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=1_000, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32), run=st.integers(1, 30))
def test_any_figure_of_a_thousand_histories_is_what_a_naive_reading_counts(
    tried: Sequence[Intent], seed: int, run: int
) -> None:
    _any_figure_agrees(tried, seed, run)


def _any_figure_agrees(tried: Sequence[Intent], seed: int, run: int) -> None:
    history = lived(build(tried).events, seed)
    with TemporaryDirectory() as folder:
        projecting = Projecting(f"sqlite:///{Path(folder) / 'r.db'}", history=history, run=run)
        projecting.project()
        assert not projecting.runner.quarantined()
        head = projecting.runner.position
        random = Random(seed)
        for position in {head, *(random.randint(1, head) for _ in range(2))}:
            _agrees(projecting, position, random)
        projecting.store.close()


def _agrees(projecting: Projecting, position: int, random: Random) -> None:
    books = NaiveBooks(projecting.log.read(0, position))
    days = books.map.interesting_days()
    for day in (None, random.choice(days)):
        scopes = books.map.known_units()
        on_map = [unit for unit in scopes if day is None or books.map.exists(unit, day)]
        for scope in random.sample(on_map, min(2, len(on_map))):
            for year in YEARS:
                _summary_agrees(projecting, books, scope, year, day, position)


def _summary_agrees(  # noqa: PLR0917  what a summary is asked for
    projecting: Projecting,
    books: NaiveBooks,
    scope: str,
    year: int,
    day: date | None,
    position: int,
) -> None:
    map_ = day.isoformat() if day else "recorded"
    found = projecting.summary(scope, year, by=TABLES, known_at=position, map=map_)
    total = books.cells(scope, year, day, ()).get((), {})
    assert found["measures"] == {str(m): total.get(str(m), 0) for m in Measure}
    flags = {each["code"]: each["count"] for each in found["quality"]["flags"]}
    assert flags == {str(flag): total[str(flag)] for flag in Flag if total.get(str(flag))}
    carried, approximate = books.quality(scope, year, day)
    assert (found["quality"]["unallocated"], found["quality"]["approximate"]) == (
        carried,
        approximate,
    )
    outcomes = {
        (each["metric"], each["nature"]): (each["value"], each["qualifier"])
        for each in found["outcomes"]
    }
    expected = books.outcome_sums(scope, year, day)
    assert {k: v[1] for k, v in outcomes.items()} == {k: v[1] for k, v in expected.items()}
    assert all(abs(float(expected[k][0]) - v[0]) == 0 for k, v in outcomes.items())
    for table in found["tables"]:
        _table_agrees(table, books, scope, year, day, total)


def _table_agrees(  # noqa: PLR0917  what a summary is asked for
    table: dict[str, list[dict[str, int]]],
    books: NaiveBooks,
    scope: str,
    year: int,
    day: date | None,
    total: dict[str, int],
) -> None:
    by = [str(each) for each in table["by"]]
    expected = books.cells(scope, year, day, by)
    seen: dict[str, int] = {}
    for row in table["rows"]:
        cell = tuple(row[each] for each in by)
        figures = {name: row[name] for name in map(str, Measure) if name in row}
        assert figures == {name: expected[cell].get(name, 0) for name in figures}, (by, cell)
        for name, value in figures.items():
            seen[name] = seen.get(name, 0) + value
    # Every node: figure = children + recorded at the node + unallocated, for what adds up.
    for name, value in seen.items():
        if name not in {"inspected_units", "recognized_organizations"}:
            assert value == total.get(name, 0), (by, name)
