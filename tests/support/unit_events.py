"""Events of the map as short sentences, and as a log records them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from shared.events.envelope import NO_CHAIN, ReceivedEvent
from shared.events.recorded import RecordedEvent
from shared.territory import Territory
from tests.support.cloudevents import received

COUNTRY = "vn"


def opening(unit_id: str, parent_id: str | None, level: str = "commune") -> dict[str, Any]:
    """Return what is said of a unit when it is opened; its name is its id until it is renamed."""
    if parent_id is None:
        level = "country"
    stated = {"unit_id": unit_id, "name": unit_id, "level": level, "parent_id": parent_id}
    return {**stated, "codes": []}


def opened(
    unit_id: str, day: date | str, parent_id: str | None = COUNTRY, **data: Any
) -> ReceivedEvent:
    """Open a unit."""
    return received("UnitOpened", {**opening(unit_id, parent_id), "occurred_on": str(day), **data})


def renamed(unit_id: str, day: date | str, name: str, **data: Any) -> ReceivedEvent:
    """Give a unit another name."""
    return received(
        "UnitRenamed", {"unit_id": unit_id, "name": name, "occurred_on": str(day), **data}
    )


def moved(unit_id: str, day: date | str, parent_id: str) -> ReceivedEvent:
    """Put a unit under another parent."""
    return received(
        "UnitMoved", {"unit_id": unit_id, "parent_id": parent_id, "occurred_on": str(day)}
    )


def closed(unit_id: str, day: date | str) -> ReceivedEvent:
    """End a unit without a successor: `day` is the first without it."""
    return received(
        "UnitClosed", {"unit_id": unit_id, "reason": "giải thể", "occurred_on": str(day)}
    )


def reorganized(
    reorganization_id: str,
    day: date | str,
    targets: Mapping[str, Iterable[str]],
    *,
    opens: Sequence[Mapping[str, Any]] = (),
    **data: Any,
) -> ReceivedEvent:
    """Merge or divide units: `targets` says from which sources each target comes."""
    drawn = {target: list(dict.fromkeys(sources)) for target, sources in targets.items()}
    stated = {
        "reorganization_id": reorganization_id,
        "sources": list(dict.fromkeys(s for sources in drawn.values() for s in sources)),
        "targets": [
            {"unit_id": target, "from": [{"unit_id": s, "share": "part"} for s in sources]}
            for target, sources in drawn.items()
        ],
        "opens": [dict(each) for each in opens],
        "occurred_on": str(day),
    }
    return received("UnitsReorganized", {**stated, **data})


def merged(day: date | str, sources: Sequence[str], into: str) -> ReceivedEvent:
    """Merge units into a new one, which stands in the country."""
    return reorganized(f"m-{into}", day, {into: sources}, opens=[opening(into, COUNTRY)])


def divided(day: date | str, source: str, *into: str) -> ReceivedEvent:
    """Divide a unit into new ones, which stand in the country, or into itself and new ones."""
    opens = [opening(each, COUNTRY) for each in into if each != source]
    targets = {each: [source] for each in into}
    return reorganized(f"d-{source}-{day}", day, targets, opens=opens)


def retracted(event: ReceivedEvent) -> ReceivedEvent:
    """Take an event back."""
    data = {"retracts": event.key._asdict(), "reason": "nhập nhầm"}
    return received("EventRetracted", data, subject=event.subject)


def recorded(events: Iterable[ReceivedEvent], *, first: int = 1) -> list[RecordedEvent]:
    """Return the events as a log holds them, from a position on."""
    return [
        RecordedEvent(
            position=position,
            key=event.key,
            type=event.type,
            subject=event.subject,
            recorded_us=event.time_us,
            digest=event.digest,
            chain=NO_CHAIN,
            body=event.body,
        )
        for position, event in enumerate(events, start=first)
    ]


def territory_of(*events: ReceivedEvent) -> Territory:
    """Return the map that these events make, in the order of the log."""
    territory = Territory()
    territory.fold(recorded(events))
    return territory
