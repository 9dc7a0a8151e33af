"""The map as history: folds unit events and answers exists, lies, parent and path for any day.

A late event or a retraction changes the past, so nothing is resolved before it is asked.
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
