"""Random histories of the map: openings, mergers, divisions, moves, ends, renames, retractions.

Days are few and near to one another and are drawn regardless of the order of the log, so much is
late, much happens on one day, and units end while others still name them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from shared.events.envelope import EventKey, ReceivedEvent
from shared.events.payloads.payload import Payload
from shared.events.payloads.retraction import EventRetracted
from shared.events.recorded import RecordedEvent
from tests.support import unit_events as say
from tests.support.naive_map_rules import is_possible, may_retract
from tests.support.naive_territory import NaiveMap

FIRST_DAY = date(2020, 1, 1)
DAYS = 7


class Intent(NamedTuple):
    """What is tried: numbers choose among the units and events that there are then."""

    kind: str
    day: int
    picks: tuple[int, int, int]


KINDS = (
    "open",
    "open",
    "merge",
    "absorb",
    "split",
    "twins",
    "go on",
    "move",
    "close",
    "rename",
    "retract",
)

intents = st.lists(
    st.builds(
        Intent,
        kind=st.sampled_from(KINDS),
        day=st.integers(0, DAYS - 1),
        picks=st.tuples(st.integers(0, 19), st.integers(0, 19), st.integers(0, 19)),
    ),
    min_size=4,
    max_size=16,
)

Judge = Callable[[list[ReceivedEvent], ReceivedEvent, bool], None]
"""Is told the history, the event that is tried next, and whether the naive rules let it pass."""


@dataclass
class Attempt:
    """A history under construction, by the naive rules alone."""

    events: list[ReceivedEvent]
    standing: list[ReceivedEvent]

    def payloads(self) -> list[Payload]:
        """Return the data of the events that are not retracted."""
        return [event.payload for event in self.standing]

    def add(self, event: ReceivedEvent) -> bool:
        """Record an event if the naive rules let it pass, and say whether they did."""
        payload = event.payload
        if isinstance(payload, EventRetracted):
            keys = [each.key for each in self.standing]
            index = keys.index(EventKey(payload.retracts.source, payload.retracts.id))
            passes = may_retract(index, self.payloads())
            if passes:
                del self.standing[index]
        else:
            passes = is_possible(payload, self.payloads())
            if passes:
                self.standing.append(event)
        if passes:
            self.events.append(event)
        return passes


def build(tried: Sequence[Intent], judge: Judge = lambda *_: None) -> Attempt:
    """Return the history of what could happen of all that was tried."""
    attempt = Attempt([], [])
    for unit_id, parent_id in (("vn", None), ("a", "vn"), ("b", "a")):
        assert attempt.add(say.opened(unit_id, FIRST_DAY, parent_id))
    for number, intent in enumerate(tried):
        if len(attempt.standing) == 1:
            break
        known = NaiveMap(attempt.payloads()).known_units()
        event = _event(intent, f"u{number}", known, attempt.standing)
        if event.payload.unit_ids() <= set(known):
            before = list(attempt.events)
            judge(before, event, attempt.add(event))
    return attempt


def _event(
    intent: Intent, new: str, known: Sequence[str], standing: Sequence[ReceivedEvent]
) -> ReceivedEvent:
    day = FIRST_DAY + timedelta(days=intent.day + 1)
    one, other, upper = (known[pick % len(known)] for pick in intent.picks)
    single = {
        # Early, so that there is something on most days; often before what came before it.
        "open": lambda: say.opened(new, FIRST_DAY + timedelta(days=intent.day // 2), upper),
        "move": lambda: say.moved(one, day, upper),
        "close": lambda: say.closed(one, day),
        "rename": lambda: say.renamed(one, day, f"name of {new}"),
        # All but the country: without it nothing could happen any more.
        "retract": lambda: say.retracted(standing[1:][intent.picks[0] % (len(standing) - 1)]),
    }
    if intent.kind in single:
        return single[intent.kind]()
    twin = f"{new}x"
    beside = (upper, new, twin)[intent.picks[2] % 3]
    targets, opens = {
        "merge": ({new: [one, other]}, [say.opening(new, upper)]),
        "absorb": ({other: [one]}, []),
        "split": ({new: [one], other: [one]}, [say.opening(new, upper)]),
        "go on": ({one: [one, other], new: [one]}, [say.opening(new, upper)]),
        "twins": ({new: [one], twin: [other]}, [say.opening(twin, beside), say.opening(new, twin)]),
    }[intent.kind]
    return say.reorganized(new, day, targets, opens=opens)


def recorded_until(attempt: Attempt, count: int) -> tuple[list[RecordedEvent], list[Payload]]:
    """Return the first events of the log, and the data of those that then stand."""
    standing: dict[tuple[str, str], Payload] = {}
    for event in attempt.events[:count]:
        if isinstance(event.payload, EventRetracted):
            retracts = event.payload.retracts
            del standing[retracts.source, retracts.id]
        else:
            standing[event.key] = event.payload
    return say.recorded(attempt.events[:count]), list(standing.values())
