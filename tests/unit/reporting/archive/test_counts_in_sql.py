"""Counts of an archive in SQL are those of the read models, for any history and position."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.reporting.archive.layout import Storage
from services.reporting.archive.sql_counts import COUNTED, counts_in_sql
from services.reporting.archive.writer import archive
from services.reporting.queries.facade import RECORDED_MAP, SummaryQuery
from tests.support.figures_of_events import Projecting
from tests.support.random_maps import Intent, build, intents
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=5, deadline=None, phases=PHASES)
@given(intents, st.integers(0, 2**32))
def test_the_counts_of_any_history_are_those_of_the_read_models(
    tried: Sequence[Intent], seed: int
) -> None:
    history = lived(build(tried).events, seed, facts_each=8)
    with TemporaryDirectory() as folder:
        projecting = Projecting(f"sqlite:///{Path(folder) / 'r.db'}", history=history, run=50)
        projecting.project()
        storage = Storage(f"{folder}/archive")
        manifest = archive(projecting.log, storage, 7)
        head = manifest.head.position
        for programme in ("dan_van_kheo", "don_vi_dan_van_tot"):
            for until in {head, Random(seed).randint(0, head)} - {0}:
                found = counts_in_sql(storage, manifest, until, programme)
                reads, at = projecting.reads, projecting.reads.as_of(str(until))
                for year in range(min(YEARS) - 1, max(YEARS) + 2):
                    query = SummaryQuery(None, year, programme, RECORDED_MAP)
                    measures = reads.summary(query, at)["measures"]
                    in_sql = {each: found.get((year, each), 0) for each in COUNTED}
                    assert in_sql == {each: measures[each] for each in COUNTED}, (year, until)
        projecting.store.close()
