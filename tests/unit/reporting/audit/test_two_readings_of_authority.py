"""Both readings of authority name the same events of random histories with random publishers.

The events of a random history are signed by publishers that have rights over some of its units and
recorded whatever the rules say, with keys and grants that come and go between them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.console.trust.audited_authority import fresh_deciders
from services.reporting.audit.authority_replay import judge_authority
from services.reporting.audit.comparison import positions_without_authority
from services.reporting.audit.verification import verify
from shared.events.envelope import ReceivedEvent
from shared.trust.signing import signed_events
from shared.vocabulary import Family, Power
from tests.support.exports import exported
from tests.support.random_maps import Intent, build, intents
from tests.support.random_years import lived
from tests.support.scenarios import History
from tests.support.trusted import REALM, ROOTS, authorized, began, key_added, key_of, taken
from tests.support.two_provinces import ended, revoked

PUBLISHERS = ("p-0", "p-1", "p-2", ROOTS[1])
FIRST = 4
"""Events of the map before there are publishers."""


class Speaking:
    """Chooses who says each event, and what happens to keys and grants meanwhile."""

    def __init__(self, history: History, random: Random) -> None:
        log = history.log.as_family(Family.REPORTING)
        self._events = log.read(0, log.head().position)
        self._random = random
        bodies = [orjson.loads(event.body) for event in self._events]
        named = {body["data"].get("unit_id") for body in bodies} - {None}
        self._units = sorted(named) or ["vn"]
        self._sources: dict[tuple[str, str], str] = {}
        self._number = 0

    def all(self) -> Iterator[ReceivedEvent]:
        """Yield the events, signed."""
        yield began()
        for number, event in enumerate(self._events):
            if number == FIRST:
                for publisher in PUBLISHERS[:3]:
                    yield key_added(publisher)
                    yield self._grant(publisher, ROOTS[0])
            if number > FIRST and self._random.random() < 0.2:
                yield self._change()
            yield self._said(orjson.loads(event.body))

    def _said(self, event: dict[str, Any]) -> ReceivedEvent:
        early = len(self._sources) < FIRST
        publisher = ROOTS[1] if early else self._random.choice(PUBLISHERS)
        key = (event["source"], event["id"])
        event["source"] = self._sources[key] = f"/publishers/{publisher}"
        retracts = event["data"].get("retracts")
        if retracts:
            retracts["source"] = self._sources[retracts["source"], retracts["id"]]
        (signed,) = signed_events([event], key_of(publisher), REALM)
        return taken(signed)

    def _grant(self, publisher: str, by: str, **stated: Any) -> ReceivedEvent:
        random = self._random
        self._number += 1
        families = random.sample([str(each) for each in Family], random.randint(1, 3))
        powers = random.sample([str(each) for each in Power], random.randint(1, 3))
        unit = random.choice(self._units)
        limits = [
            {},
            {"facts_from": "2021-01-01"},
            {"speaks_to": "2026-01-01"},
            {"id_prefixes": ["r-"]},
        ]
        more = {**random.choice(limits), **stated, "grant_id": f"g-{self._number}"}
        return authorized(publisher, unit, by=by, families=families, powers=powers, **more)

    def _change(self) -> ReceivedEvent:
        random = self._random
        publisher, by = random.choice(PUBLISHERS[:3]), random.choice((*PUBLISHERS, ROOTS[0]))
        match random.randrange(5):
            case 0:
                return self._grant(publisher, by)
            case 1:
                return self._grant(publisher, by, under=f"g-{random.randint(1, self._number)}")
            case 2:
                return ended(publisher, f"g-{random.randint(1, self._number)}", by=by)
            case 3:
                why = random.choice(("lost", "compromised"))
                return revoked(publisher, random.randint(1, 3), by=by, why=why)
            case _:
                return key_added(publisher, random.randint(2, 3), by=by)


def _both_name_the_same(tried: Sequence[Intent], seed: int) -> None:
    random = Random(seed)
    lived_through = lived(build(tried).events, seed)
    spoken = History()
    spoken.deciders = {}  # nothing is decided
    for event in Speaking(lived_through, random).all():
        spoken.record(event)
    with TemporaryDirectory() as folder:
        for year in (None, 2021):
            file = Path(folder) / "x.jsonl"
            export = verify(exported(spoken.log.as_family(Family.REPORTING), file, year=year))
            assert export.faults == []
            first = {
                fault.position: fault.english
                for fault in judge_authority(export, fresh_deciders()).faults
            }
            second = positions_without_authority(export)
            assert first.keys() == second.keys(), (first, second)


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(tried=intents, seed=st.integers(0, 2**32))
def test_both_readings_name_the_same_events(tried: Sequence[Intent], seed: int) -> None:
    _both_name_the_same(tried, seed)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=100, deadline=None, phases=[Phase.generate])
@given(tried=intents, seed=st.integers(0, 2**32))
def test_both_readings_name_the_same_events_of_a_hundred_histories(
    tried: Sequence[Intent], seed: int
) -> None:
    _both_name_the_same(tried, seed)
