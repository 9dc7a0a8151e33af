"""In a row of unit events, however long, each that moves a figure is named, its reverse too."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.queries.explaining import cell_changes
from shared.appending.decider import NotLoaded
from tests.support.cloudevents import unit
from tests.support.event_builders import registered
from tests.support.figures_of_events import Projecting
from tests.support.random_maps import Intent, build, intents
from tests.support.random_years import lived
from tests.support.scenarios import History
from tests.support.unit_events import closed, moved, opening, reorganized, retracted
from tests.unit.reporting.queries.test_any_figure_is_explained import explained_throughout


@pytest.fixture(autouse=True, scope="module")
def every_row_is_long() -> Iterator[None]:
    """Let no row be short enough to look at everything after each of its events."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_changes, "ONE_BY_ONE", 0)
        yield


@settings(max_examples=10, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32))
def test_every_change_in_a_row_is_explained(tried: Sequence[Intent], seed: int) -> None:
    explained_throughout(_with_a_row(tried, seed), seed)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=300, deadline=None)
@given(tried=intents, seed=st.integers(0, 2**32))
def test_every_change_in_the_rows_of_hundreds_of_histories_is_explained(
    tried: Sequence[Intent], seed: int
) -> None:
    explained_throughout(_with_a_row(tried, seed), seed)


def _with_a_row(tried: Sequence[Intent], seed: int) -> History:
    """Live a year on the first half of a map, then record the other half in a row."""
    events = build(tried).events
    half = len(events) // 2
    history = lived(events[:half], seed, facts_each=8)
    for event in events[half:]:
        try:
            accepted = history.when(event).accepted
        except NotLoaded:
            continue
        if accepted:
            history.record(event)
    return history


def _changes(projecting: Projecting, since: int, **cell: str | None) -> list[tuple[int, int]]:
    reads, as_of = projecting.reads, projecting.reads.as_of()
    asked = projecting.filters(unit_id="bk", year=2022, map="2022-12-31", **cell)
    found = reads.differ(asked, "registered", reads.before(str(since), as_of), as_of)
    assert sum(each["delta"] for each in found.items) == found.after - found.before
    return [(each["position"], each["delta"]) for each in found.items]


def test_an_event_and_its_reverse_are_named_in_a_row_of_a_hundred(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    out, back = moved("bk-1", "2022-06-01", "tn"), moved("bk-1", "2022-06-01", "bk")
    others = [unit(f"x-{n}", "tn", "commune") for n in range(100)]
    projecting.given(*others[:50], out, *others[50:], back)
    assert _changes(projecting, 7) == [(58, -1), (109, 1)]


def test_a_closing_that_is_taken_back_is_named_with_its_retraction(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    end = closed("bk-1", "2022-06-01")
    projecting.given(end, *(unit(f"x-{n}", "tn", "commune") for n in range(40)), retracted(end))
    assert _changes(projecting, 7, unit="bk-1") == [(8, -1), (49, 1)]
    assert _changes(projecting, 7) == []


def test_what_stands_under_a_closed_unit_may_move_its_figures(projecting: Projecting) -> None:
    """A closed unit lies where its children lie, so an event of a child is an event of it."""
    projecting.given(unit("bk-1-a", "bk-1", "commune"), registered("1", unit_id="bk-1"))
    projecting.given(closed("bk-1", "2022-06-01"), moved("bk-1-a", "2022-06-01", "tn"))
    assert _changes(projecting, 8) == [(10, -1)]


def test_a_unit_that_stood_under_a_closed_one_is_told_of_later(projecting: Projecting) -> None:
    """It stood there on the last day, so what was counted at the closed unit lies in it."""
    projecting.given(unit("x", "tn", "commune"), registered("1", unit_id="bk-1"))
    projecting.given(closed("bk-1", "2022-06-01"), moved("x", "2022-05-01", "bk-1"))
    assert _changes(projecting, 8, unit="x") == [(10, 1)]
    assert _changes(projecting, 8) == []


def test_what_has_moved_is_followed_to_where_it_lies_now(projecting: Projecting) -> None:
    """The second event names the first one's target, and not the unit of the registration."""
    projecting.given(registered("1", unit_id="bk-1"))
    projecting.given(
        reorganized("re-1", "2022-06-01", {"n-1": ["bk-1"]}, opens=[opening("n-1", "bk")]),
        reorganized("re-2", "2022-07-01", {"n-2": ["n-1"]}, opens=[opening("n-2", "tn")]),
    )
    assert _changes(projecting, 7) == [(9, -1)]


def test_a_scope_that_is_taken_apart_loses_its_figures_at_that_event(
    projecting: Projecting,
) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    merged = reorganized("re-1", "2022-06-01", {"tn": ["bk", "tn"]})
    projecting.given(merged)
    reads, as_of = projecting.reads, projecting.reads.as_of()
    asked = projecting.filters(unit_id="tn", year=2022, map="2022-12-31")
    found = reads.differ(asked, "registered", reads.before("7", as_of), as_of)
    assert [(each["position"], each["delta"]) for each in found.items] == [(8, 1)]
