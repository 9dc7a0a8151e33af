"""The sample on the map of the whole country: every number explained, and the year on any map."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain as chain_of
from itertools import combinations, groupby
from typing import Any

import pytest

from services.console.datasets.sample import sample_events
from services.reporting.queries.cross_tables import (
    AWARD_DIMENSIONS,
    AWARD_MEASURES,
    REGISTRATION_DIMENSIONS,
    REGISTRATION_MEASURES,
)
from services.reporting.queries.filters import Filters
from shared.clock import Clock, system_clock, to_microseconds
from shared.errors import NotFound
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import NO_CHAIN, ReceivedEvent, link
from shared.events.recorded import RecordedEvent
from shared.vocabulary import DEFAULT_PROGRAMME, Family, Measure
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.pagination import LARGEST_LIMIT, Page
from tests.support.event_builders import granted
from tests.support.figures_of_events import Projecting
from tests.support.national_map import national_events
from tests.support.scenarios import History

CITY, OLD_BAC_KAN = "gso-2004-058", "gso-2004-06"
OLD_THAI_NGUYEN, THAI_NGUYEN = "gso-2004-19", "gso-2025-19"
BAC_GIANG, BAC_NINH = "gso-2004-24", "gso-2025-24"
IN_JANUARY_2023 = to_microseconds(datetime(2023, 1, 20, tzinfo=UTC))
REGISTERED = 191
"""The account of Bắc Kạn city for 2022."""


def _received(event: dict[str, Any]) -> ReceivedEvent:
    family = next(f for f in Family if f in CATALOGUE[event["type"]].families)
    return receive(json.dumps(event).encode(), now_us=system_clock(), family=family)


def _family(event: ReceivedEvent) -> Family:
    return next(family for family in Family if family in CATALOGUE[event.type].families)


def _recorded_at_once(events: Iterable[ReceivedEvent], clock: Clock) -> History:
    """Return a history of events that the rules are known to accept, inserted in a few pieces."""
    history = History()
    versions: Counter[str] = Counter()
    chain, position, recorded_us = NO_CHAIN, 0, 0
    for family, together in groupby(events, key=_family):
        inserted = []
        for event in together:
            position, recorded_us = position + 1, max(recorded_us, clock())
            chain = link(chain, position, recorded_us, event.digest)
            versions[event.subject] += 1
            recorded = RecordedEvent(
                position=position,
                key=event.key,
                type=event.type,
                subject=event.subject,
                recorded_us=recorded_us,
                digest=event.digest,
                chain=chain,
                body=event.body,
            )
            inserted.append((recorded, versions[event.subject]))
        with history.log.as_family(family).append_session() as session:
            session.insert(inserted)
    return history.restarted()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projecting]:
    """Give the read models over the map and the sample, recorded in January 2023 by our clock."""
    the_map = national_events()
    known = {event.key for event in the_map}
    sample = (event for event in map(_received, sample_events()) if event.key not in known)
    history = _recorded_at_once(chain_of(the_map, sample), lambda: IN_JANUARY_2023)
    url = f"sqlite:///{tmp_path_factory.mktemp('anywhere') / 'reporting.db'}"
    projecting = Projecting(url, history=history, run=2_000).project()
    assert not projecting.runner.quarantined()
    yield projecting
    projecting.store.close()


def _explained(ledger: Projecting, unit_id: str | None, measure: str, **cell: str | None) -> Any:
    chosen = map_choice("recorded", ledger.clock)
    filters = Filters(unit_id, 2022, DEFAULT_PROGRAMME, chosen, cell)
    as_of = ledger.reads.as_of()
    return ledger.reads.explain(filters, measure, as_of, Page(LARGEST_LIMIT))


@pytest.mark.parametrize(
    "unit_id",
    [None, *(pytest.param(each, marks=pytest.mark.thorough) for each in (OLD_BAC_KAN, CITY))],
)
def test_every_cell_of_every_table_has_as_many_items_as_its_figure(
    ledger: Projecting, unit_id: str | None
) -> None:
    pairs = [
        *((each,) for each in (*REGISTRATION_DIMENSIONS, *AWARD_DIMENSIONS)),
        *combinations(REGISTRATION_DIMENSIONS, 2),
        *combinations(AWARD_DIMENSIONS, 2),
    ]
    tables = [",".join(by) for by in dict.fromkeys(pairs)]
    asked = 0
    for first in range(0, len(tables), 20):
        summary = ledger.summary(unit_id, by=tuple(tables[first : first + 20]))
        for table in summary["tables"]:
            for row in table["rows"]:
                cell = {each: row[each] for each in table["by"]}
                for measure in (*REGISTRATION_MEASURES, *AWARD_MEASURES, Measure.INSPECTED_UNITS):
                    if row.get(measure):
                        found = _explained(ledger, unit_id, measure, **cell)
                        assert found.figure == len(found.items) == row[measure], (measure, cell)
                        asked += 1
    for measure in Measure:
        found = _explained(ledger, unit_id, measure)
        assert found.figure == len(found.items) == summary["measures"][measure]
    assert asked > 300


def test_bac_kan_still_answers_as_recorded_and_lies_in_thai_nguyen_today(
    ledger: Projecting,
) -> None:
    assert ledger.measures(OLD_BAC_KAN)["registered"] == REGISTERED
    assert ledger.measures(OLD_BAC_KAN, map="2025-06-30")["registered"] == REGISTERED
    with pytest.raises(NotFound) as gone:
        ledger.measures(OLD_BAC_KAN, map="current")
    assert gone.value.problem.params["followed_by"] == [THAI_NGUYEN]
    assert ledger.measures(THAI_NGUYEN, map="current")["registered"] == REGISTERED
    # The Thái Nguyên of before is another unit than the one of today, though its code is the same.
    assert ledger.measures(OLD_THAI_NGUYEN, map="2025-06-30") == {}
    assert ledger.measures(THAI_NGUYEN) == {}


def test_at_every_node_of_todays_map_the_figure_is_that_of_its_parts(ledger: Projecting) -> None:
    total = ledger.summary(THAI_NGUYEN, map="current", by=("unit",))
    rows = total["tables"][0]["rows"]
    for measure in ("registered", "eligible", "recognized"):
        assert sum(row[measure] for row in rows) == total["measures"][measure]
    # What was recorded at the city itself has no commune: it counts at the province's own row or
    # as unallocated, never in one of the communes.
    carried = [row["registered"] for row in rows if row["unit"] in {None, THAI_NGUYEN}]
    assert sum(carried) == REGISTERED - sum(
        row["registered"] for row in rows if row["unit"] not in {None, THAI_NGUYEN}
    )
    assert total["quality"]["unallocated"] == sum(
        row["registered"] for row in rows if row["unit"] is None
    )


def test_the_two_provinces_that_bore_code_24_never_mix(ledger: Projecting) -> None:
    snapshot = ledger.reads.maps.at(ledger.runner.position)
    day = map_choice("current", ledger.clock).day
    assert day is not None
    territory = snapshot.territory
    bearing = {
        unit.unit_id
        for unit in territory.units(day)
        if unit.level == "province" and ("gso", "24") in unit.codes
    }
    assert bearing == {BAC_NINH}
    assert territory.lies(BAC_GIANG, day) == (BAC_NINH,)
    assert not territory.exists(BAC_NINH, map_choice("2025-06-30", ledger.clock).day or day)


def test_a_late_award_changes_what_is_known_today_and_not_what_was_known_then(
    ledger: Projecting,
) -> None:
    before = ledger.summary(CITY, known_at="2023-01-31")
    late = granted(
        "late",
        unit_id=CITY,
        occurred_on="2022-12-28",
        grantor_org_id="bk-058-bcd",
        recipient={"kind": "collective", "org_id": "bk-058-bcd"},
    )
    ledger.given(late)  # sent, and so recorded, years after the year it belongs to
    position = ledger.runner.position
    now = ledger.summary(CITY)
    assert before["known_at"]["position"] < position
    assert before["measures"]["registered"] == REGISTERED
    assert before["measures"]["awards_granted"] == 0
    assert now["measures"]["awards_granted"] == 1
    assert ledger.summary(CITY, known_at="2023-01-31") == before
    found = _explained(ledger, CITY, "awards_granted")
    assert [item["subject"] for item in found.items] == ["award/a-late"]
    reads, as_of = ledger.reads, ledger.reads.as_of()
    filters = Filters(CITY, 2022, DEFAULT_PROGRAMME, map_choice("recorded", ledger.clock), {})
    since = reads.differ(filters, "awards_granted", reads.before("2023-01-31", as_of), as_of)
    assert [(each["position"], each["delta"]) for each in since.items] == [(position, 1)]
