"""The summary of a scope and year, as known at a position, on a map."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from services.reporting.cross_tables import By, rows_of, table_as_json
from services.reporting.scopes import naming_day, national, scope_of
from services.reporting.tallies import METRIC, NATURE, QUALIFIER
from services.reporting.tally.exact import from_thousandths
from services.reporting.views import ALLOCATED, APPROXIMATE, View
from shared.events.canonical import canonical
from shared.vocabulary import Flag, Measure, Qualifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.reporting.asof import AsOf
    from services.reporting.maps import Atlas, Snapshot
    from services.reporting.scopes import Scope
    from services.reporting.tallies import Tallies
    from shared.web.moments import MapChoice

RULES = 1
"""The version of the counting rules, which a digest names."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a summary is asked for; `unit_id` None is the nation."""

    unit_id: str | None
    plan_year: int
    programme: str
    map: MapChoice
    by: tuple[By, ...] = ()


class Summaries:
    """Answers questions from the tallies in memory."""

    def __init__(self, tallies: Tallies, atlas: Atlas) -> None:
        self._tallies = tallies
        self._atlas = atlas

    def summary(self, question: Question, as_of: AsOf) -> dict[str, Any]:
        """Return the contract's summary; a scope that is not on the map is 404."""
        answer = self._open(question, as_of)
        return answer.as_json()

    def digest(self, question: Question, as_of: AsOf) -> str:
        """Return the digest of a summary."""
        answer = self._open(question, as_of)
        return answer.digest(answer.measures())

    def _open(self, question: Question, as_of: AsOf) -> _Answer:
        snapshot = self._atlas.at(as_of.position)
        named_on = naming_day(question.map, question.plan_year)
        if question.unit_id is None:
            scope = national(question.map, snapshot, named_on)
        else:
            scope = scope_of(question.unit_id, question.map, snapshot, named_on)
        return _Answer(self._tallies, question, as_of, snapshot, scope)


@dataclass(frozen=True)
class _Answer:
    """One summary in the making."""

    tallies: Tallies
    question: Question
    as_of: AsOf
    snapshot: Snapshot
    scope: Scope

    def as_json(self) -> dict[str, Any]:
        question = self.question
        figures = self._scope_figures()
        measures = {str(measure): figures.get(measure, 0) for measure in Measure}
        return {
            "scope": self.scope.as_json(),
            "year": question.plan_year,
            "programme": question.programme,
            "map": question.map.stated,
            "known_at": self.as_of.as_json(),
            "measures": measures,
            "tables": [self._table(by) for by in question.by],
            "outcomes": self._outcomes(),
            "quality": {**self._quality(), "flags": _flags(figures)},
            "closing": None,
            "digest": self.digest(measures),
        }

    def measures(self) -> dict[str, int]:
        figures = self._scope_figures()
        return {str(measure): figures.get(measure, 0) for measure in Measure}

    def digest(self, measures: Mapping[str, int]) -> str:
        """Return SHA-256 over the canonical form of what a closing fixes."""
        stated = {
            "unit_id": self.scope.unit_id,
            "map": self.question.map.stated,
            "programme": self.question.programme,
            "year": self.question.plan_year,
            "position": self.as_of.position,
            "rules": RULES,
            "measures": dict(measures),
        }
        return f"sha256:{sha256(canonical(stated)).hexdigest()}"

    def _view(self, by: Iterable[str]) -> View:
        return View(
            snapshot=self.snapshot,
            day=self.question.map.day,
            scope=self.scope.unit_id,
            programme=self.question.programme,
            plan_year=self.question.plan_year,
            by=tuple(str(each) for each in by),
        )

    def _scope_figures(self) -> dict[str, int]:
        """Return measures and flags of the scope; flags of registrations and awards add up."""
        view, position = self._view(()), self.as_of.position
        total: dict[str, int] = {}
        for tally in (self.tallies.registrations, self.tallies.awards, self.tallies.inspections):
            for _, figures in tally.figures(view, position, position):
                for name, value in figures.items():
                    total[name] = total.get(name, 0) + value
        return total

    def _table(self, by: By) -> dict[str, Any]:
        position = self.as_of.position
        rows = rows_of(self.tallies, self._view, by, position, position)
        named_on = naming_day(self.question.map, self.question.plan_year)
        return table_as_json(by, rows, self._view(by), named_on)

    def _quality(self) -> dict[str, Any]:
        """Count what was carried to a common ancestor, and see what can only be approximate."""
        view = self._view((ALLOCATED, APPROXIMATE))
        unallocated, approximate = 0, False
        position = self.as_of.position
        for label, figures in self.tallies.registrations.figures(view, position, position):
            allocated, near = label
            registered = figures[Measure.REGISTERED]
            if not allocated:
                unallocated += registered
            approximate = approximate or bool(near and registered)
        return {"unallocated": unallocated, "approximate": approximate or unallocated > 0}

    def _outcomes(self) -> list[dict[str, Any]]:
        view = self._view((METRIC, NATURE, QUALIFIER))
        parts: dict[tuple[str, str], dict[str, int]] = {}
        position = self.as_of.position
        for label, count, total in self.tallies.outcomes.values(view, position, position):
            metric, nature, qualifier = label
            if count:
                parts.setdefault((metric, nature), {})[qualifier] = total
        return [
            {
                "metric": metric,
                "nature": nature,
                "value": from_thousandths(sum(by_qualifier.values())),
                "qualifier": joint_qualifier(by_qualifier),
            }
            for (metric, nature), by_qualifier in sorted(parts.items())
        ]


def joint_qualifier(parts: Iterable[str]) -> str:
    """Return the qualifier of a sum: exact only if every part is (events.md, Outcomes)."""
    present = set(parts)
    if Qualifier.APPROX in present:
        return Qualifier.APPROX.value
    return (Qualifier.MORE_THAN if Qualifier.MORE_THAN in present else Qualifier.EXACT).value


def _flags(figures: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"code": flag.value, "count": figures[flag]} for flag in Flag if figures.get(flag, 0) > 0
    ]
