"""The statement of each view over the tables of the active generations.

The columns are those of the lists: the same names in the same order. Objects are spread over
columns (`period_from`), ids and codes in a row of several are one text with spaces between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Double,
    Label,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from services.reporting.queries.lists.entity_columns import (
    AWARD_COLUMNS,
    REGISTRATION_COLUMNS,
    REPLICATION_COLUMNS,
)
from services.reporting.queries.lists.other_lists import (
    COMMENDATION_COLUMNS,
    FIGURE_COLUMNS,
    INSPECTION_COLUMNS,
    ORGANIZATION_COLUMNS,
    OUTCOME_COLUMNS,
    PLAN_COLUMNS,
    PROPOSAL_COLUMNS,
    REVIEW_COLUMNS,
)
from services.reporting.reading.derived_views import DERIVED
from services.reporting.reading.sql_functions import SqlFunctions
from services.reporting.reading.unit_days import UNIT_DAYS
from services.reporting.readmodels.registrations.model_statements import REPLICATED
from shared.readmodel.checkpoints import CHECKPOINTS
from shared.vocabulary import Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, FromClause, Select

    from services.reporting.readmodels.catalog import Catalog
    from services.reporting.readmodels.parts.latest_statement import LatestStatements

    Columns = Mapping[str, ColumnElement[Any]]


@dataclass(frozen=True)
class View:
    """One view: the read models whose tables it reads, and its statement."""

    name: str
    read_models: frozenset[str]
    statement: str


def views(catalog: Catalog, keys: Collection[str], dialect: str) -> list[View]:
    """Return all views for a dialect, each after those that it reads.

    `keys` are the checkpoints of the active generations.
    """
    selects = _Selects(catalog, SqlFunctions(dialect))
    plain = {
        "plan": (catalog.plans, PLAN_COLUMNS),
        "proposal": (catalog.proposals, PROPOSAL_COLUMNS),
        "review": (catalog.reviews, REVIEW_COLUMNS),
        "commendation": (catalog.commendations, COMMENDATION_COLUMNS),
        "inspection": (catalog.inspections, INSPECTION_COLUMNS),
    }
    made: dict[str, tuple[Iterable[str], Select[Any]]] = {
        "unit_on_day": ((), selects.units(latest_only=False)),
        "unit": ((), selects.units(latest_only=True)),
        "registration": (("registrations",), selects.registrations()),
        "replication": (("registrations",), selects.replications()),
        "award": (("awards",), selects.awards()),
        "outcome": (("outcomes",), selects.outcomes()),
        "organization": (("organizations", "successions"), selects.organizations()),
        "figure": (("figures",), selects.figures()),
        **{name: ((m.name,), selects.statements(m, c)) for name, (m, c) in plain.items()},
        "projection": ((), _projection(keys)),
    }
    compiled = [
        View(name, frozenset(models), selects.functions.compiled(statement))
        for name, (models, statement) in made.items()
    ]
    prefix = "dvk_read." if dialect == "postgresql" else "dvk_read_"
    return compiled + [
        View(name, frozenset({"registrations"}), statement.replace("dvk_read.", prefix))
        for name, statement in DERIVED.items()
    ]


class _Selects:
    """The selects over the tables of a catalog."""

    def __init__(self, catalog: Catalog, functions: SqlFunctions) -> None:
        self._catalog = catalog
        self.functions = functions

    def units(self, *, latest_only: bool) -> Select[Any]:
        """Return the units by runs of days, or each once with its latest name."""
        unit, province = UNIT_DAYS.alias("u"), UNIT_DAYS.alias("p")
        current = UNIT_DAYS.alias("c")
        columns: list[Any] = [
            unit.c.unit_id,
            unit.c.name,
            unit.c.kind,
            unit.c.level,
            unit.c.code,
            unit.c.parent_id,
            unit.c.valid_from,
            unit.c.valid_to,
            unit.c.province_unit_id,
            province.c.name.label("province_name"),
            unit.c.current_unit_id,
            unit.c.current_province_unit_id,
            current.c.name.label("current_province_name"),
            unit.c.allocated,
        ]
        joined = unit.outerjoin(
            province,
            (province.c.unit_id == unit.c.province_unit_id)
            & _named_on(province, unit.c.valid_from),
        ).outerjoin(
            current,
            (current.c.unit_id == unit.c.current_province_unit_id) & current.c.named_to.is_(None),
        )
        query = select(*columns).select_from(joined)
        return query.where(unit.c.named_to.is_(None)) if latest_only else query

    def registrations(self) -> Select[Any]:
        """Return the registrations, withdrawn ones too."""
        model = self._catalog.registrations
        entity, version, title = model.things, model.versions, model.titles.alias("t")
        latest = (
            select(title.c.title)
            .where(title.c.thing == entity.c.thing)
            .order_by(title.c.from_position.desc())
            .limit(1)
            .scalar_subquery()
        )
        recognized = version.c.tier.is_not(None)
        flags = {
            Flag.RECOGNIZED_WITHOUT_ELIGIBLE: recognized
            & ~func.coalesce(version.c.eligible, false()),
            Flag.DECISION_WITHOUT_NUMBER: recognized
            & (func.coalesce(version.c.decision_number, "") == ""),
            Flag.UNKNOWN_ORGANIZATION: version.c.unknown_organization,
        }
        more = {
            **_of(version, "thing", "from_position", "to_position"),
            **_of(entity, "thing", "subject", "recorded"),
            "registration_id": _without(entity.c.subject, model.subject),
            "title": latest,
            "subject_form": func.coalesce(version.c.subject_form, "model"),
            "flags": _flags(flags),
            "position": version.c.from_position,
            "evaluation_total": _from_thousandths(version.c.evaluation_total),
        }
        return _named(
            REGISTRATION_COLUMNS, more, entity.join(version, _in_force(entity, version)), version
        )

    def replications(self) -> Select[Any]:
        """Return the replications, each at the place of the registration that it counts under."""
        model = self._catalog.registrations
        said, others = model.model_statements.table, model.model_statements.table.alias("o")
        entity, version = model.things, model.versions
        each, state = entity.alias("e"), version.alias("s")
        of_model = (
            select(each.c.thing)
            .select_from(each.join(state, _in_force(each, state)))
            .where(each.c.model_id == said.c.model_id)
        )
        until = of_model.where(each.c.plan_year <= said.c.plan_year)
        preference = (state.c.withdrawn, each.c.recorded.desc())
        latest, earliest = (
            query.order_by(order, *preference).limit(1).scalar_subquery().correlate(said)
            for query, order in ((until, each.c.plan_year.desc()), (of_model, each.c.plan_year))
        )
        nearest = func.coalesce(latest, earliest)
        programme = (
            select(others.c.programme)
            .where(others.c.thing == said.c.thing, others.c.retracted_position.is_(None))
            .order_by(others.c.position.desc())
            .limit(1)
            .scalar_subquery()
            .correlate(said)
        )
        more = {
            **_of(said),
            "source_model_id": said.c.model_id,
            "programme": func.coalesce(programme, entity.c.programme),
            "unit_id": version.c.unit_id,
        }
        joined = said.join(entity, entity.c.thing == nearest).join(
            version, _in_force(entity, version)
        )
        query = _named(REPLICATION_COLUMNS, more, joined, version)
        return query.where(said.c.said == REPLICATED, said.c.retracted_position.is_(None))

    def awards(self) -> Select[Any]:
        """Return the awards granted, revoked ones too."""
        model = self._catalog.awards
        entity, version = model.things, model.versions
        in_force = ~version.c.revoked
        flags = {
            Flag.DECISION_WITHOUT_NUMBER: in_force
            & (func.coalesce(version.c.decision_number, "") == ""),
            Flag.POSSIBLE_DUPLICATE_AWARD: in_force & version.c.possible_duplicate,
            Flag.UNKNOWN_ORGANIZATION: in_force & version.c.unknown_organization,
        }
        more = {
            **_of(version),
            "award_id": _without(entity.c.subject, model.subject),
            "flags": _flags(flags),
            "position": version.c.from_position,
        }
        return _named(
            AWARD_COLUMNS, more, entity.join(version, _in_force(entity, version)), version
        )

    def outcomes(self) -> Select[Any]:
        """Return the outcomes; `counted` is false for those outside all sums."""
        model = self._catalog.outcomes
        statement, version = model.statements, model.versions
        more = {
            **_of(statement),
            **_of(version),
            "outcome_id": _without(statement.c.subject, "outcome/"),
            "value": _from_thousandths(statement.c.value),
        }
        columns = _spread(OUTCOME_COLUMNS, interval=("interval_from", "interval_to"))
        return _named(columns, more, _standing(statement, version), version)

    def organizations(self) -> Select[Any]:
        """Return the organisations as last defined, with predecessors and successors."""
        split, model = self.functions.split, self._catalog.successions
        said, version = model.statements, model.versions
        before = split(said.c.predecessors)
        pairs = (
            select(before.c.value.label("predecessor"), said.c.successor)
            .select_from(_standing(said, version).join(before, literal_column("1") == 1))
            .where(version.c.to_position.is_(None))
        )
        organizations = self._catalog.organizations
        org_id = organizations.statements.c.org_id
        sought = {
            "predecessors": ("predecessor", "successor"),
            "successors": ("successor", "predecessor"),
        }
        more = {
            **_of(organizations.statements),
            **{
                name: self.functions.joined(pairs.subquery(name), of, of_whom, org_id)
                for name, (of, of_whom) in sought.items()
            },
        }
        joined = _standing(organizations.statements, organizations.versions)
        return _named(ORGANIZATION_COLUMNS, more, joined, organizations.statements)

    def figures(self) -> Select[Any]:
        """Return the asserted figures as published."""
        model = self._catalog.figures
        statement = model.statements.c
        member = self.functions.member
        more = {
            **_of(model.statements),
            "dimensions": func.coalesce(statement.dimensions, "{}"),
            "value": _from_thousandths(statement.value),
            **{
                f"source_{name}": member(statement.source_text, name)
                for name in ("kind", "title", "published_on")
            },
        }
        columns = _spread(
            FIGURE_COLUMNS,
            period=("period_from", "period_to", "period_kind"),
            source=("source_kind", "source_title", "source_published_on"),
        )
        joined = _standing(model.statements, model.versions)
        return _named(columns, more, joined, model.statements)

    def statements(self, model: LatestStatements, columns: Sequence[str]) -> Select[Any]:
        """Return a list that consists of its statements only."""
        joined = _standing(model.statements, model.versions)
        return _named(columns, _of(model.statements), joined, model.statements)


def _projection(keys: Collection[str]) -> Select[Any]:
    position = CHECKPOINTS.c.position
    return select(func.min(position).label("position")).where(CHECKPOINTS.c.name.in_(sorted(keys)))


def _named(
    columns: Sequence[str],
    values: Columns,
    joined: Any,  # noqa: ANN401  a join
    of: FromClause,
) -> Select[Any]:
    """Return a select of columns, with the name that the unit of `of` had on the day of `of`."""
    unit = UNIT_DAYS.alias("u")
    joined = joined.outerjoin(
        unit, (unit.c.unit_id == of.c.unit_id) & _named_on(unit, of.c.occurred_on)
    )
    stated = {**values, "unit_name": unit.c.name}
    return select(*(_labelled(stated[name], name) for name in columns)).select_from(joined)


def _labelled(value: ColumnElement[Any], name: str) -> Label[Any]:
    return value.label(name)


def _named_on(unit: FromClause, day: ColumnElement[Any]) -> ColumnElement[bool]:
    until = unit.c.named_to
    return and_(unit.c.named_from <= day, or_(until.is_(None), until > day))


def _in_force(entity: FromClause, version: FromClause) -> ColumnElement[bool]:
    return and_(version.c.thing == entity.c.thing, version.c.to_position.is_(None))


def _standing(statement: FromClause, version: FromClause) -> Any:  # noqa: ANN401  a join
    """Return the statements in force."""
    in_force = and_(version.c.statement == statement.c.position, version.c.to_position.is_(None))
    return statement.join(version, in_force)


def _of(table: FromClause, *left_out: str) -> dict[str, ColumnElement[Any]]:
    return {column.name: column for column in table.c if column.name not in left_out}


def _without(subject: ColumnElement[Any], beginning: str) -> ColumnElement[Any]:
    return func.substr(subject, len(beginning) + 1)


def _flags(raised: Mapping[Flag, ColumnElement[bool]]) -> ColumnElement[Any]:
    """Return the flags that are raised, with spaces between."""
    text: ColumnElement[Any] = literal("")
    for flag, condition in raised.items():
        text = text.concat(case((condition, f"{flag.value} "), else_=""))
    return func.trim(text)


def _from_thousandths(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(column, Double) / literal_column("1000.0")


def _spread(columns: Sequence[str], **members: Sequence[str]) -> list[str]:
    """Return columns with each object replaced by its members."""
    return [each for column in columns for each in members.get(column, (column,))]
