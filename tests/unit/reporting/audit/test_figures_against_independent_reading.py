"""Any figure of any history is what the independent reading counts, at every position."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.audit.independent_reading import IndependentReading
from shared.errors import NotFound
from shared.events.recorded import feed_item
from tests.support.figures_of_events import Projecting
from tests.support.random_maps import Intent, build, intents
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived

PROGRAMMES = ("dan_van_kheo", "don_vi_dan_van_tot")
OF_REGISTRATIONS = (
    *("unit", "field", "block", "owner_kind", "registration_kind", "level", "tier"),
    "classification",
)
OF_AWARDS = ("unit", "award_form", "recipient_kind")
DISTINCT = {"inspected_units", "recognized_organizations"}
CASES = {"tried": intents, "seed": st.integers(0, 2**32), "run": st.integers(1, 30)}


@settings(max_examples=8, deadline=None)
@given(**CASES)
def test_any_figure_is_what_the_independent_reading_counts(
    tried: Sequence[Intent], seed: int, run: int
) -> None:
    _any_figure_agrees(tried, seed, run)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=1_000, deadline=None)
@given(**CASES)
def test_any_figure_of_a_thousand_histories_is_what_the_independent_reading_counts(
    tried: Sequence[Intent], seed: int, run: int
) -> None:
    _any_figure_agrees(tried, seed, run)


def _any_figure_agrees(tried: Sequence[Intent], seed: int, run: int) -> None:
    history = lived(build(tried).events, seed, facts_each=8)
    with TemporaryDirectory() as folder:
        projecting = Projecting(f"sqlite:///{Path(folder) / 'r.db'}", history=history, run=run)
        projecting.project()
        assert not projecting.runner.quarantined()
        if seed % 2:
            projecting = projecting.started_again()
        head = projecting.runner.position
        random = Random(seed)
        for position in sorted({head, *(random.randint(1, head) for _ in range(2))}):
            _agrees(projecting, position, random)
        projecting.store.close()


def _agrees(projecting: Projecting, position: int, random: Random) -> None:
    known = projecting.log.read(0, position)
    reading = IndependentReading(json.loads(feed_item(event)) for event in known)
    for day in (None, random.choice(reading.interesting_days())):
        for scope in (None, *random.sample(reading.units(), min(2, len(reading.units())))):
            for year in YEARS:
                programme, by = random.choice(PROGRAMMES), list(_tables(random))
                asked = (projecting, reading, position, scope, year, day, programme, by)
                if scope is None or day is None or reading.exists(scope, day):
                    _summary_agrees(*asked)
                else:
                    _nobody_finds(*asked)


def _tables(random: Random) -> Iterator[tuple[str, ...]]:
    """Yield every table of one dimension, and some of two and three."""
    single = [(each,) for each in dict.fromkeys(OF_REGISTRATIONS + OF_AWARDS)]
    pairs = [pair for of in (OF_REGISTRATIONS, OF_AWARDS) for pair in combinations(of, 2)]
    yield from single
    yield from random.sample(pairs, 4)
    yield tuple(random.sample(OF_REGISTRATIONS, 3))


def _summary_agrees(  # noqa: PLR0917  what a summary is asked for
    projecting: Projecting,
    reading: IndependentReading,
    position: int,
    scope: str | None,
    year: int,
    day: date | None,
    programme: str,
    by: Sequence[Sequence[str]],
) -> None:
    map_ = day.isoformat() if day else "recorded"
    tables = tuple(",".join(each) for each in by)
    found = projecting.summary(
        scope, year, by=tables, known_at=position, map=map_, programme=programme
    )
    expected = reading.summary(scope, year, day=day, programme=programme, by=by)
    if found["scope"] is not None:
        del found["scope"]["name"]
    for answer in (found, expected):
        answer["tables"] = [_comparable(table) for table in answer["tables"]]
        answer["quality"]["flags"].sort(key=lambda flag: flag["code"])
        answer["outcomes"].sort(key=lambda outcome: (outcome["metric"], outcome["nature"]))
    assert {name: found[name] for name in expected} == expected
    how = {"day": day, "programme": programme}
    assert found["digest"] == reading.digest(scope, year, position, map_stated=map_, **how)
    for each, rows in found["tables"]:
        _adds_up(each, rows, expected["measures"])
    _is_counted(reading, expected, scope, year, how)


def _nobody_finds(  # noqa: PLR0917  what a summary is asked for
    projecting: Projecting,
    reading: IndependentReading,
    position: int,
    scope: str,
    year: int,
    day: date,
    programme: str,
    by: Sequence[Sequence[str]],
) -> None:
    with pytest.raises(LookupError):
        reading.summary(scope, year, day=day, programme=programme, by=by)
    with pytest.raises(NotFound):
        projecting.summary(scope, year, known_at=position, map=day.isoformat())


def _comparable(table: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return a table without names and zeros, its rows in one order."""
    rows = [{k: v for k, v in row.items() if k != "unit_name" and v != 0} for row in table["rows"]]
    return table["by"], sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def _adds_up(by: list[str], rows: list[dict[str, Any]], total: dict[str, int]) -> None:
    """At every node: figure = children + recorded at the node + unallocated, for what adds up."""
    stated = set(total) - DISTINCT - set(by)
    for measure in stated:
        seen = [row[measure] for row in rows if measure in row]
        assert sum(seen) == total[measure] or not seen, (by, measure)


def _is_counted(
    reading: IndependentReading,
    expected: dict[str, Any],
    scope: str | None,
    year: int,
    how: dict[str, Any],
) -> None:
    """The things counted are as many as the figure, in the scope and in every row."""
    for measure, figure in expected["measures"].items():
        assert len(reading.counted(scope, year, measure, **how)) == figure
    for flag in expected["quality"]["flags"]:
        assert len(reading.counted(scope, year, flag["code"], **how)) == flag["count"]
    for by, rows in expected["tables"][:3]:
        for row in rows:
            cell = {each: row[each] for each in by}
            for measure in set(row) - set(by):
                counted = reading.counted(scope, year, measure, cell=cell, **how)
                assert len(counted) == row[measure], (cell, measure)
