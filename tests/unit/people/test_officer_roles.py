"""A role holds in its unit and all below it, on today's map, from its first day to its last."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import date, datetime

import pytest

from shared.clock import HANOI, to_microseconds
from shared.errors import BrokenContract
from shared.eventlog.protocol import Head
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent
from shared.people.officer_roles import OfficerRoles, roles_of
from shared.people.tokens import new_officer_ref
from shared.people.units_of_things import units_of
from shared.territory import Territory
from shared.vocabulary import OfficerRole
from tests.support.cloudevents import received, registration
from tests.support.unit_events import moved, opened, opening, recorded, reorganized

REF = "o-" + "a" * 26
OLD, CHANGE = "2004-01-01", "2025-07-01"
LAND = [
    opened("vn", OLD, None),
    *(opened(province, OLD, level="province") for province in ("a", "b", "c")),
    *(opened(f"{province}-{n}", OLD, province) for province in "abc" for n in (1, 2)),
    reorganized("s-1", CHANGE, {"a": ["a", "c"]}),  # c becomes part of a
    reorganized("s-2", CHANGE, {"n": ["b-1"]}, opens=[opening("n", "b")]),
    reorganized("s-3", CHANGE, {"a-1": ["c-1"], "b-2": ["c-1"]}),
    moved("a-2", "2026-01-01", "b"),
]


def granted(
    role: str, unit_id: str, valid_from: str = OLD, valid_to: str | None = None
) -> ReceivedEvent:
    data = {"officer_ref": REF, "role": role, "unit_id": unit_id, "valid_from": valid_from}
    return received("RoleGranted", {**data, "valid_to": valid_to, "occurred_on": "2022-01-01"})


def ended(role: str, unit_id: str) -> ReceivedEvent:
    data = {"officer_ref": REF, "role": role, "unit_id": unit_id, "reason": "Nghỉ"}
    return received("RoleEnded", data)


class _Log:
    def __init__(self, events: Iterable[ReceivedEvent]) -> None:
        self.events = recorded(events)

    def streams(self, subjects: Iterable[str]) -> list[RecordedEvent]:
        wanted = set(subjects)
        return [e for e in self.events if e.subject in wanted or e.payload.linked() in wanted]

    def head(self) -> Head:
        last = self.events[-1]
        return Head(last.position, last.chain, last.recorded_us)

    def under(self, *prefixes: str, after: int = 0) -> list[RecordedEvent]:
        return [e for e in self.events if e.position > after and e.subject.startswith(prefixes)]


def officers(day: str, *events: ReceivedEvent) -> OfficerRoles:
    """Return the roles of a log, asked at the start of a day in Viet Nam."""
    land = Territory()
    land.fold(recorded(LAND))
    now = to_microseconds(datetime.combine(date.fromisoformat(day), datetime.min.time(), HANOI))
    return OfficerRoles(_Log(events), lambda: nullcontext(land), lambda: now)


@pytest.mark.parametrize(
    ("root", "day", "covered"),
    [
        ("vn", "2024-01-01", {"vn", "a", "b", "c", "a-1", "a-2", "b-1", "b-2", "c-1", "c-2"}),
        ("a", "2024-01-01", {"a", "a-1", "a-2"}),
        ("a", "2025-07-01", {"a", "c", "a-1", "a-2", "c-2"}),  # c-1 went to both a and b
        ("a", "2026-01-01", {"a", "c", "a-1", "c-2"}),  # a-2 went to b
        ("b", "2026-01-01", {"b", "b-1", "b-2", "n", "a-2"}),
        ("c", "2025-07-01", set()),  # c is no more
        ("a-1", "2024-01-01", {"a-1"}),
    ],
)
def test_a_role_covers_what_is_at_or_below_its_unit_today(
    root: str, day: str, covered: set[str]
) -> None:
    asked = officers(day, granted("reader", root))
    units = ["vn", "a", "b", "c", "a-1", "a-2", "b-1", "b-2", "c-1", "c-2", "n"]
    found = {unit for unit in units if asked.may(REF, [OfficerRole.READER], unit)}
    assert found - ({"n"} if day < CHANGE else set()) == covered


def test_the_country_is_what_is_asked_for_without_a_unit() -> None:
    assert officers("2024-01-01", granted("reader", "vn")).may(REF, [OfficerRole.READER], None)
    assert not officers("2024-01-01", granted("reader", "a")).may(REF, [OfficerRole.READER], None)
    assert not officers("2024-01-01", granted("reader", "vn")).may(REF, [OfficerRole.READER], "x")


@pytest.mark.parametrize(
    ("day", "held"),
    [("2024-02-29", False), ("2024-03-01", True), ("2024-03-31", True), ("2024-04-01", False)],
)
def test_a_role_is_held_from_its_first_day_to_the_day_before_its_end(day: str, held: bool) -> None:
    asked = officers(day, granted("clerk", "a", "2024-03-01", "2024-04-01"))
    assert asked.may(REF, [OfficerRole.CLERK], "a") is held


def test_a_later_grant_replaces_and_an_end_ends_that_role_in_that_unit_only() -> None:
    roles = [
        granted("clerk", "a", "2030-01-01"),
        granted("clerk", "a"),
        granted("clerk", "b"),
        granted("reader", "a"),
        ended("clerk", "a"),
        ended("operator", "a"),  # was never held: nothing happens
    ]
    held = officers("2024-01-01", *roles).held(REF)
    assert [(each.role, each.unit_id) for each in held] == [("clerk", "b"), ("reader", "a")]
    before = roles_of(recorded(roles[:2])).on(date(2024, 1, 1))
    assert [(each.role, each.unit_id) for each in before] == [("clerk", "a")]


def test_another_role_does_not_help() -> None:
    asked = officers("2024-01-01", granted("reader", "vn"))
    assert not asked.may(REF, [OfficerRole.CLERK, OfficerRole.OPERATOR], "a")
    assert not asked.may(new_officer_ref(), [OfficerRole.READER], "a")


def test_the_digest_changes_with_an_event_and_with_a_day_and_not_otherwise() -> None:
    grant = granted("clerk", "a", "2024-03-01", "2024-04-01")
    digests = [
        officers(day, grant).digest(REF)
        for day in ("2024-02-01", "2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01")
    ]
    assert digests[0] == digests[1] != digests[2] == digests[3] != digests[4]
    assert officers("2024-02-01", grant, ended("reader", "a")).digest(REF) != digests[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"officer_ref": "Lan"},
        {"officer_ref": "o-" + "A" * 26},
        {"officer_ref": "001085012345"},
        {"role": "king"},
        {"valid_to": OLD},
        {"unit_id": None},
    ],
)
def test_a_role_of_another_form_is_refused(wrong: dict[str, str | None]) -> None:
    data = {"officer_ref": REF, "role": "clerk", "unit_id": "a", "valid_from": OLD, **wrong}
    with pytest.raises(BrokenContract):
        received("RoleGranted", data, subject=f"officer/{data['officer_ref']}")


def test_a_reference_to_an_officer_is_random_and_has_its_form() -> None:
    made = {new_officer_ref() for _ in range(1_000)}
    assert len(made) == 1_000
    for each in made:
        data = {"officer_ref": each, "role": "clerk", "unit_id": "a", "valid_from": OLD}
        received("RoleGranted", data)


def test_the_units_of_a_model_are_those_of_its_registrations_as_amended() -> None:
    amended = {"registration_id": "r-1", "reason": "Nhầm đơn vị", "changes": {"unit_id": "b-1"}}
    second = registration("2", "c-1", model_id="m-1", plan_year=2023)
    log = _Log(
        [
            received("ModelRegistered", registration("1", "a-1")),
            received("ModelRegistered", second),
            received("ModelAmended", amended),
        ]
    )
    assert units_of(log, "model", "m-1") == ["b-1", "c-1"]
    assert units_of(log, "model", "m-2") == []


OTHER = "o-" + "b" * 26


def to_other(role: str, unit_id: str, **days: str) -> ReceivedEvent:
    data = {"officer_ref": OTHER, "role": role, "unit_id": unit_id, "valid_from": OLD, **days}
    return received("RoleGranted", data)


@pytest.mark.parametrize(
    ("unit_id", "held"), [("a", True), ("a-1", True), ("b", False), (None, False), ("x", False)]
)
def test_a_role_is_held_over_a_unit_by_any_officer(unit_id: str | None, held: bool) -> None:
    asked = officers("2024-01-01", granted("reader", "vn"), to_other("approver", "a"))
    assert asked.is_held([OfficerRole.APPROVER], unit_id) is held


def test_a_role_is_held_by_one_officer_over_all_that_a_unit_became() -> None:
    halves = [granted("approver", "a-1"), to_other("approver", "b-2")]  # c-1 went to both
    assert not officers("2026-01-01", *halves).is_held([OfficerRole.APPROVER], "c-1")
    whole = [*halves, to_other("approver", "a-1")]
    assert officers("2026-01-01", *whole).is_held([OfficerRole.APPROVER], "c-1")


def test_what_is_granted_and_ended_later_is_read_on_from_there() -> None:
    log = _Log([granted("approver", "a")])
    events, log.events = recorded([granted("approver", "a"), ended("approver", "a")]), log.events
    land = Territory()
    land.fold(recorded(LAND))
    now = to_microseconds(datetime(2024, 1, 1, tzinfo=HANOI))
    asked = OfficerRoles(log, lambda: nullcontext(land), lambda: now)
    assert asked.is_held([OfficerRole.APPROVER], "a")
    log.events = events
    assert not asked.is_held([OfficerRole.APPROVER], "a")
    log.events = recorded(
        [*(granted("approver", "a"), ended("approver", "a")), granted("approver", "vn")]
    )
    assert asked.is_held([OfficerRole.APPROVER], "b")
    assert [each.held.unit_id for each in asked.records_under(None)] == ["a", "vn"]


def test_the_records_of_a_unit_have_what_was_replaced_and_what_ended() -> None:
    asked = officers(
        "2026-01-01",
        granted("clerk", "a", "2030-01-01"),
        granted("clerk", "a"),
        to_other("reader", "c-2"),  # c became part of a
        to_other("reader", "b-2"),
        ended("clerk", "a"),
    )
    found = [
        (each.officer_ref, each.held.unit_id, each.granted_at, each.ended_at, each.reason)
        for each in asked.records_under("a")
    ]
    assert found == [
        (REF, "a", 1, 2, None),
        (REF, "a", 2, 5, "Nghỉ"),
        (OTHER, "c-2", 3, None, None),
    ]
    assert len(asked.records_under(None)) == 4
