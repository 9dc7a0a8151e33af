"""In any history every figure is counted out, and every change of one is put down to its event."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.queries.filters import Filters
from shared.errors import NotFound
from shared.vocabulary import DEFAULT_PROGRAMME, Flag, Measure
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.pagination import Page
from tests.support.figures_of_events import Projecting
from tests.support.random_maps import Intent, build, intents
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived
from tests.support.scenarios import History

TABLES = (
    *("unit", "field", "unit,tier", "owner_kind,level", "award_form", "unit,recipient_kind"),
    *("classification", "recipient_kind"),
)
MAPS = ("recorded", "current", "2020-01-04")


@settings(max_examples=15, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32))
def test_every_figure_and_every_change_of_it_is_explained(
    tried: Sequence[Intent], seed: int
) -> None:
    explained_throughout(lived(build(tried).events, seed), seed)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=300, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32))
def test_every_figure_and_every_change_of_hundreds_of_histories_is_explained(
    tried: Sequence[Intent], seed: int
) -> None:
    explained_throughout(lived(build(tried).events, seed), seed)


def explained_throughout(history: History, seed: int) -> None:
    """Require that figures of a history are counted out, and changes put down to their events."""
    with TemporaryDirectory() as folder:
        projecting = Projecting(f"sqlite:///{Path(folder) / 'r.db'}", history=history, run=20)
        projecting.project()
        random = Random(seed)
        head = projecting.runner.position
        position = random.randint(1, head)
        for map_ in MAPS:
            scope = random.choice([None, *_units(projecting, position)])
            for year in YEARS:
                cells = list(_cells(projecting, scope, year, map_, position))
                for measure, cell, figure in cells:
                    _is_counted_out(projecting, scope, year, map_, position, measure, cell, figure)
                for measure, cell, _ in random.sample(cells, min(2, len(cells))):
                    _changes_are_found(projecting, scope, year, map_, position, measure, cell)
        projecting.store.close()


def _units(projecting: Projecting, position: int) -> list[str]:
    snapshot = projecting.reads.maps.at(position)
    return sorted(snapshot.territory._chronicle.units)


def _cells(
    projecting: Projecting, scope: str | None, year: int, map_: str, position: int
) -> Iterator[tuple[str, dict[str, str | None], int]]:
    """Yield every figure of a summary: its measure, its cell, and its value."""
    try:
        summary = projecting.summary(scope, year, by=TABLES, known_at=position, map=map_)
    except NotFound:
        return
    for measure in Measure:
        yield str(measure), {}, summary["measures"][measure]
    raised = {each["code"]: each["count"] for each in summary["quality"]["flags"]}
    for flag in Flag:
        yield str(flag), {}, raised.get(flag, 0)
    for table in summary["tables"]:
        for row in table["rows"]:
            cell = {each: row[each] for each in table["by"]}
            for measure in Measure:
                if measure in row:
                    yield str(measure), cell, row[measure]


def _is_counted_out(  # noqa: PLR0917  what a figure is asked for
    projecting: Projecting,
    scope: str | None,
    year: int,
    map_: str,
    position: int,
    measure: str,
    cell: dict[str, str | None],
    figure: int,
) -> None:
    filters = Filters(scope, year, DEFAULT_PROGRAMME, map_choice(map_, projecting.clock), cell)
    as_of = projecting.reads.as_of(str(position))
    subjects: list[str] = []
    place: Any = None
    while True:
        found = projecting.reads.explain(filters, measure, as_of, Page(2, place))
        assert found.figure == figure, (measure, cell)
        for item in found.items:
            subjects.append(item["subject"])
            assert item["events"], item
            assert all(event["position"] <= position for event in item["events"])
        place = found.after
        if place is None:
            break
    assert len(subjects) == len(set(subjects)) == figure, (measure, cell)


def _changes_are_found(  # noqa: PLR0917  what a figure is asked for
    projecting: Projecting,
    scope: str | None,
    year: int,
    map_: str,
    since: int,
    measure: str,
    cell: dict[str, str | None],
) -> None:
    """Compare with the figure before and after every single event."""
    reads = projecting.reads
    head = projecting.runner.position
    filters = Filters(scope, year, DEFAULT_PROGRAMME, map_choice(map_, projecting.clock), cell)

    def figure(position: int) -> int:
        try:
            return reads.explain(filters, measure, reads.as_of(str(position))).figure
        except NotFound:
            return 0

    try:
        found = reads.differ(filters, measure, reads.as_of(str(since)), reads.as_of(str(head)))
    except NotFound:
        return  # by now the unit was taken back
    figures = [figure(position) for position in range(since, head + 1)]
    expected = {
        since + place: after - before
        for place, (before, after) in enumerate(pairwise(figures), start=1)
        if after != before
    }
    assert {each["position"]: each["delta"] for each in found.items} == expected
    assert (found.before, found.after) == (figures[0], figures[-1])
