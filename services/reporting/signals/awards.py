"""The signal of awards that wait: proposed and not decided, granted and not presented."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from services.reporting.figures.measures import AwardBits
from services.reporting.signals.found import Found, SignalLevel, SignalRows
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from services.reporting.queries.filters import Item
    from services.reporting.signals.material import Below, Material

_COLUMNS = (
    "award_id",
    "unit_id",
    "unit_name",
    "occurred_on",
    "award_form",
    "grantor_org_id",
    "recipient_kind",
    "recipient_org_id",
)


def proposal_overdue(material: Material) -> Found:
    """Return proposals undecided, and awards not presented, for longer than the time allowed."""
    limits = material.limits.criteria["proposal_overdue"]
    proposals = list(_undecided(material, int(limits["proposed_days"])))
    awards = material.awards
    granted = awards.bits & AwardBits.GRANTED != 0
    presented = awards.bits & AwardBits.PRESENTED != 0
    until = material.today.toordinal() - int(limits["granted_days"])
    unpresented = granted & ~presented & (awards.days <= until)
    keys: list[Any] = [
        *(row for row, _ in proposals),
        *awards.things[unpresented].tolist(),
    ]
    if not keys:
        return Found(SignalLevel.CLEAR)
    by_unit = Counter(below for _, below in proposals)
    by_unit.update(awards.counted(unpresented))

    def read(some: Sequence[Any]) -> list[Item]:
        numbers = [each for each in some if isinstance(each, int)]
        items = material.sources.lists.award_items(material.query, numbers)
        by_thing = {row["thing"]: row for row in items}
        return [
            _row(by_thing[each], "unpresented", material)
            if isinstance(each, int)
            else _row(each, "undecided", material)
            for each in some
        ]

    return Found(SignalLevel.LOOK, len(keys), by_unit, SignalRows(keys, read))


def _undecided(material: Material, days: int) -> Iterator[tuple[Mapping[str, Any], Below]]:
    for row in material.statements(material.sources.catalog.proposals, material.year):
        day = date.fromisoformat(row["occurred_on"])
        waiting = row["state"] == "proposed" and row["programme"] == DEFAULT_PROGRAMME
        if waiting and (material.today - day).days >= days:
            inside, below = material.below(row["unit_id"], day)
            if inside:
                name = material.query.unit_name(row["unit_id"], row["occurred_on"])
                yield {**row, "unit_name": name}, below


def _row(row: Mapping[str, Any], reason: str, material: Material) -> Item:
    days = (material.today - date.fromisoformat(row["occurred_on"])).days
    return {**{column: row[column] for column in _COLUMNS}, "reason": reason, "days": days}
