"""The signal of sums: asserted figures that differ from what the log counts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from services.reporting.signals.found import Found

if TYPE_CHECKING:
    from services.reporting.signals.material import Material


def sum_differs(material: Material) -> Found:
    """Return the asserted figures of the scope and year that differ from the log."""
    items = material.sources.differing(material.query)
    last_day = date(material.year, 12, 31)
    below = [material.below(item["unit_id"], last_day)[1] for item in items]
    rows = [{**item, "unit_name": material.unit_name(item["unit_id"])} for item in items]
    return Found.of(rows, below)
