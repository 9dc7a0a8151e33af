"""The history of one administrative unit: statements by the day from which they are valid."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from shared.vocabulary import AdministrativeLevel

ONE_DAY = timedelta(days=1)


class UnitCodeOf(NamedTuple):
    """The code of a unit in a named scheme."""

    scheme: str
    code: str


class NameChange(NamedTuple):
    """The name, kind and codes of a unit from a day on; None leaves a field unchanged."""

    day: date
    position: int
    name: str
    kind: str | None
    codes: tuple[UnitCodeOf, ...] | None


class ParentStated(NamedTuple):
    """The parent of a unit from a day on."""

    day: date
    position: int
    parent_id: str | None


class PartGiven(NamedTuple):
    """A part that the unit gave to another while it continued."""

    day: date
    position: int


class Ending(NamedTuple):
    """The first day without the unit; `targets` is empty when it was closed."""

    day: date
    position: int
    targets: tuple[str, ...]


class BorneName(NamedTuple):
    """A name and the days of its use; `valid_to` is exclusive, None while it is in use."""

    name: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """One unit; immutable. Statements are in the order of their days, then of the log.

    `sources` are those of the reorganisation that opened it. The first of `namings` and of
    `parents` is its opening.
    """

    unit_id: str
    level: AdministrativeLevel
    opened: date
    opened_at: int
    sources: tuple[str, ...]
    namings: tuple[NameChange, ...]
    parents: tuple[ParentStated, ...]
    ending: Ending | None = None
    parts_given: tuple[PartGiven, ...] = ()

    def has_ended(self, day: date) -> bool:
        """Return whether the unit has ended by that day."""
        ending = self.ending
        return ending is not None and ending.day <= day

    def exists(self, day: date) -> bool:
        """Return whether the unit exists: from its opening to the day before it ends."""
        ending = self.ending
        return self.opened <= day and (ending is None or day < ending.day)

    def had_given_a_part(self, day: date) -> bool:
        """Return whether by that day the unit had given a part away and continued."""
        return bool(self.parts_given) and self.parts_given[0].day <= day

    def was_closed_after(self, day: date) -> bool:
        """Return whether the unit ends without a successor after that day."""
        ending = self.ending
        return ending is not None and not ending.targets and ending.day > day

    @property
    def last_day(self) -> date | None:
        """Return its last day, None while no end is known."""
        return self.ending.day - ONE_DAY if self.ending else None

    @property
    def successor(self) -> str | None:
        """Return the only target of the reorganisation that ended it, else None."""
        ending = self.ending
        return ending.targets[0] if ending is not None and len(ending.targets) == 1 else None

    @property
    def parent_at_opening(self) -> str | None:
        """Return the parent stated at its opening."""
        return self.parents[0].parent_id

    def stated_parent(self, day: date) -> str | None:
        """Return the latest parent stated by that day, None before the opening."""
        for stated in reversed(self.parents):
            if stated.day <= day:
                return stated.parent_id
        return None

    def naming(self, day: date) -> NameChange:
        """Return name, kind and codes on a day not before the opening."""
        current, *later = self.namings
        for naming in later:
            if naming.day > day:
                break
            current = naming._replace(
                kind=current.kind if naming.kind is None else naming.kind,
                codes=current.codes if naming.codes is None else naming.codes,
            )
        return current

    def names(self) -> tuple[BorneName, ...]:
        """Return every name used for a day or longer, the oldest first."""
        end = self.ending.day if self.ending else None
        until = [*(naming.day for naming in self.namings[1:]), end]
        borne: list[BorneName] = []
        for naming, until_day in zip(self.namings, until, strict=True):
            # A rename on or after the last day names an ended unit.
            last = until_day if end is None or until_day is None else min(until_day, end)
            if last is not None and last <= naming.day:
                continue
            if borne and borne[-1].name == naming.name:
                borne[-1] = borne[-1]._replace(valid_to=last)
            else:
                borne.append(BorneName(naming.name, naming.day, last))
        return tuple(borne)

    def without(self, position: int) -> "UnitHistory | None":
        """Return the history without the event at a position; None if that opened the unit."""
        if self.opened_at == position:
            return None
        return replace(
            self,
            namings=tuple(each for each in self.namings if each.position != position),
            parents=tuple(each for each in self.parents if each.position != position),
            parts_given=tuple(each for each in self.parts_given if each.position != position),
            ending=None if self.ending and self.ending.position == position else self.ending,
        )
