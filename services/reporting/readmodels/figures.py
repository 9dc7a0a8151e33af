"""Asserted figures of reports and the press: stored next to the log's, never added to a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from sqlalchemy import BigInteger

from services.reporting.figures.measures import thousandths
from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.vocabulary import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.readmodels.parts.redactions import Redaction
    from shared.readmodel.decoded_events import DecodedEvent


class Figures(LatestStatements):
    """The read model `figures`."""

    name = "figures"
    statement_events = frozenset({"FigureAsserted"})
    kept = (
        "figure_id",
        "plan_year",
        "programme",
        "unit_id",
        "occurred_on",
        "metric",
        "period.from",
        "period.to",
        "period.kind",
        "dimensions",
        "value",
        "qualifier",
        "source_text",
        "origin.kind",
        "note",
    )
    optional = frozenset(
        {"plan_year", "period_from", "period_to", "dimensions", "origin_kind", "note"}
    )
    types: ClassVar = {"value": BigInteger()}

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the derived columns; `plan_year` only where its period is one year."""
        data = fact.data
        return {
            **super().computed(fact),
            "plan_year": _year(data),
            "dimensions": _json(data.get("dimensions")),
            "value": thousandths(data["value"]),
            "source_text": _json(data["source"]),
        }

    def new_texts(self, row: Any, redaction: Redaction) -> dict[str, Any]:  # noqa: ANN401  a row
        """Return the columns that a redaction changes; the source is one text."""
        changed = super().new_texts(row, redaction)
        title = redaction.text(("/source/title",))
        if title is not None:
            changed["source_text"] = _json({**orjson.loads(row.source_text), "title": title})
        return changed


def _year(data: Mapping[str, Any]) -> int | None:
    """Return the plan year of a figure: stated, or that of a period of one year."""
    if data.get("plan_year"):
        return int(data["plan_year"])
    period = data["period"]
    start, end = period.get("from"), period.get("to")
    if period["kind"] == PeriodKind.YEAR and start and end and start[:4] == end[:4]:
        return int(start[:4])
    return None


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
