"""The lists of read models that keep whole statements: plans, inspections, outcomes, etc."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import or_, select

from services.reporting.figures.measures import from_thousandths
from services.reporting.readmodels.commendations import Commendations
from services.reporting.readmodels.documents import Plans, Reviews
from services.reporting.readmodels.inspections import Inspections
from services.reporting.readmodels.organizations import Organizations
from services.reporting.readmodels.parts.version_rows import known_at
from services.reporting.readmodels.proposals import Proposals
from shared.web.answers.pagination import Listed, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, Table

    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.readmodels.catalog import Catalog
    from services.reporting.readmodels.parts.latest_statement import LatestStatements
    from shared.readmodel.store import Store

_CHUNK = 1_000


def _listed(model: type[LatestStatements], *further: str) -> tuple[str, ...]:
    """Return the columns of a list: the stored ones, with the unit's name after its id."""
    kept = model.names()
    unit = kept.index("unit_id") + 1
    return (*kept[:unit], "unit_name", *kept[unit:], *further, "position")


PLAN_COLUMNS = _listed(Plans)
INSPECTION_COLUMNS = _listed(Inspections)
ORGANIZATION_COLUMNS = _listed(Organizations, "predecessors", "successors")
PROPOSAL_COLUMNS = _listed(Proposals)
REVIEW_COLUMNS = _listed(Reviews)
COMMENDATION_COLUMNS = _listed(Commendations)
OUTCOME_COLUMNS = (
    "outcome_id",
    "registration_id",
    "plan_year",
    "programme",
    "unit_id",
    "unit_name",
    "occurred_on",
    "metric",
    "nature",
    "value",
    "qualifier",
    "interval",
    "counted",
    "position",
)
FIGURE_COLUMNS = (
    "figure_id",
    "metric",
    "unit_id",
    "unit_name",
    "plan_year",
    "programme",
    "period",
    "dimensions",
    "value",
    "qualifier",
    "source",
    "occurred_on",
    "origin_kind",
    "note",
    "position",
)


class StatementSource(NamedTuple):
    """The rows of one list as known at a position, the table of their numbers, and their items."""

    query: Select[Any]
    versions: Table
    item_of: Callable[[Mapping[str, Any]], Item]

    def column(self, name: str) -> ColumnElement[Any]:
        """Return a column of the rows."""
        return self.query.selected_columns[name]


class StatementLists:
    """Pages of the lists of whole statements."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog

    def plain(self) -> Mapping[str, Callable[[ListQuery], Listed]]:
        """Return the reader of each list whose items consist of their statements only."""
        return {
            name: partial(self._statements, getattr(self._catalog, name), item_of)
            for name, item_of in _PLAIN.items()
        }

    def source(self, name: str, list_query: ListQuery) -> StatementSource:
        """Return the rows of a list with the filters of year and programme, and their items."""
        model: Any = getattr(self._catalog, name)
        item_of: Callable[[Mapping[str, Any]], Item]
        if name == "outcomes":
            query, filtered, item_of = self._outcomes(), model.versions, _outcome
        else:
            item_of = _PLAIN.get(name) or self._organization(list_query.position)
            query, filtered = _rows_of(model), model.statements
        query = _filtered(query, filtered, list_query)
        in_force = known_at(model.versions, list_query.position)
        return StatementSource(query.where(in_force), model.versions, item_of)

    def organizations(self, list_query: ListQuery) -> Listed:
        """Return a page of organisations as last defined, with predecessors and successors."""
        item_of = self._organization(list_query.position)
        return self._statements(self._catalog.organizations, item_of, list_query)

    def _organization(self, position: int) -> Callable[[Mapping[str, Any]], Item]:
        before: dict[str, set[str]] = {}
        after: dict[str, set[str]] = {}
        for predecessor, successor in self.successions(position):
            before.setdefault(successor, set()).add(predecessor)
            after.setdefault(predecessor, set()).add(successor)

        def item_of(row: Mapping[str, Any]) -> Item:
            org_id = row["org_id"]
            both = {
                "predecessors": sorted(before.get(org_id, ())),
                "successors": sorted(after.get(org_id, ())),
            }
            return {column: {**row, **both}[column] for column in ORGANIZATION_COLUMNS}

        return item_of

    def successions(self, position: int) -> Sequence[tuple[str, str]]:
        """Return (predecessor, successor) of all successions as known at a position.

        Successions are rare, so all are read for every page.
        """
        model = self._catalog.successions
        statement = model.statements.c
        query = (
            select(statement.predecessors, statement.successor)
            .where(model.versions.c.statement == statement.position)
            .where(known_at(model.versions, position))
        )
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return [(each, successor) for before, successor in rows for each in before.split()]

    def figures_touching(self, list_query: ListQuery, year: int | None) -> Listed:
        """Return a page of asserted figures whose period touches a year; None: of all.

        A period with one open end has no limit there. One without ends touches only the plan year
        that the figure itself may state.
        """
        model = self._catalog.figures
        if year is None:
            return self._statements(model, _figure, list_query)
        figure = model.statements.c
        begins, ends = figure.period_from, figure.period_to
        touches = (
            or_(begins.is_not(None), ends.is_not(None))
            & or_(begins.is_(None), begins <= f"{year}-12-31")
            & or_(ends.is_(None), ends >= f"{year}-01-01")
        ) | (begins.is_(None) & ends.is_(None) & (figure.plan_year == year))
        return self._statements(model, _figure, list_query, touches)

    def outcomes(self, list_query: ListQuery) -> Listed:
        """Return a page of outcomes; `counted` is false for those outside all sums."""
        model = self._catalog.outcomes
        query = _filtered(self._outcomes(), model.versions, list_query)
        return self._page(list_query, query, model.versions, _outcome)

    def _outcomes(self) -> Select[Any]:
        model = self._catalog.outcomes
        statement, version = model.statements.c, model.versions.c
        return select(
            model.versions,
            statement.subject,
            statement.registration_id,
            statement.metric,
            statement.nature,
            statement.qualifier,
            statement.value,
            statement.interval_from,
            statement.interval_to,
            statement.position,
        ).where(version.statement == statement.position)

    def _statements(
        self,
        model: LatestStatements,
        item_of: Callable[[Mapping[str, Any]], Item],
        list_query: ListQuery,
        *conditions: ColumnElement[bool],
    ) -> Listed:
        query = _filtered(_rows_of(model).where(*conditions), model.statements, list_query)
        return self._page(list_query, query, model.versions, item_of)

    def _page(
        self,
        list_query: ListQuery,
        query: Select[Any],
        versions: Table,
        item_of: Callable[[Mapping[str, Any]], Item],
    ) -> Listed:
        limit = list_query.page.limit
        found: list[tuple[int, Item]] = []
        for row in self._rows(
            list_query, query.where(known_at(versions, list_query.position)), versions
        ):
            if list_query.is_inside(row["unit_id"], row["occurred_on"]):
                name = list_query.unit_name(row["unit_id"], row["occurred_on"])
                found.append((row["thing"], item_of({**row, "unit_name": name})))
                if len(found) > limit:
                    break
        page, last = cut(found, limit)
        return Listed([item for _, item in page], list_query.place(thing=last[0]) if last else None)

    def _rows(
        self, list_query: ListQuery, query: Select[Any], versions: Table
    ) -> Iterator[Mapping[str, Any]]:
        """Yield rows in the order of their entities, read a chunk at a time."""
        after = list_query.page.after("thing", 0)
        entity = versions.c.thing
        while True:
            with self._store.reading() as connection:
                chunk = query.where(entity > after).order_by(entity).limit(_CHUNK)
                rows = connection.execute(chunk).mappings().all()
            yield from (dict(row) for row in rows)
            if len(rows) < _CHUNK:
                return
            after = rows[-1]["thing"]


def _rows_of(model: LatestStatements) -> Select[Any]:
    version, statement = model.versions.c, model.statements.c
    return select(*statement).where(version.statement == statement.position)


def _filtered(query: Select[Any], table: Table, list_query: ListQuery) -> Select[Any]:
    filters = list_query.filters
    if filters.plan_year is not None:
        query = query.where(table.c.plan_year == filters.plan_year)
    if filters.programme is not None:
        query = query.where(table.c.programme == filters.programme)
    return query


def _columns(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Item]:
    """Return a function that makes an item of a row from some columns, unchanged."""
    return lambda row: {name: row[name] for name in names}


def _plan(row: Mapping[str, Any]) -> Item:
    more = {
        **row,
        "scope_org_ids": row["scope_org_ids"].split(),
        "targets": orjson.loads(row["targets"]) if row["targets"] else None,
    }
    return {column: more[column] for column in PLAN_COLUMNS}


def _inspection(row: Mapping[str, Any]) -> Item:
    ids = row["registration_ids"].split()
    more = {**row, "scopes": row["scopes"].split(), "registration_ids": ids}
    return {column: more[column] for column in INSPECTION_COLUMNS}


def _outcome(row: Mapping[str, Any]) -> Item:
    more = {
        **row,
        "outcome_id": row["subject"].partition("/")[2],
        "value": from_thousandths(row["value"]),
        "interval": {"from": row["interval_from"], "to": row["interval_to"]},
    }
    return {column: more[column] for column in OUTCOME_COLUMNS}


def _figure(row: Mapping[str, Any]) -> Item:
    period = {
        "from": row["period_from"],
        "to": row["period_to"],
        "kind": row["period_kind"],
    }
    more = {
        **row,
        "period": period,
        "dimensions": orjson.loads(row["dimensions"]) if row["dimensions"] else {},
        "value": from_thousandths(row["value"]),
        "source": orjson.loads(row["source_text"]),
    }
    return {column: more[column] for column in FIGURE_COLUMNS}


_PLAIN: Mapping[str, Callable[[Mapping[str, Any]], Item]] = {
    "plans": _plan,
    "proposals": _columns(PROPOSAL_COLUMNS),
    "reviews": _columns(REVIEW_COLUMNS),
    "commendations": _columns(COMMENDATION_COLUMNS),
    "inspections": _inspection,
    "figures": _figure,
}
"""The readers of the items that consist of their statements only."""
