"""The history of administrative units: folds unit events and answers queries for any day.

A late event or a retraction changes the past, so queries are resolved on demand.
"""

from shared.territory.day_map import DayMap, Place, UnitState
from shared.territory.effects import ended_by, opened_by
from shared.territory.territory import Territory
from shared.territory.unit_history import BorneName, UnitCodeOf

__all__ = [
    "BorneName",
    "DayMap",
    "Place",
    "Territory",
    "UnitCodeOf",
    "UnitState",
    "ended_by",
    "opened_by",
]
