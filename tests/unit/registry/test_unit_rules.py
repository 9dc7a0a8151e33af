"""events.md, Accepting: the rows of the unit events, and what may be taken back of the map."""

from collections.abc import Sequence

import pytest

from services.registry.domain.units import breaks_map, breaks_map_without
from shared.events.envelope import ReceivedEvent
from shared.territory import Territory
from tests.support.unit_events import (
    closed,
    divided,
    merged,
    moved,
    opened,
    opening,
    recorded,
    renamed,
    reorganized,
    retracted,
    territory_of,
)

DAY = "2025-07-01"
MAP = [
    opened("vn", "2004-01-01", None),
    opened("a", "2004-01-01"),
    opened("b", "2004-01-01"),
    opened("a1", "2004-01-01", "a"),
    opened("gone", "2004-01-01"),
    closed("gone", "2010-01-01"),
]


def code_of(event: ReceivedEvent, *history: ReceivedEvent) -> str | None:
    """Return the code of the rule that an event breaks after the map above and a history."""
    problem = breaks_map(event, territory_of(*MAP, *history))
    if problem is None:
        return None
    # Both sentences name what they speak of: a dash would stand for something left out.
    assert all("—" not in problem.rule.words(lang, problem.params) for lang in ("vi", "en"))
    return problem.rule.code


def code_without(taken: ReceivedEvent, history: Sequence[ReceivedEvent]) -> str | None:
    """Return the code of the refusal to take an event out of the map above and a history."""
    log = recorded([*MAP, *history])
    territory = Territory()
    territory.fold(log)
    event = next(each for each in log if each.key == taken.key)
    problem = breaks_map_without(event, territory)
    return problem.rule.code if problem else None


def test_a_unit_is_opened_once_even_after_it_has_ended() -> None:
    assert code_of(opened("new", DAY)) is None
    assert code_of(opened("a", DAY)) == "unit_exists"
    assert code_of(opened("gone", DAY)) == "unit_exists"


def test_a_unit_whose_opening_was_retracted_may_be_opened_again() -> None:
    mistake = opened("new", DAY, "b")
    assert code_of(opened("new", DAY, "a"), mistake, retracted(mistake)) is None


def test_there_is_one_country() -> None:
    assert code_of(opened("vn-2", DAY, None)) == "second_country"
    second = reorganized("r", DAY, {"vn-2": ["a"]}, opens=[opening("vn-2", None)])
    assert code_of(second) == "second_country"


@pytest.mark.parametrize(
    ("day", "code"),
    [("2003-12-31", "parent_missing"), ("2004-01-01", None), ("2009-12-31", None),
     ("2010-01-01", "parent_missing")],
)  # fmt: skip
def test_the_parent_exists_on_the_day_of_the_opening(day: str, code: str | None) -> None:
    assert code_of(opened("new", day, "gone")) == code


@pytest.mark.parametrize(
    ("day", "code"),
    [("2003-12-31", "unit_missing_on_day"), ("2004-01-01", None), ("2009-12-31", None),
     ("2010-01-01", None), ("2010-01-02", "unit_missing_on_day")],
)  # fmt: skip
def test_a_unit_is_renamed_or_moved_while_it_exists_or_on_the_day_it_ends(
    day: str, code: str | None
) -> None:
    assert code_of(renamed("gone", day, "Tên mới")) == code
    assert code_of(moved("gone", day, "vn")) == (code if day >= "2004" else "unit_missing_on_day")


def test_a_unit_is_moved_under_one_that_exists() -> None:
    assert code_of(moved("a1", DAY, "b")) is None
    assert code_of(moved("a1", DAY, "gone")) == "parent_missing"


def test_a_move_makes_no_circle() -> None:
    assert code_of(moved("a", DAY, "a1")) == "circle"
    assert code_of(moved("a", DAY, "a")) == "circle"
    assert code_of(moved("vn", DAY, "a1")) == "circle"


def test_a_late_move_makes_no_circle_on_any_later_day() -> None:
    # On its own day nothing is wrong; from 2026 on each would stand under the other.
    assert code_of(moved("a", DAY, "b"), moved("b", "2026-01-01", "a1")) == "circle"


def test_a_move_makes_no_circle_through_what_took_the_place_of_a_unit() -> None:
    assert code_of(moved("ab", "2026-01-01", "a1"), merged(DAY, ["a", "b"], "ab")) == "circle"


def test_a_unit_is_closed_once_and_the_country_never() -> None:
    assert code_of(closed("a1", DAY)) is None
    assert code_of(closed("gone", "2009-01-01")) == "already_ended"
    assert code_of(closed("gone", DAY)) == "already_ended"
    assert code_of(closed("a1", "2003-12-31")) == "unit_missing_on_day"
    assert code_of(closed("vn", DAY)) == "country_closed"


def test_the_country_does_not_end_by_a_reorganization_either() -> None:
    assert code_of(reorganized("r", DAY, {"a": ["vn"], "b": ["vn"]})) == "country_closed"


def test_a_late_move_puts_no_unit_into_itself() -> None:
    # `p` lies in its children of its last day; `child` was none of them and ended in `p`.
    apart = [opened("p", "2004-01-01"), opened("child", "2004-01-01")]
    ends = [closed("p", DAY), reorganized("r", DAY, {"p": ["child"]})]
    assert code_of(moved("child", DAY, "a"), *apart, *ends) is None
    assert code_of(moved("child", "2020-01-01", "p"), *apart, *ends) == "circle"


def test_a_reorganization_is_recorded_once() -> None:
    first = reorganized("r", DAY, {"n1": ["a"]}, opens=[opening("n1", "vn")])
    again = reorganized("r", DAY, {"n2": ["b"]}, opens=[opening("n2", "vn")])
    assert code_of(again) is None
    assert code_of(again, first) == "reorganization_exists"
    assert code_of(again, first, retracted(first)) is None


def test_sources_exist_on_the_day_before() -> None:
    assert (
        code_of(
            merged("2010-01-01", ["gone", "a"], "n"),
        )
        == "already_ended"
    )
    assert code_of(merged("2010-01-02", ["gone", "a"], "n")) == "source_missing"
    assert code_of(merged("2004-01-01", ["a", "b"], "n")) == "source_missing"
    assert code_of(merged("2004-01-02", ["a", "b"], "n")) is None


def test_no_source_ends_twice() -> None:
    assert code_of(merged("2009-01-01", ["gone", "a"], "n")) == "already_ended"
    later = merged(DAY, ["a", "b"], "ab")
    assert code_of(divided("2020-01-01", "a", "n1", "n2"), later) == "already_ended"
    assert code_of(divided("2020-01-01", "a", "a", "n2"), later) is None


def test_targets_exist_or_are_opened_with_it() -> None:
    assert code_of(reorganized("r", DAY, {"b": ["a1"]})) is None
    assert code_of(reorganized("r", "2010-01-01", {"gone": ["a1"]})) is None
    assert code_of(reorganized("r", DAY, {"gone": ["a1"]})) == "unit_missing_on_day"
    again = reorganized("r", DAY, {"gone": ["a1"]}, opens=[opening("gone", "vn")])
    assert code_of(again) == "unit_exists"


def test_every_source_stands_in_some_target() -> None:
    event = reorganized("r", DAY, {"b": ["a1"]}, sources=["a1", "a"])
    assert code_of(event) == "source_without_target"


def test_what_is_opened_stands_under_what_exists_or_is_opened_with_it() -> None:
    beside = [opening("n", "vn"), opening("n1", "n")]
    assert code_of(reorganized("r", DAY, {"n": ["a"], "n1": ["a1"]}, opens=beside)) is None
    under_gone = reorganized("r", DAY, {"n": ["a"]}, opens=[opening("n", "gone")])
    assert code_of(under_gone) == "parent_missing"
    under_ending = reorganized("r", DAY, {"n": ["a"]}, opens=[opening("n", "a")])
    assert code_of(under_ending) == "parent_missing"


def test_a_reorganization_makes_no_circle() -> None:
    each_other = [opening("n1", "n2"), opening("n2", "n1")]
    circle = reorganized("r", DAY, {"n1": ["a"], "n2": ["b"]}, opens=each_other)
    assert code_of(circle) == "circle"
    assert code_of(reorganized("r", DAY, {"a1": ["a"]})) == "circle"
    into_one_another = reorganized("r", DAY, {"a": ["b"]})
    assert code_of(into_one_another, reorganized("s", DAY, {"b": ["a"]})) == "circle"


def test_the_unit_concerned_exists_too() -> None:
    assert code_of(reorganized("r", DAY, {"b": ["a1"]}, unit_id="vn")) is None
    concerned = reorganized("r", DAY, {"b": ["a1"]}, unit_id="gone")
    assert code_of(concerned) == "unit_missing_on_day"


def test_the_opening_of_a_unit_that_another_event_of_the_map_names_is_not_taken_back() -> None:
    new = opened("new", "2020-01-01")
    dependents = [
        opened("child", DAY, "new"),
        renamed("new", DAY, "Tên mới"),
        moved("new", DAY, "a"),
        moved("a1", DAY, "new"),
        closed("new", DAY),
        merged(DAY, ["new", "a"], "n"),
        reorganized("r", DAY, {"new": ["a1"]}),
    ]
    assert code_without(new, [new]) is None
    for dependent in dependents:
        assert code_without(new, [new, dependent]) == "map_needs_event"
        assert code_without(new, [new, dependent, retracted(dependent)]) is None


def test_a_reorganization_is_taken_back_while_nothing_names_what_it_opened() -> None:
    merger = merged(DAY, ["a", "b"], "ab")
    assert code_without(merger, [merger]) is None
    assert code_without(merger, [merger, renamed("ab", DAY, "Tên mới")]) == "map_needs_event"


def test_an_end_or_a_name_can_always_be_taken_back() -> None:
    end, name = closed("a1", DAY), renamed("a1", DAY, "Tên mới")
    assert code_without(end, [end, name]) is None
    assert code_without(name, [name, end]) is None


def test_a_move_is_not_taken_back_when_that_would_close_a_circle() -> None:
    away, under = moved("a1", "2020-01-01", "b"), moved("a", DAY, "a1")
    assert code_without(away, [away, under]) == "map_needs_event"
    assert code_without(away, [away, moved("b", DAY, "a")]) is None


def test_a_merger_is_not_taken_back_when_that_would_close_a_circle() -> None:
    # a1 took the place of x, so `a` could go under what stood under x; without it x is in `a`.
    history = [opened("x", "2004-01-01", "a"), opened("below", "2004-01-01", "x")]
    merger = reorganized("r", "2020-01-01", {"b": ["x"]})
    under = moved("a", DAY, "below")
    assert code_without(merger, [*history, merger, under]) == "map_needs_event"
    assert code_without(merger, [*history, merger]) is None


def test_a_move_is_not_taken_back_when_a_unit_would_then_lie_in_itself() -> None:
    # `p` is closed and lies in its children of the last day; one of them was moved away before,
    # and ended in `p` on that very day.
    history = [opened("p", "2004-01-01"), opened("child", "2004-01-01", "p")]
    away = moved("child", "2020-01-01", "b")
    end = [closed("p", DAY), reorganized("r", DAY, {"p": ["child"]})]
    assert code_without(away, [*history, away, *end]) == "map_needs_event"
    assert code_of(end[1], *history, end[0]) == "circle"
