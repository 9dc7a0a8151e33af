"""Figures that reports and the press assert: kept beside the log, and never added to anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import BigInteger, Column, SmallInteger, Text

from services.reporting.figures.decimals import thousandths
from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.database.columns import BYTEWISE
from shared.vocabulary import DEFAULT_PROGRAMME, PeriodKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.readmodel.decoded_events import DecodedEvent


class Figures(LatestStatements):
    """The read model `figures`."""

    name = "figures"
    said_by = frozenset({"FigureAsserted"})

    def columns(self) -> Sequence[Column[Any]]:
        """Return what is kept of a figure; `plan_year` only where its period is one year."""
        return (
            Column("figure_id", BYTEWISE, nullable=False),
            Column("plan_year", SmallInteger),
            Column("programme", Text, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("occurred_on", Text, nullable=False),
            Column("metric", Text, nullable=False),
            Column("period_from", Text),
            Column("period_to", Text),
            Column("period_kind", Text, nullable=False),
            Column("dimensions", Text),
            Column("value", BigInteger, nullable=False),
            Column("qualifier", Text, nullable=False),
            Column("source_text", Text, nullable=False),
            Column("origin_kind", Text),
            Column("note", Text),
        )

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return these of one event."""
        data = fact.data
        period = data["period"]
        return (
            data["figure_id"],
            _year(data),
            data.get("programme") or DEFAULT_PROGRAMME,
            data["unit_id"],
            data["occurred_on"],
            data["metric"],
            period.get("from"),
            period.get("to"),
            period["kind"],
            _json(data.get("dimensions")),
            thousandths(data["value"]),
            data["qualifier"],
            _json(data["source"]),
            (data.get("origin") or {}).get("kind"),
            data.get("note"),
        )


def _year(data: Mapping[str, Any]) -> int | None:
    """Return the year that a figure is about: stated, or that of a period of one year."""
    if data.get("plan_year"):
        return int(data["plan_year"])
    period = data["period"]
    start, end = period.get("from"), period.get("to")
    if period["kind"] == PeriodKind.YEAR and start and end and start[:4] == end[:4]:
        return int(start[:4])
    return None


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
