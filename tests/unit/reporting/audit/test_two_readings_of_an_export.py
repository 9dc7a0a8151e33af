"""What is live, what is replayed from an export, and what is read a second time are the same."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.audit import comparison
from services.reporting.audit.comparison import AuditScope, Cell, Disagreement, Uncounted
from services.reporting.audit.export_file import Export
from services.reporting.audit.replay import CannotReplay, replayed
from services.reporting.audit.verification import verify
from services.reporting.queries.facade import Queries
from shared.errors import NotFound
from shared.vocabulary import Family
from shared.web.answers.as_of_parameters import map_choice
from tests.support.cloudevents import country, unit
from tests.support.event_builders import recognized, registered
from tests.support.exports import exported
from tests.support.figures_of_events import Projecting
from tests.support.random_maps import Intent, build, intents
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived
from tests.support.scenarios import History

MAPS = ("recorded", "current", "2020-01-04")


@settings(max_examples=6, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32))
def test_live_replayed_and_read_again_are_the_same(tried: Sequence[Intent], seed: int) -> None:
    _all_are_the_same(tried, seed)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=200, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32))
def test_live_replayed_and_read_again_are_the_same_in_hundreds_of_histories(
    tried: Sequence[Intent], seed: int
) -> None:
    _all_are_the_same(tried, seed)


def _all_are_the_same(tried: Sequence[Intent], seed: int) -> None:
    random = Random(seed)
    history = lived(build(tried).events, seed)
    with TemporaryDirectory() as folder:
        live = Projecting(f"sqlite:///{folder}/r.db", history=history).project()
        year = random.choice(YEARS)
        whole = verify(exported(live.log, Path(folder) / "log.jsonl"))
        of_year = verify(exported(live.log, Path(folder) / "year.jsonl", year=year))
        assert not whole.faults
        assert not of_year.faults
        with replayed(whole) as first, replayed(of_year) as selected:
            for _ in range(4):
                asked = _asked(live, year, random)
                try:
                    expected = comparison.answer_of_first(live.reads, asked)
                except NotFound:
                    continue
                for export, reads in ((whole, first), (of_year, selected)):
                    assert comparison.answer_of_first(reads, asked) == expected
                    second = comparison.independent_reading(export, asked.as_of.position)
                    found = comparison.answer_of_second(second, asked)
                    assert comparison.disagreements(expected, found) == []
        live.store.close()


def _asked(live: Projecting, year: int, random: Random) -> AuditScope:
    as_of = live.reads.as_of(str(random.randint(1, live.runner.position)))
    snapshot = live.reads.maps.at(as_of.position)
    unit_id = random.choice([None, *sorted(snapshot.territory._chronicle.units)])
    return AuditScope(unit_id, year, map_choice(random.choice(MAPS), live.clock), as_of)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    log = (
        History()
        .given(country(), unit("bk"), registered("1", unit_id="bk"), registered("2", unit_id="bk"))
        .given(recognized("1"))
        .log
    )
    return verify(exported(log.as_family(Family.REPORTING), tmp_path / "log.jsonl"))


def _nation(reads: Queries) -> AuditScope:
    return AuditScope(None, 2022, map_choice("recorded", lambda: 0), reads.as_of())


def test_where_readings_differ_the_thing_is_named_that_one_of_them_counts(export: Export) -> None:
    with replayed(export) as reads:
        asked = _nation(reads)
        first = comparison.answer_of_first(reads, asked)
        # What an auditor would see if one reading missed the last recognition.
        second = comparison.independent_reading(export, 4)
        found = comparison.answer_of_second(second, asked)
        differing = comparison.disagreements(first, found)
        assert Disagreement(Cell("recognized"), 1, 0) in differing
        assert Disagreement(Cell("recognized", (("unit", "bk"),)), 1, None) in differing
        things = list(comparison.uncounted(reads, second, asked, Cell("recognized")))
        assert things == [Uncounted("registration/r-1", counted_by_first=True)]
        events = comparison.events_of(export, "registration/r-1", asked.as_of.position)
        assert [event.position for event in events] == [3, 5]


def test_an_export_that_cannot_be_folded_says_where(export: Export) -> None:
    later = Export(export.path, export.manifest)
    for name in ("positions", "offsets"):
        getattr(later, name).extend(getattr(export, name)[4:])
    with pytest.raises(CannotReplay, match=r"registrations.*positions 5 to 5"), replayed(later):
        pass
