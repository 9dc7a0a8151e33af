"""A change between two positions begins and ends with the figures of the summaries there."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.vocabulary import DEFAULT_PROGRAMME, Measure
from tests.support.figures_of_events import Projecting
from tests.support.listed_year import listed_year


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Projecting:
    url = f"sqlite:///{tmp_path_factory.mktemp('changes') / Path('reporting.db')}"
    return Projecting(url).given(*listed_year())


@pytest.mark.parametrize("measure", Measure)
def test_each_measure_is_that_of_the_summary(year: Projecting, measure: Measure) -> None:
    head = year.runner.position
    for position in (head - 12, head - 5):
        since, until = year.reads.as_of(str(position)), year.reads.as_of()
        filters = replace(year.filters(year=2022), programme=DEFAULT_PROGRAMME)
        found = year.reads.differ(filters, measure, since, until)
        assert found.before == year.summary(known_at=position)["measures"][measure]
        assert found.after == year.summary()["measures"][measure]
        assert found.after - found.before == sum(each["delta"] for each in found.items)
