"""Organisations as last defined: they give names to owners, deciding bodies and grantors.

They are also counted by unit, day and kind, for the flag `unknown_organization_kind`: the kinds of
a jurisdiction are found in its taxonomy when a figure is read. They belong to no year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from services.reporting.figures.delta_tables import NO_YEAR, Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import DEFINED
from services.reporting.readmodels.parts.counted_statements import CountedStatements

if TYPE_CHECKING:
    from services.reporting.readmodels.parts.latest_statement import Statement


class Organizations(CountedStatements):
    """The read model `organizations`."""

    name = "organizations"
    version: ClassVar[int] = 2
    statement_events = frozenset({"OrganizationDefined"})
    kept = ("org_id", "name", "kind", "unit_id", "occurred_on", "block_code", "side")
    optional = frozenset({"block_code", "side"})
    dimensions = ("kind",)

    def contribution(self, statement: Statement) -> Contribution:
        """Return the contribution of a definition: of no year, by its kind."""
        _, _, kind, unit_id, occurred_on, *_ = statement.values
        unit, dims = self.writer.units[unit_id], self.writer.dims[kind]
        day = ordinal_of(occurred_on)
        return Contribution(NO_YEAR, unit, day, dims, 0, DEFINED)
