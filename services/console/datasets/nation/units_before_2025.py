"""The map of 30 June 2025: the country, 63 provinces, their districts and communes."""

from collections.abc import Iterator

from services.console.datasets.nation.event_writer import Event, event
from services.console.datasets.nation.lineage import COUNTRY, Unit, lineage

_STATE_OF = "2025-06-30"
_OPENED_ON = "2004-01-01"
_WRITTEN_AT = "2023-01-02T08:00:00+07:00"
"""The time of the first of these events to be published; it must never change."""


def country_event() -> Event:
    """Return the opening of the country; a synthetic history begins with the same event."""
    return _opened(COUNTRY, "Việt Nam", ("country", "quốc gia"), None, None)


def openings() -> Iterator[Event]:
    """Open the country and every unit from before 1 July 2025, parents first."""
    yield country_event()
    for unit in lineage().before:
        yield opening(unit)


def opening(unit: Unit) -> Event:
    """Return the opening of a unit from before 1 July 2025."""
    kind = (unit.level, unit.kind)
    return _opened(unit.unit_id, unit.name, kind, unit.parent_id, unit.code)


def _opened(
    unit_id: str, name: str, kind: tuple[str, str], parent_id: str | None, code: str | None
) -> Event:
    opened = event(
        "UnitOpened",
        f"unit-{unit_id}",
        f"unit/{unit_id}",
        {
            "occurred_on": _OPENED_ON,
            "origin": {"kind": "legacy", "ref": f"địa giới ngày {_STATE_OF}"},
            "note": f"Theo địa giới ngày {_STATE_OF}; ngày mở là quy ước. "
            f"As the map stood on {_STATE_OF}; the day of opening is a convention.",
            "unit_id": unit_id,
            "name": name,
            "level": kind[0],
            "kind": kind[1],
            "codes": [{"scheme": "gso", "code": code}] if code else [],
        },
        time=_WRITTEN_AT,
    )
    opened["data"]["parent_id"] = parent_id
    return opened
