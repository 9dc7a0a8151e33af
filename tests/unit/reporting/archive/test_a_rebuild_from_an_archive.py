"""Read models filled from an archive have every row of those that were folded event by event."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.reporting.archive.layout import Storage
from services.reporting.archive.rebuild import loading, row_fold
from services.reporting.archive.rebuild.fill import ArchiveFill
from services.reporting.archive.writer import archive
from services.reporting.readmodels.catalog import made
from shared.readmodel import generations
from tests.support.random_maps import Intent, build, intents
from tests.support.random_years import lived
from tests.support.rebuildable_ledger import NAMES, Rebuilding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.scenarios import History

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: a history that fails is named by its seed."""


@settings(max_examples=8, deadline=None, phases=PHASES)
@given(intents, st.integers(0, 2**32), st.integers(1, 60))
def test_every_row_of_any_history_is_that_of_the_daily_fold(
    tried: Sequence[Intent], seed: int, positions: int
) -> None:
    _same_rows(lived(build(tried).events, seed, facts_each=8), seed, positions)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=300, deadline=None, phases=PHASES)
@given(intents, st.integers(0, 2**32), st.integers(1, 60))
def test_every_row_of_hundreds_of_histories_is_that_of_the_daily_fold(
    tried: Sequence[Intent], seed: int, positions: int
) -> None:
    _same_rows(lived(build(tried).events, seed, facts_each=8), seed, positions)


def _same_rows(history: History, seed: int, positions: int) -> None:
    together, at_once = Random(seed).choice((1, 5, 1_000)), Random(seed).choice((3, 10_000))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_fold, "TOGETHER", together)
        patch.setattr(loading, "AT_ONCE", at_once)
        ledger = Rebuilding(f"sqlite:///{Path(folder) / 'r.db'}", history).project()
        head = ledger.log.head().position
        archive(ledger.log, Storage(f"{folder}/archive"), min(positions, head))
        before = _rows(ledger)
        ledger.rebuild(*NAMES, fill_ahead=ArchiveFill(f"{folder}/archive", 1)).rebuild()
        ledger.project()
        after = _rows(ledger)
        for table, rows in before.items():
            assert after[table] == rows, table
        ledger.store.close()


def _rows(ledger: Rebuilding) -> dict[str, list[Any]]:
    """Return every row of the generations that answer, by table without its generation."""
    found = {}
    with ledger.store.reading() as connection:
        for name in NAMES:
            generation = ledger.generation(name)
            prefix = generations.prefix_of(name, generation)
            for table in made(name, generation).metadata.sorted_tables:
                rows = map(tuple, connection.execute(select(table)))
                found[f"{name}/{table.name.removeprefix(prefix)}"] = sorted(rows, key=repr)
    return found
