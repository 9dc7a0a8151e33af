"""The lists that are pages: the columns an officer reads, the filters, and the file of each.

The columns that are not here are in the file of the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.reporting.api import list_tables
from services.reporting.dashboard.page_parameters import (
    AWARD_PAGE,
    MODEL_PAGE,
    ORGANIZATION_PAGE,
)
from services.reporting.figures.measures import AWARDS, REGISTRATIONS
from shared.vocabulary import Dimension, Flag, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.figures.measures import Counting
    from services.reporting.queries.facade import ListName
    from shared.web.answers.csv_tables import ListTable


@dataclass(frozen=True, slots=True)
class CardLink:
    """The card that a cell leads to: its page, the page's parameter, and the column of its id."""

    path: str
    parameter: str
    column: str


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a page: of the list's item, by which it is also sorted."""

    name: str
    card: CardLink | None = None
    numeric: bool = False


@dataclass(frozen=True)
class ListDeclaration:
    """One list: its columns, filters, figures, file, and the column that it begins sorted by.

    `dimensions` are filters by the dimensions of a cube, `equal` by columns, `figures` by what the
    summaries count.
    """

    name: ListName
    table: ListTable
    columns: tuple[ShownColumn, ...]
    sort: str
    dimensions: tuple[Dimension, ...] = ()
    equal: tuple[str, ...] = ()
    figures: tuple[Measure | Flag, ...] = ()
    counting: Counting | None = None
    of_years: bool = True

    def bits(self, figure: str | None) -> int | None:
        """Return the bits of a figure of the list's cube."""
        if figure is None or self.counting is None:
            return None
        return 1 << self.counting.bits.index(figure)


_MODEL = CardLink(MODEL_PAGE, "model", "model_id")
_SOURCE = CardLink(MODEL_PAGE, "model", "source_model_id")
_AWARD = CardLink(AWARD_PAGE, "award", "award_id")


def _organization(column: str) -> ShownColumn:
    return ShownColumn(column, CardLink(ORGANIZATION_PAGE, "organization", column))


_UNIT = ShownColumn("unit_id")
_DAY = ShownColumn("occurred_on")

_DECLARED = (
    ListDeclaration(
        "registrations",
        list_tables.REGISTRATIONS,
        (
            ShownColumn("title", _MODEL),
            _UNIT,
            _organization("owner_org_id"),
            ShownColumn("field_code"),
            ShownColumn("block_code"),
            ShownColumn("registration_kind"),
            ShownColumn("tier"),
            ShownColumn("classification"),
            _DAY,
        ),
        "-occurred_on",
        dimensions=(
            Dimension.FIELD,
            Dimension.BLOCK,
            Dimension.OWNER_KIND,
            Dimension.REGISTRATION_KIND,
            Dimension.LEVEL,
            Dimension.TIER,
            Dimension.CLASSIFICATION,
        ),
        figures=(
            Measure.REGISTERED,
            Measure.ELIGIBLE,
            Measure.EVALUATED,
            Measure.RECOGNIZED,
            Measure.EXEMPLARY,
            Measure.DECLINED,
            Measure.REVOKED,
            Measure.WITHDRAWN,
            Flag.RECOGNIZED_WITHOUT_ELIGIBLE,
            Flag.DECISION_WITHOUT_NUMBER,
            Flag.UNKNOWN_ORGANIZATION,
        ),
        counting=REGISTRATIONS,
    ),
    ListDeclaration(
        "awards",
        list_tables.AWARDS,
        (
            ShownColumn("award_form", _AWARD),
            _organization("recipient_org_id"),
            ShownColumn("recipient_kind"),
            _UNIT,
            _organization("grantor_org_id"),
            ShownColumn("decision_number"),
            ShownColumn("decision_signed_on"),
            ShownColumn("presented_on"),
        ),
        "-decision_signed_on",
        dimensions=(Dimension.AWARD_FORM, Dimension.RECIPIENT_KIND),
        figures=(
            Measure.AWARDS_GRANTED,
            Measure.AWARDS_PRESENTED,
            Measure.AWARDS_REVOKED,
            Flag.DECISION_WITHOUT_NUMBER,
            Flag.POSSIBLE_DUPLICATE_AWARD,
            Flag.UNKNOWN_ORGANIZATION,
        ),
        counting=AWARDS,
    ),
    ListDeclaration(
        "plans",
        list_tables.PLANS,
        (
            _organization("org_id"),
            _UNIT,
            ShownColumn("document_number"),
            ShownColumn("document_signed_on"),
            ShownColumn("document_title"),
        ),
        "unit_id",
    ),
    ListDeclaration(
        "inspections",
        list_tables.INSPECTIONS,
        (
            _organization("org_id"),
            _UNIT,
            ShownColumn("state"),
            ShownColumn("scopes"),
            ShownColumn("rating"),
            ShownColumn("document_number"),
            _DAY,
        ),
        "-occurred_on",
        equal=("state", "scopes", "rating"),
    ),
    ListDeclaration(
        "outcomes",
        list_tables.OUTCOMES,
        (
            ShownColumn("metric"),
            ShownColumn("value", numeric=True),
            ShownColumn("nature"),
            ShownColumn("registration_id"),
            _UNIT,
            ShownColumn("counted"),
            _DAY,
        ),
        "-occurred_on",
        equal=("metric", "nature", "qualifier"),
    ),
    ListDeclaration(
        "commendations",
        list_tables.COMMENDATIONS,
        (
            _organization("recipient_org_id"),
            ShownColumn("recipient_kind"),
            ShownColumn("occasion"),
            _UNIT,
            _DAY,
        ),
        "-occurred_on",
        equal=("recipient_kind", "origin_kind"),
    ),
    ListDeclaration(
        "replications",
        list_tables.REPLICATIONS,
        (
            ShownColumn("source_model_id", _SOURCE),
            _UNIT,
            ShownColumn("target_model_id", CardLink(MODEL_PAGE, "model", "target_model_id")),
            ShownColumn("target_unit_id"),
            ShownColumn("how"),
            _DAY,
        ),
        "-occurred_on",
        dimensions=(Dimension.FIELD, Dimension.BLOCK),
    ),
    ListDeclaration(
        "reviews",
        list_tables.REVIEWS,
        (
            _organization("org_id"),
            _UNIT,
            ShownColumn("minutes_number"),
            ShownColumn("minutes_signed_on"),
            ShownColumn("minutes_title"),
        ),
        "-minutes_signed_on",
    ),
    ListDeclaration(
        "proposals",
        list_tables.PROPOSALS,
        (
            ShownColumn("award_form", _AWARD),
            _organization("recipient_org_id"),
            ShownColumn("recipient_kind"),
            _UNIT,
            ShownColumn("state"),
            ShownColumn("decided_on"),
            ShownColumn("reason"),
            _DAY,
        ),
        "-occurred_on",
        equal=("state", "award_form", "recipient_kind"),
    ),
    ListDeclaration(
        "organizations",
        list_tables.ORGANIZATIONS,
        (
            ShownColumn("name", CardLink(ORGANIZATION_PAGE, "organization", "org_id")),
            ShownColumn("kind"),
            _UNIT,
            ShownColumn("block_code"),
            ShownColumn("side"),
        ),
        "name",
        equal=("kind", "block_code", "side"),
        of_years=False,
    ),
)
LISTS: Mapping[str, ListDeclaration] = {each.name: each for each in _DECLARED}
"""Every list that is a page, in the order of the page's links."""
