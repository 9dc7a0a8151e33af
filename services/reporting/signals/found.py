"""The answer of a signal: its level, its number, the number by unit, and the rows behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from services.reporting.queries.filters import Item


class SignalCode(StrEnum):
    """The signals, in the order of a year's work."""

    PLAN_MISSING = "plan_missing"
    UNIT_SILENT = "unit_silent"
    TASK_UNLINKED = "task_unlinked"
    FIELD_CONCENTRATED = "field_concentrated"
    PROMISE_THIN = "promise_thin"
    NEAR_DUPLICATE = "near_duplicate"
    RECOGNIZED_RATE = "recognized_rate"
    RECOGNIZED_UNINSPECTED = "recognized_uninspected"
    DECISION_WITHOUT_NUMBER = "decision_without_number"
    NOT_SUSTAINED = "not_sustained"
    EXEMPLARY_UNREPLICATED = "exemplary_unreplicated"
    PROPOSAL_OVERDUE = "proposal_overdue"
    SUM_DIFFERS = "sum_differs"


class SignalLevel(StrEnum):
    """The level of a signal; none of them says that something is wrong."""

    LOOK = "look"
    CLEAR = "clear"
    EARLY = "early"
    """The deadline has not passed on the day of knowledge."""
    FEW = "few"
    """Too few cases for a rate to be judged."""
    LATER = "later"
    """The scope is large, so it is computed when its own list is opened."""


def _same(keys: Sequence[Any]) -> list[Any]:
    return list(keys)


@dataclass(frozen=True)
class SignalRows:
    """The rows of a signal, read a part at a time: `keys` are in order, `read` makes items."""

    keys: Sequence[Any] = ()
    read: Callable[[Sequence[Any]], list[Item]] = _same

    def part(self, start: int, limit: int) -> list[Item]:
        """Return some rows from an offset on."""
        return self.read(self.keys[start : start + limit])


@dataclass(frozen=True)
class Found:
    """The answer of a signal; `number` is None where it was not computed.

    `by_unit` has the number of each unit directly below the scope; the scope itself has
    what was recorded at it, None for what is not allocated below it.
    """

    level: SignalLevel
    number: int | None = 0
    by_unit: Mapping[str | None, int] = field(default_factory=dict)
    rows: SignalRows = field(default_factory=SignalRows)

    @classmethod
    def of(cls, items: Sequence[Item], below: Iterable[str | None], *, few: bool = False) -> Self:
        """Return the answer of complete rows; `below` is the unit of each, below the scope."""
        if not items:
            return cls(SignalLevel.FEW if few else SignalLevel.CLEAR)
        return cls(SignalLevel.LOOK, len(items), Counter(below), SignalRows(items))

    @classmethod
    def early(cls) -> Self:
        """Return the answer before the deadline."""
        return cls(SignalLevel.EARLY)
