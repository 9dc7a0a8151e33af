"""A map of the size and shape of the whole country, made up: 14,155 units, most of them ended.

On the day of the reorganisation provinces merge, communes merge or are divided, districts close.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from shared.events.envelope import ReceivedEvent
from tests.support import unit_events as say

OPENED, REORGANIZED = "2004-01-01", "2025-07-01"
PROVINCES, DISTRICTS, COMMUNES = 63, 696, 10_035
MERGED_PROVINCES, NEW_COMMUNES = 23, 3_337
UNITS = 1 + PROVINCES + DISTRICTS + COMMUNES + MERGED_PROVINCES + NEW_COMMUNES
REORGANIZATIONS = 3_012


def national_events() -> list[ReceivedEvent]:
    """Return every unit event, in the order of the log: some 14,500."""
    return [*_old_map(), *_mergers_of_provinces(), *_reorganizations_of_communes(), *_closed()]


def _old_map() -> Iterator[ReceivedEvent]:
    yield say.opened("vn", OPENED, None)
    for number in range(PROVINCES):
        yield say.opened(f"p{number}", OPENED, "vn", level="province")
    for number in range(DISTRICTS):
        yield say.opened(f"d{number}", OPENED, f"p{number % PROVINCES}", level="district")
    for number in range(COMMUNES):
        yield say.opened(f"c{number}", OPENED, f"d{number % DISTRICTS}")


def _mergers_of_provinces() -> Iterator[ReceivedEvent]:
    for number in range(MERGED_PROVINCES):
        new = f"P{number}"
        sources = [f"p{number}", f"p{number + MERGED_PROVINCES}"]
        opens = [say.opening(new, "vn", level="province")]
        yield say.reorganized(f"merger-{new}", REORGANIZED, {new: sources}, opens=opens)


def _reorganizations_of_communes() -> Iterator[ReceivedEvent]:
    events = REORGANIZATIONS - MERGED_PROVINCES
    divisions = NEW_COMMUNES - events
    communes, new = iter(range(COMMUNES)), iter(range(NEW_COMMUNES))
    for number in range(events):
        size = COMMUNES // events + (number < COMMUNES % events)
        sources = [f"c{each}" for each in islice(communes, size)]
        targets = [f"C{each}" for each in islice(new, 2 if number < divisions else 1)]
        yield _commune_event(number, sources, targets)


def _commune_event(number: int, sources: Sequence[str], targets: Sequence[str]) -> ReceivedEvent:
    province = number % PROVINCES
    merged = province % MERGED_PROVINCES
    upper = f"P{merged}" if province < 2 * MERGED_PROVINCES else f"p{province}"
    # The last source goes into every target, the others into the first.
    shares = {targets[0]: sources, **dict.fromkeys(targets[1:], sources[-1:])}
    opens = [say.opening(target, upper) for target in targets]
    return say.reorganized(f"communes-{number}", REORGANIZED, shares, opens=opens)


def _closed() -> Iterator[ReceivedEvent]:
    return (say.closed(f"d{number}", REORGANIZED) for number in range(DISTRICTS))
