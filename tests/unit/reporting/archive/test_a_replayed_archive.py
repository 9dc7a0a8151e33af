"""Figures of an archive, folded in parts and in no database, are those of the read models."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.reporting.archive import layout
from services.reporting.archive.engines import local
from services.reporting.archive.replay import replayed
from services.reporting.archive.writer import archive
from services.reporting.audit.comparison import TABLES, flat
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import Queries, SummaryQuery
from shared.errors import NotFound
from shared.web.answers.as_of_parameters import map_choice
from tests.support.figures_of_events import Projecting
from tests.support.random_maps import Intent, build, intents
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived

PROGRAMMES = ("dan_van_kheo", "don_vi_dan_van_tot")
ONE = local(1)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: a history that fails is named by its seed."""
EVERY_YEAR = range(min(YEARS) - 1, max(YEARS) + 2)


@settings(max_examples=6, deadline=None, phases=PHASES)
@given(intents, st.integers(0, 2**32), st.integers(1, 40))
def test_any_figure_of_any_history_is_that_of_the_read_models(
    tried: Sequence[Intent], seed: int, positions: int
) -> None:
    _archive_agrees(tried, seed, positions)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=500, deadline=None, phases=PHASES)
@given(intents, st.integers(0, 2**32), st.integers(1, 40))
def test_any_figure_of_hundreds_of_histories_is_that_of_the_read_models(
    tried: Sequence[Intent], seed: int, positions: int
) -> None:
    _archive_agrees(tried, seed, positions)


def _archive_agrees(tried: Sequence[Intent], seed: int, positions: int) -> None:
    history = lived(build(tried).events, seed, facts_each=8)
    with TemporaryDirectory() as folder:
        projecting = Projecting(f"sqlite:///{Path(folder) / 'r.db'}", history=history, run=50)
        projecting.project()
        storage = layout.Storage(f"{folder}/archive")
        head = archive(projecting.log, storage, positions).head.position
        random = Random(seed)
        if head:
            _every_cell_agrees(projecting, storage, head, random)
        projecting.store.close()


def _every_cell_agrees(
    projecting: Projecting, storage: layout.Storage, until: int, random: Random
) -> None:
    with replayed(storage, ONE, lambda _log: until) as reads:
        units = {
            e.payload.unit_id
            for e in projecting.log.read(0, until)
            if e.type.endswith("UnitOpened.v1")
        }
        earlier = random.randint(1, until)
        scopes = [None, *random.sample(sorted(units), min(3, len(units)))]
        for map_stated in ("recorded", "2025-07-01"):
            chosen = map_choice(map_stated, projecting.clock)
            for asked in product(scopes, EVERY_YEAR, PROGRAMMES):
                query = SummaryQuery(*asked, chosen, read_by(TABLES))
                for known_at in (earlier, until):
                    of_archive = _answer(reads, query, known_at)
                    assert of_archive == _answer(projecting.reads, query, known_at), asked


def _answer(reads: Queries, query: SummaryQuery, until: int) -> Any:
    try:
        return flat(reads.summary(query, reads.as_of(str(until))))
    except NotFound as error:
        return error.problem.rule.code
