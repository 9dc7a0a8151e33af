"""Statements about whole models, discontinued or replicated, counted with a registration.

A model that is discontinued or replicated in a year counts once in that year, under the dimensions
of the model's registration with the largest plan_year not after it (of several in that year one
that is not withdrawn, then the latest recorded), and follows that registration when it is amended.
Where every registration is of a later year, the earliest of those is taken, so that no model is
lost.

A replication need not state a plan year. Its year is then that of the registration, of those
recorded before it, with the largest plan_year not after the year in which it occurred; it stays so.
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

from services.reporting.readmodels.parts.latest_statement import write_retractions
from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE, POSITION, among_bound, listed
from shared.readmodel.comparable_rows import ComparableRows
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent, retracted_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from sqlalchemy import Connection, Select

    from services.reporting.figures.delta_tables import Contribution
    from services.reporting.readmodels.registrations.state import RegistrationRow

DISCONTINUED = "ModelDiscontinued"
REPLICATED = "ModelReplicated"
STATED = frozenset({DISCONTINUED, REPLICATED})
"""The events that are statements about a whole model."""

_SUBJECT = "model/"


class StatedModel(NamedTuple):
    """The counted entity: a model with one kind of statement in a year."""

    model_id: str
    said: str
    plan_year: int


class _Statement(NamedTuple):
    """One event that is a statement (`said` is its name) about a model in a year."""

    position: int
    thing: int
    model_id: str
    said: str
    plan_year: int
    programme: str | None
    occurred_on: str
    target_model_id: str | None
    target_unit_id: str | None
    how: str | None
    source: str
    event_id: str
    retracted_position: int | None

    @property
    def of(self) -> StatedModel:
        """Return the entity as which it counts."""
        return StatedModel(self.model_id, self.said, self.plan_year)


class ModelStatements:
    """The statements of one batch's models, and their contributions."""

    def __init__(self, metadata: MetaData, prefix: str) -> None:
        self.table = Table(
            f"{prefix}model_statements",
            metadata,
            Column("position", POSITION, primary_key=True, autoincrement=False),
            Column("thing", Integer, nullable=False),
            Column("model_id", BYTEWISE, nullable=False),
            Column("said", Text, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("programme", Text),
            Column("occurred_on", Text, nullable=False),
            Column("target_model_id", BYTEWISE),
            Column("target_unit_id", BYTEWISE),
            Column("how", Text),
            Column("source", Text, nullable=False),
            Column("event_id", Text, nullable=False),
            Column("retracted_position", BigInteger),
        )
        Index(f"{prefix}model_statements_model", self.table.c.model_id)
        Index(f"{prefix}model_statements_thing", self.table.c.thing)
        self._query: Select[Any] | None = None
        self._clear()

    def content(self) -> ComparableRows:
        """Return the contents by which two generations are compared."""
        return ComparableRows(
            "model_statements",
            self.table,
            "model_id",
            said=_SUBJECT,
            began="position",
            ended="retracted_position",
            left_out=frozenset({"thing"}),
        )

    def _clear(self) -> None:
        self._statements: dict[str, list[_Statement]] = {}
        self._registrations: dict[str, list[RegistrationRow]] = {}
        self._contributions: dict[StatedModel, Contribution | None] = {}
        self._dirty: set[str] = set()
        self._new: dict[int, None] = {}
        self._retracted: list[tuple[int, int]] = []

    def open(
        self, connection: Connection, facts: Iterable[DecodedEvent], models: Collection[str]
    ) -> set[str]:
        """Load the statements about models; return the models that have any, or get one here.

        All registrations of these must be loaded and added.
        """
        self._clear()
        if models:
            for row in connection.execute(
                self._stated(connection), {"models": listed(connection, models)}
            ):
                statement = _Statement(*row)
                self._statements.setdefault(statement.model_id, []).append(statement)
        for fact in facts:
            if fact.name in STATED:
                self._statements.setdefault(fact.subject.removeprefix(_SUBJECT), [])
        return set(self._statements)

    def _stated(self, connection: Connection) -> Select[Any]:
        """Return the query of `open`, built once: nearly every run uses it."""
        if self._query is None:
            table = self.table.c
            theirs = among_bound(connection, table.model_id, "models")
            self._query = select(self.table).where(theirs).order_by(table.position)
        return self._query

    def add_registration(self, registration: RegistrationRow) -> None:
        """Add a registration of a model with statements; ignore all others."""
        if registration.model_id in self._statements:
            self._registrations.setdefault(registration.model_id, []).append(registration)

    def settle(
        self, place: Callable[[RegistrationRow, str | None, StatedModel], Contribution]
    ) -> None:
        """Compute all contributions before the batch."""
        self._place = place
        for stated in self._stated_of(self._statements):
            self._contributions[stated] = self._counts(stated)

    def moved(self, registration: RegistrationRow) -> None:
        """Record that a registration has changed."""
        if registration.model_id in self._statements:
            self._dirty.add(registration.model_id)

    def take(self, fact: DecodedEvent, new_entity: Callable[[StatedModel, int], int]) -> None:
        """Fold a statement, or the retraction of one."""
        if fact.name in STATED:
            self._state(fact, new_entity)
        elif fact.name == RETRACTED and fact.subject.startswith(_SUBJECT):
            self._retract(fact)

    @property
    def has_changes(self) -> bool:
        """Say whether the last event may have changed a contribution."""
        return bool(self._dirty)

    def changes(self) -> Iterator[tuple[int, Contribution | None, Contribution | None]]:
        """Return (thing, before, after) for each contribution that the last event changed."""
        for stated in self._stated_of(self._dirty):
            old, new = self._contributions.get(stated), self._counts(stated)
            if old != new:
                self._contributions[stated] = new
                yield self._entity(stated), old, new
        self._dirty.clear()

    def flush(self, connection: Connection) -> None:
        """Write the new statements, and the new retractions."""
        everything = (s for statements in self._statements.values() for s in statements)
        insert(connection, self.table, [tuple(s) for s in everything if s.position in self._new])
        stored = [row for row in self._retracted if row[1] not in self._new]
        write_retractions(connection, self.table, stored)
        self._clear()

    def _state(self, fact: DecodedEvent, new_entity: Callable[[StatedModel, int], int]) -> None:
        data, model_id = fact.data, fact.subject.removeprefix(_SUBJECT)
        stated = StatedModel(model_id, fact.name, self._year_of(model_id, data))
        statements = self._statements[model_id]
        known = [s.thing for s in statements if s.of == stated]
        source, event_id = fact.key
        statements.append(
            _Statement(
                position=fact.position,
                thing=known[0] if known else new_entity(stated, fact.position),
                **stated._asdict(),
                programme=data.get("programme"),
                occurred_on=data["occurred_on"],
                target_model_id=data.get("target_model_id"),
                target_unit_id=data.get("target_unit_id"),
                how=_as_text(data.get("how")),
                source=source,
                event_id=event_id,
                retracted_position=None,
            )
        )
        self._new[fact.position] = None
        self._dirty.add(model_id)

    def _year_of(self, model_id: str, data: Mapping[str, Any]) -> int:
        """Return the stated plan year, else that of the registration concerned."""
        if data.get("plan_year") is not None:
            return int(data["plan_year"])
        occurred = int(data["occurred_on"][:4])
        registrations = self._registrations.get(model_id)
        return _nearest(registrations, occurred).plan_year if registrations else occurred

    def _retract(self, fact: DecodedEvent) -> None:
        model_id = fact.subject.removeprefix(_SUBJECT)
        key = retracted_key(fact)
        statements = self._statements.get(model_id, [])
        for place, statement in enumerate(statements):
            if (statement.source, statement.event_id) == key:
                statements[place] = statement._replace(retracted_position=fact.position)
                self._retracted.append((fact.position, statement.position))
                self._dirty.add(model_id)

    def _stated_of(self, models: Iterable[str]) -> list[StatedModel]:
        """Return the entities of all statements about models, each once."""
        return list(dict.fromkeys(s.of for model_id in models for s in self._statements[model_id]))

    def _entity(self, stated: StatedModel) -> int:
        return next(s.thing for s in self._statements[stated.model_id] if s.of == stated)

    def _counts(self, stated: StatedModel) -> Contribution | None:
        in_force = [
            s
            for s in self._statements[stated.model_id]
            if s.of == stated and s.retracted_position is None
        ]
        registrations = self._registrations.get(stated.model_id)
        if not in_force or not registrations:
            return None
        like = _nearest(registrations, stated.plan_year)
        return self._place(like, in_force[-1].programme, stated)


def _as_text(texts: str | list[str] | None) -> str | None:
    return "\n".join(texts) if isinstance(texts, list) else texts


def _nearest(registrations: Iterable[RegistrationRow], year: int) -> RegistrationRow:
    def preference(registration: RegistrationRow) -> tuple[bool, int, bool, int]:
        until = registration.plan_year <= year
        distance = registration.plan_year if until else -registration.plan_year
        return until, distance, not registration.withdrawn, registration.recorded

    return max(registrations, key=preference)
