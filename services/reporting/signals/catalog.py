"""The signals: the function and the columns of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.reporting.signals import (
    awards,
    documents,
    near_duplicates,
    registrations,
    silence,
    units,
    years_of_models,
)
from services.reporting.signals.found import SignalCode
from services.reporting.signals.registrations import REGISTRATION_ROW
from services.reporting.signals.rules import RULES
from shared.web.answers.csv_tables import ListTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.reporting.signals.found import Found
    from services.reporting.signals.limits import Limits
    from services.reporting.signals.material import Material
    from shared.errors import Language

_SHARES = ("part", "whole", "share")
_ROW_LABELS = frozenset({"unit_id", "owner_org_id"})


@dataclass(frozen=True)
class Signal:
    """One signal: its code, its function and its table.

    `deadline` names the deadline that the rule uses, if any.
    """

    code: SignalCode
    find: Callable[[Material], Found]
    table: ListTable
    deadline: str | None = None

    def says(self, limits: Limits, language: Language) -> str:
        """Return the rule in words, with the deadline and thresholds in force."""
        thresholds = limits.criteria.get(self.code, {})
        values = {
            name: f"{value * 100:g}%" if name in {"share", "likeness"} else f"{value:g}"
            for name, value in thresholds.items()
        }
        if language == "vi":
            values = {name: value.replace(".", ",") for name, value in values.items()}
        if self.deadline:
            day = limits.deadlines[self.deadline]
            values["deadline"] = day.strftime("%d/%m/%Y") if language == "vi" else day.isoformat()
        return RULES[self.code][0 if language == "vi" else 1].format(**values)

    def source(self, limits: Limits) -> str | None:
        """Return where the thresholds in force come from, in both languages; None: no threshold."""
        return limits.sources.get(self.code) or limits.sources.get(self.deadline or "")


_ALL = (
    Signal(
        SignalCode.PLAN_MISSING,
        documents.plan_missing,
        ListTable(
            ("org_id", "unit_id", "unit_name", "deadline", "days_late", "last_plan_year"),
            frozenset({"org_id", "unit_id"}),
        ),
        "plan",
    ),
    Signal(
        SignalCode.UNIT_SILENT,
        silence.unit_silent,
        ListTable(
            (
                "unit_id",
                "unit_name",
                "reason",
                "last_event_on",
                "days_silent",
                "registered_last_year",
            ),
            frozenset({"unit_id", "reason"}),
        ),
        "registration",
    ),
    Signal(
        SignalCode.TASK_UNLINKED,
        units.task_unlinked,
        ListTable(("unit_id", "unit_name", *_SHARES), frozenset({"unit_id"})),
    ),
    Signal(
        SignalCode.FIELD_CONCENTRATED,
        units.field_concentrated,
        ListTable(
            ("unit_id", "unit_name", "reason", "field_code", *_SHARES),
            frozenset({"unit_id", "reason", "field_code"}),
        ),
    ),
    Signal(
        SignalCode.PROMISE_THIN,
        registrations.promise_thin,
        ListTable((*REGISTRATION_ROW, "promised", "outcome_reported"), _ROW_LABELS),
        "outcome",
    ),
    Signal(
        SignalCode.NEAR_DUPLICATE,
        near_duplicates.near_duplicate,
        ListTable(
            (
                "reason",
                "registration_id",
                "title",
                "unit_id",
                "unit_name",
                "occurred_on",
                "other_registration_id",
                "other_title",
                "other_unit_id",
                "other_unit_name",
                "likeness",
                "days_between",
                "count",
            ),
            frozenset({"unit_id", "reason"}),
        ),
    ),
    Signal(
        SignalCode.RECOGNIZED_RATE,
        units.recognized_rate,
        ListTable(
            ("unit_id", "unit_name", "reason", *_SHARES, "peers", "median", "z"),
            frozenset({"unit_id", "reason"}),
        ),
    ),
    Signal(
        SignalCode.RECOGNIZED_UNINSPECTED,
        registrations.recognized_uninspected,
        ListTable(
            (*REGISTRATION_ROW, "recognized_on", "decision_number", "decided_by_org_id"),
            _ROW_LABELS | {"decided_by_org_id"},
        ),
    ),
    Signal(
        SignalCode.DECISION_WITHOUT_NUMBER,
        registrations.decision_without_number,
        ListTable(
            (
                "registration_id",
                "award_id",
                "title",
                "award_form",
                "unit_id",
                "unit_name",
                "occurred_on",
                "decided_by_org_id",
            ),
            frozenset({"unit_id", "award_form", "decided_by_org_id"}),
        ),
    ),
    Signal(
        SignalCode.NOT_SUSTAINED,
        years_of_models.not_sustained,
        ListTable(
            (*REGISTRATION_ROW, "plan_year", "tier", "recognized_on"), _ROW_LABELS | {"tier"}
        ),
        "registration",
    ),
    Signal(
        SignalCode.EXEMPLARY_UNREPLICATED,
        years_of_models.exemplary_unreplicated,
        ListTable(
            (*REGISTRATION_ROW, "plan_year", "tier", "recognized_on"), _ROW_LABELS | {"tier"}
        ),
    ),
    Signal(
        SignalCode.PROPOSAL_OVERDUE,
        awards.proposal_overdue,
        ListTable(
            (
                "award_id",
                "reason",
                "unit_id",
                "unit_name",
                "occurred_on",
                "days",
                "award_form",
                "grantor_org_id",
                "recipient_kind",
                "recipient_org_id",
            ),
            frozenset(
                {
                    "unit_id",
                    "reason",
                    "award_form",
                    "grantor_org_id",
                    "recipient_kind",
                    "recipient_org_id",
                }
            ),
        ),
    ),
    Signal(
        SignalCode.SUM_DIFFERS,
        documents.sum_differs,
        ListTable(
            (
                "figure_id",
                "unit_id",
                "unit_name",
                "period",
                "metric",
                "dimensions",
                "asserted",
                "log",
                "difference",
            ),
            frozenset({"unit_id", "metric", "period.kind", "asserted.qualifier"}),
            {"period": ("from", "to", "kind"), "asserted": ("value", "qualifier")},
        ),
    ),
)
SIGNALS: Mapping[SignalCode, Signal] = {each.code: each for each in _ALL}
