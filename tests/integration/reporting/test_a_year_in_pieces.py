"""A year is read in pieces, several at a time: each delta once, in the order of the log."""

import pytest
from sqlalchemy import MetaData

from services.reporting.figures import year_columns
from services.reporting.figures.accumulators import Bits
from services.reporting.figures.delta_tables import tally_tables
from services.reporting.figures.year_columns import YearColumns
from shared.database.bulk_write import insert
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
