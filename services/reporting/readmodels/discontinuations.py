"""Models that are no longer carried on: counted in their year, where their registration stands.

A discontinued model counts under the dimensions of the model's registration with the largest
plan_year not after it (of several in that year one that is not withdrawn, then the latest
recorded), and follows that registration when it is amended. Where every registration is of a later
year, the earliest of those is taken, so that no model is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    select,
)

from shared.readmodel.contents import Content
from shared.readmodel.facts import RETRACTED, Fact, retracted_key
from shared.readmodel.store import BYTEWISE, POSITION, among_bound, listed
from shared.readmodel.writing import insert, update

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sqlalchemy import Connection, Select

    from services.reporting.readmodels.registration_state import Registration
    from services.reporting.tally.tables import Standing

DISCONTINUED = "ModelDiscontinued"
_SUBJECT = "model/"


class _Statement(NamedTuple):
    """One event that discontinued a model in a year."""

    position: int
    thing: int
    model_id: str
    plan_year: int
    programme: str | None
    source: str
    event_id: str
    retracted_position: int | None


class Discontinuations:
    """The statements of one batch's models, and where each counts."""

    def __init__(self, metadata: MetaData, prefix: str) -> None:
        self.table = Table(
            f"{prefix}discontinuations",
            metadata,
            Column("position", POSITION, primary_key=True, autoincrement=False),
            Column("thing", Integer, nullable=False),
            Column("model_id", BYTEWISE, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("programme", Text),
            Column("source", Text, nullable=False),
            Column("event_id", Text, nullable=False),
            Column("retracted_position", BigInteger),
        )
        Index(f"{prefix}discontinuations_model", self.table.c.model_id)
        self._query: Select[Any] | None = None
        self._clear()

    def content(self) -> Content:
        """Return what two fills are compared by."""
        return Content(
            "discontinuations",
            self.table,
            "model_id",
            said=_SUBJECT,
            began="position",
            ended="retracted_position",
            left_out=frozenset({"thing"}),
        )

    def _clear(self) -> None:
        self._statements: dict[str, list[_Statement]] = {}
        self._registrations: dict[str, list[Registration]] = {}
        self._standing: dict[tuple[str, int], Standing | None] = {}
        self._dirty: set[str] = set()
        self._new: dict[int, None] = {}
        self._retracted: list[tuple[int, int]] = []

    def open(
        self, connection: Connection, facts: Iterable[Fact], models: Collection[str]
    ) -> set[str]:
        """Load the statements about models; return those models that are or will be discontinued.

        All registrations of these must be loaded and met.
        """
        self._clear()
        if models:
            for row in connection.execute(
                self._stated(connection), {"models": listed(connection, models)}
            ):
                statement = _Statement(*row)
                self._statements.setdefault(statement.model_id, []).append(statement)
        for fact in facts:
            if fact.name == DISCONTINUED:
                self._statements.setdefault(fact.data["model_id"], [])
        return set(self._statements)

    def _stated(self, connection: Connection) -> Select[Any]:
        """Return the question of `open`, made once: nearly every run asks it."""
        if self._query is None:
            table = self.table.c
            theirs = among_bound(connection, table.model_id, "models")
            self._query = select(self.table).where(theirs).order_by(table.position)
        return self._query

    def meet(self, registration: Registration) -> None:
        """Take note of a registration of a model that is discontinued; all others are ignored."""
        if registration.model_id in self._statements:
            self._registrations.setdefault(registration.model_id, []).append(registration)

    def settle(self, place: Callable[[Registration, str | None, int], Standing]) -> None:
        """Compute where everything stands before the batch."""
        self._place = place
        for model_id, year in list(self._years(self._statements)):
            self._standing[model_id, year] = self._counts(model_id, year)

    def moved(self, registration: Registration) -> None:
        """Take note that a registration stands otherwise now."""
        if registration.model_id in self._statements:
            self._dirty.add(registration.model_id)

    def take(self, fact: Fact, new_thing: Callable[[str, int, int], int]) -> None:
        """Take in a discontinuation, or the retraction of one."""
        if fact.name == DISCONTINUED:
            self._discontinue(fact, new_thing)
        elif fact.name == RETRACTED and fact.subject.startswith(_SUBJECT):
            self._retract(fact)

    @property
    def stirred(self) -> bool:
        """Say whether the last event may have changed how something counts."""
        return bool(self._dirty)

    def changes(self) -> Iterator[tuple[int, Standing | None, Standing | None]]:
        """Return (thing, before, after) of what the last event changed."""
        for model_id, year in list(self._years(self._dirty)):
            old = self._standing.get((model_id, year))
            new = self._counts(model_id, year)
            if old != new:
                self._standing[model_id, year] = new
                yield self._thing(model_id, year), old, new
        self._dirty.clear()

    def flush(self, connection: Connection) -> None:
        """Write the new statements, and those that were retracted."""
        everything = (s for statements in self._statements.values() for s in statements)
        insert(connection, self.table, [tuple(s) for s in everything if s.position in self._new])
        columns = self.table.c
        update(
            connection,
            self.table,
            setting=[columns.retracted_position],
            where=[columns.position],
            rows=[row for row in self._retracted if row[1] not in self._new],
        )
        self._clear()

    def _discontinue(self, fact: Fact, new_thing: Callable[[str, int, int], int]) -> None:
        data = fact.data
        model_id, year = data["model_id"], data["plan_year"]
        statements = self._statements[model_id]
        known = [s.thing for s in statements if s.plan_year == year]
        thing = known[0] if known else new_thing(model_id, year, fact.position)
        source, event_id = fact.key
        statements.append(
            _Statement(
                fact.position, thing, model_id, year, data.get("programme"), source, event_id, None
            )
        )
        self._new[fact.position] = None
        self._dirty.add(model_id)

    def _retract(self, fact: Fact) -> None:
        model_id = fact.subject.removeprefix(_SUBJECT)
        key = retracted_key(fact)
        statements = self._statements.get(model_id, [])
        for place, statement in enumerate(statements):
            if (statement.source, statement.event_id) == key:
                statements[place] = statement._replace(retracted_position=fact.position)
                self._retracted.append((fact.position, statement.position))
                self._dirty.add(model_id)

    def _years(self, models: Iterable[str]) -> Iterator[tuple[str, int]]:
        for model_id in models:
            for year in sorted({s.plan_year for s in self._statements[model_id]}):
                yield model_id, year

    def _thing(self, model_id: str, year: int) -> int:
        return next(s.thing for s in self._statements[model_id] if s.plan_year == year)

    def _counts(self, model_id: str, year: int) -> Standing | None:
        standing = [
            s
            for s in self._statements[model_id]
            if s.plan_year == year and s.retracted_position is None
        ]
        registrations = self._registrations.get(model_id)
        if not standing or not registrations:
            return None
        return self._place(_nearest(registrations, year), standing[-1].programme, year)


def _nearest(registrations: Iterable[Registration], year: int) -> Registration:
    def preference(registration: Registration) -> tuple[bool, int, bool, int]:
        until = registration.plan_year <= year
        distance = registration.plan_year if until else -registration.plan_year
        return until, distance, not registration.withdrawn, registration.recorded

    return max(registrations, key=preference)
