"""The statement of each view over the tables of the active generations.

The columns are those of the lists: the same names in the same order. Objects are spread over
columns (`period_from`), ids and codes in a row of several are one text with spaces between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    false,
    func,
    literal_column,
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
from services.reporting.reading.statement_parts import (
    columns_of,
    flags_text,
    from_thousandths,
    named_on,
    open_version,
    spread,
    standing,
    with_unit_name,
    without,
)
from services.reporting.reading.unit_days import UNIT_DAYS
from services.reporting.readmodels.registrations.model_statements import REPLICATED
from shared.readmodel.checkpoints import CHECKPOINTS
from shared.vocabulary import Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Select

    from services.reporting.readmodels.catalog import Catalog
    from services.reporting.readmodels.parts.latest_statement import LatestStatements


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
            (province.c.unit_id == unit.c.province_unit_id) & named_on(province, unit.c.valid_from),
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
            **columns_of(version, "thing", "from_position", "to_position"),
            **columns_of(entity, "thing", "subject", "recorded"),
            "registration_id": without(entity.c.subject, model.subject),
            "title": latest,
            "subject_form": func.coalesce(version.c.subject_form, "model"),
            "flags": flags_text(flags),
            "position": version.c.from_position,
            "evaluation_total": from_thousandths(version.c.evaluation_total),
        }
        return with_unit_name(
            REGISTRATION_COLUMNS, more, entity.join(version, open_version(entity, version)), version
        )

    def replications(self) -> Select[Any]:
        """Return the replications, each at the place of the registration that it counts under."""
        model = self._catalog.registrations
        said, others = model.model_statements.table, model.model_statements.table.alias("o")
        entity, version = model.things, model.versions
        each, state = entity.alias("e"), version.alias("s")
        of_model = (
            select(each.c.thing)
            .select_from(each.join(state, open_version(each, state)))
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
            **columns_of(said),
            "source_model_id": said.c.model_id,
            "programme": func.coalesce(programme, entity.c.programme),
            "unit_id": version.c.unit_id,
        }
        joined = said.join(entity, entity.c.thing == nearest).join(
            version, open_version(entity, version)
        )
        query = with_unit_name(REPLICATION_COLUMNS, more, joined, version)
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
            **columns_of(version),
            "award_id": without(entity.c.subject, model.subject),
            "flags": flags_text(flags),
            "position": version.c.from_position,
        }
        return with_unit_name(
            AWARD_COLUMNS, more, entity.join(version, open_version(entity, version)), version
        )

    def outcomes(self) -> Select[Any]:
        """Return the outcomes; `counted` is false for those outside all sums."""
        model = self._catalog.outcomes
        statement, version = model.statements, model.versions
        more = {
            **columns_of(statement),
            **columns_of(version),
            "outcome_id": without(statement.c.subject, "outcome/"),
            "value": from_thousandths(statement.c.value),
        }
        columns = spread(OUTCOME_COLUMNS, interval=("interval_from", "interval_to"))
        return with_unit_name(columns, more, standing(statement, version), version)

    def organizations(self) -> Select[Any]:
        """Return the organisations as last defined, with predecessors and successors."""
        split, model = self.functions.split, self._catalog.successions
        said, version = model.statements, model.versions
        before = split(said.c.predecessors)
        pairs = (
            select(before.c.value.label("predecessor"), said.c.successor)
            .select_from(standing(said, version).join(before, literal_column("1") == 1))
            .where(version.c.to_position.is_(None))
        )
        organizations = self._catalog.organizations
        org_id = organizations.statements.c.org_id
        sought = {
            "predecessors": ("predecessor", "successor"),
            "successors": ("successor", "predecessor"),
        }
        more = {
            **columns_of(organizations.statements),
            **{
                name: self.functions.joined(pairs.subquery(name), of, of_whom, org_id)
                for name, (of, of_whom) in sought.items()
            },
        }
        joined = standing(organizations.statements, organizations.versions)
        return with_unit_name(ORGANIZATION_COLUMNS, more, joined, organizations.statements)

    def figures(self) -> Select[Any]:
        """Return the asserted figures as published."""
        model = self._catalog.figures
        statement = model.statements.c
        member = self.functions.member
        more = {
            **columns_of(model.statements),
            "dimensions": func.coalesce(statement.dimensions, "{}"),
            "value": from_thousandths(statement.value),
            **{
                f"source_{name}": member(statement.source_text, name)
                for name in ("kind", "title", "published_on")
            },
        }
        columns = spread(
            FIGURE_COLUMNS,
            period=("period_from", "period_to", "period_kind"),
            source=("source_kind", "source_title", "source_published_on"),
        )
        joined = standing(model.statements, model.versions)
        return with_unit_name(columns, more, joined, model.statements)

    def statements(self, model: LatestStatements, columns: Sequence[str]) -> Select[Any]:
        """Return a list that consists of its statements only."""
        joined = standing(model.statements, model.versions)
        return with_unit_name(columns, columns_of(model.statements), joined, model.statements)


def _projection(keys: Collection[str]) -> Select[Any]:
    position = CHECKPOINTS.c.position
    return select(func.min(position).label("position")).where(CHECKPOINTS.c.name.in_(sorted(keys)))
