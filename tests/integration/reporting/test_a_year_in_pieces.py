"""A year is read in pieces, several at a time: each delta once, in the order of the log."""

import pytest
from sqlalchemy import MetaData

from services.reporting.figures import cache, year_columns
from services.reporting.figures.accumulators import Bits
from services.reporting.figures.cache import DeltaCache
from services.reporting.figures.delta_tables import tally_tables
from services.reporting.figures.measures import REGISTRATIONS
from services.reporting.figures.year_columns import YearColumns
from shared.database.bulk_write import insert
from shared.readmodel.recent_rows import RecentRows
from shared.readmodel.store import Store

YEAR = 2022
PLACES = [(position, ordinal) for position in range(7, 90, 3) for ordinal in range(position % 6)]


@pytest.mark.parametrize(("span", "at_once"), [(10, 3), (1, 1), (1000, 4), (100_000, 200_000)])
def test_each_delta_of_the_year_comes_once_and_in_order(
    url: str, monkeypatch: pytest.MonkeyPatch, span: int, at_once: int
) -> None:
    monkeypatch.setattr(year_columns, "_SPAN", span)
    monkeypatch.setattr(year_columns, "_AT_ONCE", at_once)
    store = Store(url)
    tables = tally_tables(metadata := MetaData(), "rm_pieces_", ("programme",))
    store.create(metadata)
    rows = [
        (year, position, ordinal, position * 10 + ordinal, 1, 738_000, 1, 0, None, 1)
        for position, ordinal in PLACES
        for year in (YEAR, YEAR + 1)
    ]
    with store.writing() as connection:
        insert(connection, tables.deltas, rows)
    year = YearColumns(tables, YEAR, Bits(10))
    for reached in (5, 40, 40, 41, 100):
        year.follow(store, reached)
        expected = [place for place in PLACES if place[0] <= reached]
        assert year.position.values.tolist() == [position for position, _ in expected]
        assert year.thing.values.tolist() == [p * 10 + ordinal for p, ordinal in expected]
    store.close()


def test_years_are_dropped_by_their_size_the_longest_unread_first(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(url)
    tables = tally_tables(metadata := MetaData(), "rm_kept_", ("programme",))
    store.create(metadata)
    with store.writing() as connection:
        for year in range(2001, 2005):
            row = (year, year, 0, 1, 1, 738_000, 1, 0, None, 1)
            insert(connection, tables.deltas, [row])
    kept = DeltaCache(store, tables, REGISTRATIONS, RecentRows(lambda row: row[1]))
    of_one = kept.year(2001, 3_000).nbytes
    monkeypatch.setattr(cache, "YEARS_BYTES", 3 * of_one)
    first = [kept.year(year, 3_000) for year in (2001, 2002, 2003)]
    assert kept.year(2001, 3_000) is first[0], "three fit"
    kept.year(2004, 3_000)
    assert kept.year(2001, 3_000) is first[0], "it was read since 2002 was"
    again = kept.year(2002, 3_000)
    assert again is not first[1]
    assert again.position.values.tolist() == [2002]
    store.close()
