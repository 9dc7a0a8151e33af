"""Outcomes of registrations and of units: flows are summed, of stocks the latest counts.

An outcome of a registration lies where the registration does, as amended, and does not count while
it is withdrawn; so the fold keeps of every registration what that takes. A batch is loaded in a few
queries, folded, and written in bulk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.readmodels.outcomes.state import (
    REPORTED,
    STOCK,
    SUBJECT,
    Home,
    KnownOutcome,
    Reported,
    changes_home,
    reported,
)
from services.reporting.readmodels.outcomes.tables import OutcomeTables
from services.reporting.readmodels.parts.latest_statement import write_statements
from services.reporting.readmodels.parts.programmes import REGISTERED
from services.reporting.readmodels.parts.version_rows import VersionWriter
from shared.database.bulk_write import insert, update
from shared.database.columns import among
from shared.readmodel.decoded_events import RETRACTED, retracted_key
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Column, ColumnElement, Connection

    from shared.readmodel.decoded_events import DecodedEvent

    _Stock = tuple[str, str, int | None]


def _stock(statement: Reported) -> _Stock:
    """Return of what its reporter has one stock; a registration stands in one year only."""
    of_unit = statement.registration_id is None
    return statement.reporter, statement.metric, statement.plan_year if of_unit else None


class OutcomeFold:
    """One batch: loads what it touches, folds it, writes it."""

    def __init__(self, model: OutcomeTables, connection: Connection) -> None:
        self._model = model
        self._connection = connection
        self._tally = model.writer
        self._versions = VersionWriter(model.versions)
        self._statements: dict[int, list[Reported]] = {}
        self._things: dict[str, int] = {}
        self._of_registration: dict[str, set[int]] = {}
        self._stocks: dict[_Stock, set[int]] = {}
        self._stored: set[int] = set()
        self._registrations: dict[str, Home] = {}
        self._known: dict[int, tuple[int, KnownOutcome]] = {}
        self._standing: dict[int, Contribution | None] = {}
        self._born: set[str] = set()
        self._moved: set[str] = set()

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Take in a run of facts."""
        self._tally.open(self._connection)
        self._born = {f.data["registration_id"] for f in facts if f.name == REGISTERED}
        self._load(facts)
        for fact in facts:
            self._take(fact)
        self._flush()

    def _load(self, facts: Sequence[DecodedEvent]) -> None:
        touched = {f.subject for f in facts if f.subject.startswith(SUBJECT)}
        changed = {f.data["registration_id"] for f in facts if changes_home(f)}
        self._add(self._select(self._model.statements.c.subject, touched))
        self._load_stocks(facts)
        self._load_things({f"registration/{each}" for each in changed})
        everything = [s for statements in self._statements.values() for s in statements]
        named = {s.registration_id for s in everything if s.registration_id}
        reports = (fact.data for fact in facts if fact.name == REPORTED)
        named |= {data["registration_id"] for data in reports if data.get("registration_id")}
        self._load_registrations((named | changed) - self._born)
        self._load_known()
        for thing in self._statements:
            self._standing[thing] = self._counts(thing)[1]

    def _load_stocks(self, facts: Iterable[DecodedEvent]) -> None:
        """Load what may be a rival of a stock; whoever reports flows may have reported millions."""
        reports = [reported(fact, 0) for fact in facts if fact.name == REPORTED]
        before = (s for statements in self._statements.values() for s in statements)
        stocks = [s for s in (*reports, *before) if s.nature == STOCK]
        if stocks:
            table = self._model.statements.c
            years = among(self._connection, table.plan_year, {s.plan_year or 0 for s in stocks})
            self._load_things(
                {s.reporter for s in stocks},
                table.nature == STOCK,
                among(self._connection, table.metric, {s.metric for s in stocks}),
                or_(table.registration_id.is_not(None), years),
            )

    def _load_things(self, reporters: Collection[str], *conditions: ColumnElement[bool]) -> None:
        """Load every statement about the outcomes of which these reporters have said such a one."""
        if reporters:
            table = self._model.statements.c
            theirs = among(self._connection, table.reporter, reporters)
            found = self._connection.scalars(select(table.thing).where(theirs, *conditions))
            self._add(self._select(table.thing, set(found) - set(self._statements)))

    def _add(self, statements: Iterable[Reported]) -> None:
        for statement in statements:
            self._note(statement)
            self._stored.add(statement.position)

    def _note(self, statement: Reported) -> None:
        thing = statement.thing
        self._statements.setdefault(thing, []).append(statement)
        self._things[statement.subject] = thing
        if statement.registration_id is not None:
            self._of_registration.setdefault(statement.registration_id, set()).add(thing)
        if statement.nature == STOCK:
            self._stocks.setdefault(_stock(statement), set()).add(thing)

    def _select(self, column: Column[Any], values: Collection[Any]) -> list[Reported]:
        if not values:
            return []
        table = self._model.statements
        query = select(table).where(among(self._connection, column, values))
        return [
            Reported(*row) for row in self._connection.execute(query.order_by(table.c.position))
        ]

    def _load_registrations(self, registration_ids: Collection[str]) -> None:
        if registration_ids:
            table = self._model.registrations
            query = select(table).where(
                among(self._connection, table.c.registration_id, registration_ids)
            )
            for row in self._connection.execute(query):
                self._registrations[row.registration_id] = Home(*row)

    def _load_known(self) -> None:
        if self._statements:
            table = self._model.versions
            query = select(table).where(
                among(self._connection, table.c.thing, self._statements),
                table.c.to_position.is_(None),
            )
            for thing, begun, _, *known in self._connection.execute(query):
                self._known[thing] = (begun, KnownOutcome(*known))

    def _take(self, fact: DecodedEvent) -> None:
        match fact.name:
            case "OutcomeReported":
                self._report(fact)
            case "EventRetracted":
                self._retract(fact)
            case "ModelRegistered":
                self._register(fact)
            case "ModelAmended":
                changes = fact.data["changes"]
                moved = {k: changes[k] for k in ("unit_id", "occurred_on") if k in changes}
                if moved:
                    self._change(fact, **moved)
            case _:
                self._change(fact, withdrawn=True)

    def _register(self, fact: DecodedEvent) -> None:
        data = fact.data
        registration_id = data["registration_id"]
        self._registrations[registration_id] = Home(
            registration_id,
            data.get("programme") or DEFAULT_PROGRAMME,
            data["plan_year"],
            data["unit_id"],
            data["occurred_on"],
            withdrawn=False,
        )

    def _change(self, fact: DecodedEvent, **changed: Any) -> None:  # noqa: ANN401  fields
        registration_id = fact.data["registration_id"]
        registration = self._registrations[registration_id]
        self._registrations[registration_id] = registration._replace(**changed)
        if registration_id not in self._born:
            self._moved.add(registration_id)
        said = self._of_registration.get(registration_id, ())
        theirs = [thing for thing in said if self._reports(registration_id, thing)]
        self._settle(fact.position, theirs)

    def _report(self, fact: DecodedEvent) -> None:
        thing = self._things.get(fact.subject)
        if thing is None:
            thing = self._model.numbers.new(self._connection)
        before = self._rivals(thing)
        self._note(reported(fact, thing))
        self._settle(fact.position, {thing} | before | self._rivals(thing))

    def _retract(self, fact: DecodedEvent) -> None:
        thing = self._things.get(fact.subject)
        if thing is None:
            return
        key = retracted_key(fact)
        before = self._rivals(thing)
        self._statements[thing] = [
            s._replace(retracted_position=fact.position) if (s.source, s.event_id) == key else s
            for s in self._statements[thing]
        ]
        self._settle(fact.position, {thing} | before | self._rivals(thing))

    def _holds(self, thing: int) -> Reported | None:
        """Return the latest statement of an outcome that was not retracted."""
        statements = self._statements.get(thing, ())
        return next((s for s in reversed(statements) if s.retracted_position is None), None)

    def _reports(self, registration_id: str, thing: int) -> bool:
        """Say whether an outcome is a registration's now: another may have reported it since."""
        statement = self._holds(thing)
        return statement is not None and statement.registration_id == registration_id

    def _rivals(self, thing: int) -> set[int]:
        """Return the stocks of the same reporter, of which one only counts."""
        statement = self._holds(thing)
        if statement is None or statement.nature != STOCK:
            return set()
        stock, programme = _stock(statement), self._place(statement).programme
        found = set()
        for other in self._stocks[stock]:
            held = self._holds(other)
            if held is None or held.nature != STOCK or _stock(held) != stock:
                continue  # a later statement of it says something else
            if self._place(held).programme == programme:
                found.add(other)
        return found

    def _place(self, statement: Reported) -> Home:
        """Return where an outcome lies: where its registration does, or as it says itself."""
        if statement.registration_id is not None:
            return self._registrations[statement.registration_id]
        return Home(
            "",
            statement.programme or DEFAULT_PROGRAMME,
            statement.plan_year or 0,
            statement.unit_id or "",
            statement.occurred_on,
            withdrawn=False,
        )

    def _counts(self, thing: int) -> tuple[KnownOutcome | None, Contribution | None]:
        """Say what is known of an outcome, and how it counts."""
        statement = self._holds(thing)
        if statement is None:
            return None, None
        place = self._place(statement)
        counted = not place.withdrawn and self._is_latest(thing, statement)
        known = KnownOutcome(
            statement.position,
            place.plan_year,
            place.programme,
            place.unit_id,
            place.occurred_on,
            counted,
        )
        if not counted:
            return known, None
        words = (place.programme, statement.metric, statement.nature, statement.qualifier)
        return known, Contribution(
            place.plan_year,
            self._tally.units[place.unit_id],
            ordinal_of(place.occurred_on),
            self._tally.dims[words],
            0,
            statement.value,
        )

    def _is_latest(self, thing: int, statement: Reported) -> bool:
        if statement.nature != STOCK:
            return True
        order = (statement.interval_to, statement.position)
        rivals = (self._holds(other) for other in self._rivals(thing))
        return all((s.interval_to, s.position) <= order for s in rivals if s is not None)

    def _settle(self, position: int, things: Iterable[int]) -> None:
        for thing in sorted(things):
            known, standing = self._counts(thing)
            self._tally.note(position, thing, self._standing.get(thing), standing)
            self._standing[thing] = standing
            begun, before = self._known.get(thing, (None, None))
            if known == before:
                continue
            if known is None:
                self._versions.end(thing, position, begun)
                del self._known[thing]
            else:
                self._versions.put(thing, position, begun, tuple(known))
                self._known[thing] = (position, known)

    def _flush(self) -> None:
        connection, model = self._connection, self._model
        new = [self._registrations[each] for each in self._born if each in self._registrations]
        insert(connection, model.registrations, [tuple(each) for each in new])
        columns = model.registrations.c
        update(
            connection,
            model.registrations,
            setting=[columns.unit_id, columns.occurred_on, columns.withdrawn],
            where=[columns.registration_id],
            rows=[(*self._registrations[each][3:], each) for each in sorted(self._moved)],
        )
        statements = [s for thing in self._statements.values() for s in thing]
        write_statements(connection, model.statements, statements, self._stored)
        self._versions.flush(connection)
        self._tally.flush(connection)


class Outcomes(OutcomeTables):
    """The read model `outcomes`."""

    name = "outcomes"
    version = 1
    events = frozenset({REPORTED, REGISTERED, "ModelAmended", "RegistrationWithdrawn", RETRACTED})

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        OutcomeFold(self, connection).run(facts)
