"""The map of the whole country as it ships: its events past the door, and its files read plainly."""

import csv
from functools import cache
from pathlib import Path

import orjson

import services.console.datasets.nation
from services.console.datasets.nation import nation_events
from shared.clock import system_clock
from shared.events.acceptance.receive import receive
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family

FILES = Path(services.console.datasets.nation.__file__).with_name("data")
REORGANIZED = "2025-07-01"

# As published: the National Assembly's Resolution 202/2025/QH15 counts 63 provinces that became 34,
# the government 696 districts and 10,035 communes that became 3,321.
PROVINCES, DISTRICTS, COMMUNES = 63, 696, 10_035
LATER_PROVINCES, LATER_COMMUNES = 34, 3_321


def national_events() -> list[ReceivedEvent]:
    """Return every unit event, in the order of the log, as the registry's door lets it in."""
    return list(_received())


@cache
def _received() -> tuple[ReceivedEvent, ...]:
    now_us = system_clock()
    return tuple(
        receive(orjson.dumps(event), now_us=now_us, family=Family.REGISTRY)
        for event in nation_events()
    )


@cache
def province_rows() -> tuple[dict[str, str], ...]:
    """Return the rows of the provinces' file."""
    return _rows("provinces-2025-07-01.csv")


@cache
def commune_rows() -> tuple[dict[str, str], ...]:
    """Return the rows of the communes' file."""
    return _rows("communes-2025-07-01.csv")


def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (FILES / name).open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
