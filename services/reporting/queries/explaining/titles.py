"""The titles of the entities behind a figure: the title of a registration, the form of an award.

Also those of the map: the name of a unit, the units of a reorganisation.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from services.reporting.readmodels.parts.version_rows import known_at
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from services.reporting.map_snapshots import MapSnapshots
    from services.reporting.readmodels.catalog import Catalog
    from services.reporting.readmodels.outcomes.readmodel import Outcomes
    from services.reporting.readmodels.parts.latest_statement import LatestStatements
    from shared.events.payloads.units import UnitsReorganized
    from shared.readmodel.store import Store

REGISTRATION = "registration/"
MODEL = "model/"
AWARD = "award/"
ORGANIZATION = "organization/"
UNIT = "unit/"
COMMENDATION = "commendation/"
INSPECTION = "inspection/"
OUTCOME = "outcome/"
_NAMED_UNITS = 3


class Concerned(NamedTuple):
    """The persons or bodies an entity concerns, its place, day and decision; None is unknown.

    `kind` is that of a recipient. An organisation that the ledger does not know has no name.
    """

    kind: str | None
    org_id: str | None
    org_name: str | None
    unit_id: str | None
    occurred_on: str
    decision_number: str | None = None
    decision_signed_on: str | None = None


class Titled(NamedTuple):
    """An entity's own title, the code of its form, and the model that it belongs to."""

    title: str | None
    form: str | None
    model_id: str | None
    concerned: Concerned | None = None


class Titles:
    """Reads titles as known at a position; entities without one are left out."""

    def __init__(self, store: Store, catalog: Catalog, maps: MapSnapshots) -> None:
        self._store = store
        self._catalog = catalog
        self._maps = maps

    def of(self, subjects: Collection[str], position: int) -> dict[str, Titled]:
        """Return the titles of subjects: registrations, models, awards, organisations, units."""
        units = [each.removeprefix(UNIT) for each in subjects if each.startswith(UNIT)]
        named = zip(units, self._names(units, position), strict=True) if units else ()
        found = {UNIT + each: Titled(name, None, None) for each, name in named if name}
        with self._store.reading() as connection:
            for prefix, read in (
                (REGISTRATION, self._registrations),
                (MODEL, self._registrations),
                (AWARD, self._awards),
                (COMMENDATION, self._commendations),
                (INSPECTION, self._inspections),
                (OUTCOME, self._outcomes),
                (ORGANIZATION, self._organizations),
            ):
                some = [each for each in subjects if each.startswith(prefix)]
                if some:
                    found.update(read(connection, some, position))
            found.update(self._with_organizations(connection, found, position))
        return found

    def reorganization(self, payload: UnitsReorganized, position: int) -> str:
        """Return the source and target units of a reorganisation, the first of them by name."""
        targets = [target.unit_id for target in payload.targets]
        return " → ".join(
            ", ".join(
                [*(name or "?" for name in self._names(units[:_NAMED_UNITS], position))]
                + ["…"] * (len(units) > _NAMED_UNITS)
            )
            for units in (payload.sources, targets)
        )

    def _names(self, units: Iterable[str], position: int) -> list[str | None]:
        """Return the present or last names of units."""
        snapshot = self._maps.at(position)
        with snapshot.lock:
            return [snapshot.titled(unit_id, date.max) for unit_id in units]

    def _with_organizations(
        self, connection: Connection, found: Mapping[str, Titled], position: int
    ) -> Iterator[tuple[str, Titled]]:
        """Yield the entities that concern an organisation, with its name."""
        concerning = {
            k: t.concerned for k, t in found.items() if t.concerned and t.concerned.org_id
        }
        orgs = {f"{ORGANIZATION}{concerned.org_id}" for concerned in concerning.values()}
        names = dict(self._organizations(connection, orgs, position)) if orgs else {}
        for subject, concerned in concerning.items():
            organization = names.get(f"{ORGANIZATION}{concerned.org_id}")
            if organization is not None:
                named = concerned._replace(org_name=organization.title)
                yield subject, found[subject]._replace(concerned=named)

    def _registrations(
        self, connection: Connection, subjects: Collection[str], position: int
    ) -> Iterator[tuple[str, Titled]]:
        """Yield registrations with their title, models with that of their latest registration."""
        model = self._catalog.registrations
        entity, title = model.things.c, model.titles.c
        of_models = next(iter(subjects)).startswith(MODEL)
        names = [each.partition("/")[2] for each in subjects] if of_models else list(subjects)
        latest = (
            select(title.thing, func.max(title.from_position).label("at"))
            .where(title.thing == entity.thing, title.from_position <= position)
            .where(among(connection, entity.model_id if of_models else entity.subject, names))
            .group_by(title.thing)
            .subquery()
        )
        query = (
            select(entity.subject, entity.model_id, title.title)
            .where(latest.c.thing == entity.thing)
            .where(title.thing == entity.thing, title.from_position == latest.c.at)
            .order_by(entity.plan_year, entity.thing)
        )
        for subject, model_id, text in connection.execute(query):
            yield (
                f"{MODEL}{model_id}" if of_models else subject,
                Titled(text, None, model_id),
            )

    def _awards(
        self, connection: Connection, subjects: Collection[str], position: int
    ) -> Iterator[tuple[str, Titled]]:
        awards = self._catalog.awards
        version = awards.versions.c
        query = (
            select(
                awards.things.c.subject,
                version.award_name,
                version.award_form,
                version.recipient_kind,
                version.recipient_org_id,
                version.recipient_unit_id,
                version.unit_id,
                version.occurred_on,
                version.decision_number,
                version.decision_signed_on,
            )
            .where(among(connection, awards.things.c.subject, subjects))
            .where(awards.things.c.thing == version.thing)
            .where(known_at(awards.versions, position))
        )
        for subject, name, form, kind, org_id, own_unit, unit_id, *decided in connection.execute(
            query
        ):
            concerned = Concerned(kind, org_id, None, own_unit or unit_id, *decided)
            yield subject, Titled(name, form, None, concerned)

    def _commendations(
        self, connection: Connection, subjects: Collection[str], position: int
    ) -> Iterator[tuple[str, Titled]]:
        names = ("occasion", "recipient_kind", "recipient_org_id", "recipient_unit_id")
        columns = (*names, "unit_id", "occurred_on")
        for subject, occasion, kind, org_id, own_unit, unit_id, day in _stated(
            connection, self._catalog.commendations, subjects, position, columns
        ):
            concerned = Concerned(kind, org_id, None, own_unit or unit_id, day)
            yield subject, Titled(occasion, None, None, concerned)

    def _inspections(
        self, connection: Connection, subjects: Collection[str], position: int
    ) -> Iterator[tuple[str, Titled]]:
        """Yield inspections with the last event in force: each event of one is its own entity."""
        columns = ("org_id", "unit_id", "occurred_on")
        for subject, org_id, unit_id, day in _stated(
            connection, self._catalog.inspections, subjects, position, columns
        ):
            yield subject, Titled(None, None, None, Concerned(None, org_id, None, unit_id, day))

    def _outcomes(
        self, connection: Connection, subjects: Collection[str], position: int
    ) -> Iterator[tuple[str, Titled]]:
        model = self._catalog.outcomes
        for subject, metric in _stated(connection, model, subjects, position, ("metric",)):
            yield subject, Titled(None, metric, None)

    def _organizations(
        self, connection: Connection, subjects: Collection[str], position: int
    ) -> Iterator[tuple[str, Titled]]:
        model = self._catalog.organizations
        for subject, name in _stated(connection, model, subjects, position, ("name",)):
            yield subject, Titled(name, None, None)


def _stated(
    connection: Connection,
    model: LatestStatements | Outcomes,
    subjects: Collection[str],
    position: int,
    columns: Iterable[str],
) -> Iterable[Any]:
    """Return columns of the statements about subjects valid at a position, in log order."""
    statement, versions = model.statements.c, model.versions
    return connection.execute(
        select(statement.subject, *(statement[each] for each in columns))
        .where(among(connection, statement.subject, subjects))
        .where(versions.c.statement == statement.position, known_at(versions, position))
        .order_by(statement.position)
    )
