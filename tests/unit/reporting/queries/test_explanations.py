"""Every figure can be explained: by the things it counts, and by the events that changed it."""

from typing import Any

import pytest

from services.reporting.queries.filters import Filters
from shared.errors import BrokenContract, NotFound
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.pagination import Page
from tests.support import unit_events as say
from tests.support.cloudevents import received
from tests.support.event_builders import (
    amended,
    discontinued,
    granted,
    of_award,
    recognized,
    registered,
    retracted,
    revoked,
    withdrawn,
)
from tests.support.figures_of_events import Projecting

Found = list[tuple[int, str, int]]


def _filters(
    projecting: Projecting, unit_id: str | None, year: int, map_: str, cell: dict[str, str | None]
) -> Filters:
    chosen = map_choice(map_, projecting.clock)
    return Filters(unit_id, year, DEFAULT_PROGRAMME, chosen, cell)


def explained(
    projecting: Projecting,
    measure: str,
    unit_id: str | None = None,
    *,
    year: int = 2022,
    map: str = "recorded",  # noqa: A002  the contract names it so
    known_at: int | None = None,
    page: Page | None = None,
    **cell: str | None,
) -> Any:
    """Return what `GET /explain` tells of a figure."""
    as_of = projecting.reads.as_of(None if known_at is None else str(known_at))
    filters = _filters(projecting, unit_id, year, map, cell)
    return projecting.reads.explain(filters, measure, as_of, page)


def changed(
    projecting: Projecting,
    measure: str,
    unit_id: str | None = None,
    *,
    since: int,
    year: int = 2022,
    map: str = "recorded",  # noqa: A002  the contract names it so
    **cell: str | None,
) -> tuple[int, int, Found]:
    """Return the figure before and after, and (position, type, change) of each event between."""
    reads, as_of = projecting.reads, projecting.reads.as_of()
    filters = _filters(projecting, unit_id, year, map, cell)
    found = reads.differ(filters, measure, reads.before(str(since), as_of), as_of)
    rows = [(each["position"], each["type"].split(".")[1], each["delta"]) for each in found.items]
    return found.before, found.after, rows


def _subjects(found: Any) -> list[str]:
    return [item["subject"] for item in found.items]


def test_a_figure_is_explained_by_the_things_it_counts_each_with_its_events(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        registered("2", unit_id="bk-2"),
        registered("3", unit_id="bk-1"),
        recognized("1", decision={"kind": "decision", "number": "07-QĐ/TU"}),
        withdrawn("3"),
    )
    found = explained(projecting, "registered")
    assert (found.figure, found.after) == (2, None)
    assert _subjects(found) == ["registration/r-1", "registration/r-2"]
    events = found.items[0]["events"]
    assert [(e["position"], e["type"]) for e in events] == [
        (7, "dvk.ModelRegistered.v1"),
        (10, "dvk.ModelRecognized.v1"),
    ]
    assert [e["decision"] for e in events] == [None, {"kind": "decision", "number": "07-QĐ/TU"}]
    assert _subjects(explained(projecting, "withdrawn")) == ["registration/r-3"]
    assert _subjects(explained(projecting, "recognized")) == ["registration/r-1"]


def test_what_is_explained_as_of_a_day_knows_nothing_of_later(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"), recognized("1"), revoked("1"))
    found = explained(projecting, "recognized", known_at=8)
    assert [e["position"] for e in found.items[0]["events"]] == [7, 8]
    assert explained(projecting, "recognized").figure == 0
    assert explained(projecting, "registered", known_at=6).figure == 0


def test_a_cell_is_explained_by_its_dimensions_and_an_empty_one_means_none(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", unit_id="bk-1", level="district"),
        registered("2", unit_id="bk-2"),
        registered("3", unit_id="bk"),
        registered("4", unit_id="tn-1"),
    )
    assert _subjects(explained(projecting, "registered", "bk", unit="bk-1")) == ["registration/r-1"]
    assert _subjects(explained(projecting, "registered", "bk", unit="bk")) == ["registration/r-3"]
    assert explained(projecting, "registered", "bk", unit=None).figure == 0
    assert _subjects(explained(projecting, "registered", level=None)) == [
        "registration/r-2",
        "registration/r-3",
        "registration/r-4",
    ]


def test_awards_and_discontinued_models_are_things_of_their_own(projecting: Projecting) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        discontinued("1", unit_id="bk-1"),
        granted("1", unit_id="bk-1"),
        granted("2", unit_id="bk-2"),
        of_award("AwardPresented", "1"),
        of_award("AwardRevoked", "2", reason="sai"),
    )
    assert _subjects(explained(projecting, "discontinued")) == ["model/m-1"]
    assert _subjects(explained(projecting, "awards_granted")) == ["award/a-1"]
    assert _subjects(explained(projecting, "awards_presented", award_form="giay_khen")) == [
        "award/a-1"
    ]
    assert _subjects(explained(projecting, "awards_revoked", "bk", unit="bk-2")) == ["award/a-2"]


def test_a_count_of_organisations_is_explained_by_organisations(projecting: Projecting) -> None:
    inspected = {"plan_year": 2022, "unit_id": "bk", "scopes": ["DVK"], "occurred_on": "2022-08-11"}
    projecting.given(
        registered("1", unit_id="bk-1", owner_org_id="o-1"),
        registered("2", unit_id="bk-2", owner_org_id="o-1"),
        registered("3", unit_id="bk-2", owner_org_id="o-2"),
        *(recognized(number) for number in "123"),
        received("InspectionConducted", {**inspected, "inspection_id": "i-1", "org_id": "o-1"}),
        received("InspectionConducted", {**inspected, "inspection_id": "i-1", "org_id": "o-1"}),
        received("InspectionConducted", {**inspected, "inspection_id": "i-1"}),
    )
    found = explained(projecting, "recognized_organizations")
    assert _subjects(found) == ["organization/o-1", "organization/o-2"]
    assert [e["position"] for e in found.items[0]["events"]] == [7, 8, 10, 11]
    found = explained(projecting, "inspected_units")
    assert _subjects(found) == ["organization/o-1", "unit/bk"]
    assert [[e["position"] for e in item["events"]] for item in found.items] == [[13, 14], [15]]


def test_a_flag_is_explained_like_a_measure(projecting: Projecting) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        recognized("1", decision={"kind": "decision"}),
        granted("1", unit_id="bk-1", decision={"kind": "decision"}),
    )
    found = explained(projecting, "decision_without_number")
    assert _subjects(found) == ["registration/r-1", "award/a-1"]


def test_pages_of_an_explanation_hold_every_thing_once(projecting: Projecting) -> None:
    projecting.given(*(registered(str(number), unit_id="bk-1") for number in range(7)))
    pages: list[list[str]] = []
    place: dict[str, Any] | None = None
    while not pages or place is not None:
        known_at = place["at"] if place else None
        found = explained(projecting, "registered", known_at=known_at, page=Page(3, place))
        assert found.figure == 7
        pages.append(_subjects(found))
        place = found.after
        projecting.given(registered(f"late-{len(pages)}", unit_id="bk-1"))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [subject for page in pages for subject in page] == [
        f"registration/r-{number}" for number in range(7)
    ]


def test_a_measure_has_no_cell_by_dimensions_of_the_other_kind(projecting: Projecting) -> None:
    for measure, cell in (
        ("registered", {"award_form": "giay_khen"}),
        ("awards_granted", {"field": "economy"}),
        ("inspected_units", {"field": "economy"}),
    ):
        with pytest.raises(BrokenContract) as error:
            explained(projecting, measure, **cell)
        assert error.value.problem.rule.code == "no_such_cell"


def test_what_changed_a_figure_is_named_event_by_event(projecting: Projecting) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        registered("2", unit_id="bk-2"),
        withdrawn("2"),
        amended("1", unit_id="tn-1"),
    )
    assert changed(projecting, "registered", since=0) == (
        0,
        1,
        [(7, "ModelRegistered", 1), (8, "ModelRegistered", 1), (9, "RegistrationWithdrawn", -1)],
    )
    assert changed(projecting, "registered", "bk", since=8) == (
        2,
        0,
        [(9, "RegistrationWithdrawn", -1), (10, "ModelAmended", -1)],
    )
    assert changed(projecting, "registered", "tn", since=8) == (0, 1, [(10, "ModelAmended", 1)])
    assert changed(projecting, "registered", "tn", since=10) == (1, 1, [])


def test_an_event_of_the_map_changes_what_was_counted_before_it(projecting: Projecting) -> None:
    projecting.given(
        *(registered(str(number), unit_id="bk-1") for number in range(3)),
        registered("9", unit_id="bk-2"),
        say.reorganized("m-1", "2022-06-01", {"bk-2": ["bk-1"]}),
        registered("8", unit_id="bk-2"),
    )
    assert changed(projecting, "registered", "bk-2", since=6, map="2023-01-01") == (
        0,
        5,
        [(10, "ModelRegistered", 1), (11, "UnitsReorganized", 3), (12, "ModelRegistered", 1)],
    )
    assert changed(projecting, "registered", "bk", since=6, map="2023-01-01")[2] == [
        (position, "ModelRegistered", 1) for position in (7, 8, 9, 10, 12)
    ]


def test_a_scope_that_was_not_yet_known_counted_nothing(projecting: Projecting) -> None:
    opened = say.opened("bk-3", "2010-01-01", "bk")
    projecting.given(opened, registered("1", unit_id="bk-3"))
    assert changed(projecting, "registered", "bk-3", since=2) == (0, 1, [(8, "ModelRegistered", 1)])
    with pytest.raises(NotFound):
        changed(projecting, "registered", "hn", since=2)


def test_one_organisation_more_is_one_event_however_many_models_it_has(
    projecting: Projecting,
) -> None:
    projecting.given(
        *(registered(number, unit_id="bk-1", owner_org_id="o-1") for number in "12"),
        *(recognized(number) for number in "12"),
        revoked("1"),
        revoked("2"),
    )
    assert changed(projecting, "recognized_organizations", since=0) == (
        0,
        0,
        [(9, "ModelRecognized", 1), (12, "RecognitionRevoked", -1)],
    )


def test_a_retraction_is_an_event_that_changes(projecting: Projecting) -> None:
    stopped = discontinued("1", unit_id="bk-1")
    projecting.given(registered("1", unit_id="bk-1"), stopped, retracted(stopped))
    assert changed(projecting, "discontinued", since=0)[2] == [
        (8, "ModelDiscontinued", 1),
        (9, "EventRetracted", -1),
    ]


def test_a_moment_after_the_one_asked_for_is_refused(projecting: Projecting) -> None:
    early = projecting.reads.as_of("2")
    with pytest.raises(BrokenContract) as error:
        projecting.reads.before("3", early)
    assert error.value.problem.rule.code == "since_after_known_at"


def test_a_map_that_is_loaded_late_names_the_events_that_matter(projecting: Projecting) -> None:
    # More events of the map in a row than are looked at one by one.
    before = [say.opened(f"x-{number}", "2010-01-01", "tn") for number in range(90)]
    after = [say.opened(f"y-{number}", "2010-01-01", "tn") for number in range(90)]
    merged = say.reorganized("m-1", "2022-06-01", {"bk-2": ["bk-1"]})
    projecting.given(registered("1", unit_id="bk-1"), *before, merged, *after)
    assert changed(projecting, "registered", "bk-2", since=7, map="2023-01-01") == (
        0,
        1,
        [(98, "UnitsReorganized", 1)],
    )
