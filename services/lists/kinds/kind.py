"""Kinds of list: one declaration each, shared by reading, templates, checks and sending."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.lists.reading.columns import ColumnSpec, ValueKind
from services.lists.reading.days import ReadDay

Data = dict[str, Any]
"""The data of an event, as JSON has it."""


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of a kind of list.

    `names` says of what a text is the name: "unit", "organization", "registration", or the column
    of codes ("field", "owner_kind", ...). `field` is the field of the event that takes the value
    as it is; a column without one is used by the kind's `events`.
    """

    spec: ColumnSpec
    names: str | None = None
    field: str | None = None
    width: int = 16
    guidance: str = ""
    also: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further words of the column, each with the code that it means here."""
    in_template: bool = True
    """Our templates have it; one that only offices have is read and not offered."""

    @property
    def key(self) -> str:
        """Return the key of the column."""
        return self.spec.key


@dataclass(frozen=True, slots=True)
class ListScope:
    """To what a list belongs: its unit, its year, and the day that it bears."""

    unit_id: str
    plan_year: int
    list_day: date | None = None
    is_first_year: bool = False
    """The ledger has no registrations of the year before, so maintained models come as legacy."""

    def occurred(self, day: object = None) -> Data:
        """Return when a row's fact happened: its own day, that of the list, or just the year."""
        if isinstance(day, ReadDay):
            precision = {} if day.precision == "day" else {"occurred_precision": day.precision}
            return {"occurred_on": day.day.isoformat(), **precision}
        if self.list_day is not None:
            return {"occurred_on": self.list_day.isoformat()}
        return {"occurred_on": f"{self.plan_year}-01-01", "occurred_precision": "year"}


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row whose words are matched: values by column, ids and codes where the column has names."""

    number: int
    values: Mapping[str, Any]
    scope: ListScope
    organization_names: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def get(self, key: str) -> Any:  # noqa: ANN401  text, number, day or truth, by its column
        """Return the value of a column, None where the cell is empty."""
        return self.values.get(key)

    def document(self, kind: str, number: str, day: str, issuer: str | None = None) -> Data | None:
        """Return the document that a row names by number and day, None where it names none."""
        stated = self.get(day)
        signed_on = stated.day.isoformat() if isinstance(stated, ReadDay) else None
        named = {"number": self.get(number), "signed_on": signed_on}
        found = {name: value for name, value in named.items() if value}
        if not found:
            return None
        issued = {"issuer_org_id": self.get(issuer)} if issuer and self.get(issuer) else {}
        return {"kind": kind, **found, **issued}

    def fields(self, columns: Sequence[ListColumn]) -> Data:
        """Return the values of the columns that are fields of the event, as JSON has them."""
        return {
            column.field: as_json(self.values[column.key])
            for column in columns
            if column.field and self.values.get(column.key) is not None
        }


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event of a row before it has an id: its name and its data."""

    name: str
    data: Data

    @property
    def subject(self) -> str:
        """Return the stream of the event."""
        kind, key = _SUBJECTS[self.name]
        if self.name == "PlanIssued":
            return f"plan/{self.data['org_id']}.{self.data['plan_year']}"
        return f"{kind}/{self.data.get(key)}"


_LINES = {"situation", "objectives", "activities", "outputs", "sustainability", "evidence"}
"""Fields whose texts keep their lines."""

_SUBJECTS: Mapping[str, tuple[str, str]] = {
    "OrganizationDefined": ("organization", "org_id"),
    "ModelRegistered": ("registration", "registration_id"),
    "ModelAmended": ("registration", "registration_id"),
    "EligibilityAssessed": ("registration", "registration_id"),
    "ModelEvaluated": ("registration", "registration_id"),
    "ReviewSessionHeld": ("session", "session_id"),
    "ModelRecognized": ("registration", "registration_id"),
    "RecognitionDeclined": ("registration", "registration_id"),
    "AwardProposed": ("award", "award_id"),
    "AwardGranted": ("award", "award_id"),
    "AwardPresented": ("award", "award_id"),
    "OutcomeReported": ("outcome", "outcome_id"),
    "PlanIssued": ("plan", "org_id"),
    "InspectionPlanned": ("inspection", "inspection_id"),
    "InspectionConducted": ("inspection", "inspection_id"),
    "FigureAsserted": ("figure", "figure_id"),
}
"""The stream of each event that lists become: its kind, and the field with its id."""


@dataclass(frozen=True, slots=True)
class ListKind:
    """A kind of list; `events` turns a matched row into the events that say it.

    `identity` names the id that the annotated copy gives back for a row, a field of the data.
    """

    name: str
    number: str
    title: tuple[str, str]
    columns: tuple[ListColumn, ...]
    events: Callable[[MatchedRow], Sequence[EventDraft]]
    identity: str
    one_of: tuple[tuple[str, ...], ...] = ()
    """Of each group of columns a row must fill at least one."""

    def column(self, key: str) -> ListColumn:
        """Return a column by its key."""
        return next(column for column in self.columns if column.key == key)


def as_json(value: Any) -> Any:  # noqa: ANN401  JSON has any shape
    """Return a cell's value as JSON has it."""
    match value:
        case ReadDay(day=day):
            return day.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case _:
            return value


def text(
    key: str,
    *headings: str,
    required: bool = False,
    names: str | None = None,
    field: str | None = None,
    fills_down: bool = False,
    width: int = 16,
    guidance: str = "",
    also: Mapping[str, str] | None = None,
    from_subheadings: bool = False,
    is_title: bool = False,
    is_person: bool = False,
) -> ListColumn:
    """Return a column of text."""
    spec = ColumnSpec(
        key,
        headings,
        required=required,
        fills_down=fills_down,
        from_subheadings=from_subheadings,
        is_title=is_title,
        is_person=is_person,
        many_lines=field in _LINES,
    )
    return ListColumn(spec, names, field, width, guidance, also or {})


def day(
    key: str, *headings: str, required: bool = False, field: str | None = None, guidance: str = ""
) -> ListColumn:
    """Return a column of days."""
    spec = ColumnSpec(key, headings, required=required, value=ValueKind.DAY)
    return ListColumn(spec, None, field, 12, guidance)


def number(
    key: str, *headings: str, required: bool = False, field: str | None = None, guidance: str = ""
) -> ListColumn:
    """Return a column of numbers."""
    spec = ColumnSpec(key, headings, required=required, value=ValueKind.NUMBER)
    return ListColumn(spec, None, field, 10, guidance)


def amounts(key: str, *headings: str, guidance: str = "") -> ListColumn:
    """Return a column of one or several numbers with their units."""
    spec = ColumnSpec(key, headings, required=True, value=ValueKind.NUMBERS, takes_unit=True)
    return ListColumn(spec, None, None, 16, guidance)


def document(key: str, *headings: str) -> ListColumn:
    """Return a column of offices with a document's number and day, which ours have apart.

    It is read as the columns `<key>_number` and `<key>_day`.
    """
    spec = ColumnSpec(key, headings, value=ValueKind.DOCUMENT)
    return ListColumn(spec, in_template=False)


def yes_no(key: str, *headings: str, required: bool = False, guidance: str = "") -> ListColumn:
    """Return a column of yes and no."""
    spec = ColumnSpec(key, headings, required=required, value=ValueKind.YES_NO)
    return ListColumn(spec, None, None, 10, guidance)
