"""The views of `dvk_read` hold what the lists answer, on both databases and after every swap."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from services.console.datasets.sample import sample_events
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import SummaryQuery
from services.reporting.queries.filters import Filters
from services.reporting.reading.schema import write_views
from shared.clock import system_clock
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import map_choice
from tests.support.cloudevents import country, received, registration, unit
from tests.support.databases import new_database
from tests.support.reading_views import LISTS, asked_of, listed, rows_of
from tests.support.rebuildable_ledger import Rebuilding, maker, record
from tests.support.sample_ledger import CITY
from tests.support.sample_ledger import received as sampled
from tests.support.scenarios import History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORDED = Filters(None, None, None, map_choice("recorded", system_clock))
BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def _agree(ledger: Rebuilding) -> dict[str, int]:
    """Compare every view with its list; return the number of rows of each."""
    numbers = {}
    for view, name in LISTS.items():
        rows = rows_of(ledger.store.url, view)
        assert rows == listed(ledger.reads, name, RECORDED), view
        numbers[view] = len(rows)
    return numbers


def _further() -> list[Any]:
    """Return events of the lists that are empty in the sample: a plan, and a succession."""
    day = {"occurred_on": "2022-02-15"}
    plan = {"org_id": "bk-058-bcd", "plan_year": 2022, "unit_id": CITY, **day}
    merged = {
        "predecessors": ["bk-058-org-03", "bk-058-org-01", "not-defined"],
        "successor": "bk-058-org-02",
        **day,
    }
    return [
        received("PlanIssued", {**plan, "document": {"kind": "kế hoạch", "number": "12-KH/BCĐ"}}),
        received("OrganizationSucceeded", merged),
    ]


@pytest.fixture(scope="module", params=BOTH)
def sample(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rebuilding]:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('reading') / 'r.db'}"
        if request.param == "postgres":
            url = stack.enter_context(new_database(request.getfixturevalue("postgres_url")))
        ledger = Rebuilding(url, History().given(*map(sampled, sample_events()), *_further()))
        stack.callback(ledger.store.close)
        yield ledger.project()


def test_every_view_equals_its_list_row_by_row(sample: Rebuilding) -> None:
    numbers = _agree(sample)
    # The others are in the random history below.
    views = {"registration", "organization", "figure", "plan", "review", "inspection"}
    assert {view for view, number in numbers.items() if number} == views
    merged = "SELECT predecessors FROM dvk_read.organization WHERE org_id = 'bk-058-org-02'"
    assert asked_of(sample.store.url, merged) == [
        {"predecessors": "bk-058-org-01 bk-058-org-03 not-defined"}
    ]


def test_the_lists_of_a_random_history_are_in_the_views(ledger: Rebuilding) -> None:
    numbers = _agree(ledger.project())
    assert {view for view, number in numbers.items() if number} >= {
        "registration",
        "replication",
        "award",
        "outcome",
        "proposal",
        "commendation",
    }


def test_a_view_of_the_present_follows_the_log(ledger: Rebuilding) -> None:
    (before,) = asked_of(ledger.project().store.url, "SELECT position FROM dvk_read.projection")
    record(ledger, 1)
    ledger.project()
    (after,) = asked_of(ledger.store.url, "SELECT position FROM dvk_read.projection")
    assert after["position"] == before["position"] + 1 == ledger.projection.position
    named = "SELECT name FROM dvk_read.unit WHERE unit_id = 'more-1'"
    assert asked_of(ledger.store.url, named) == [{"name": "Xã Bình Văn"}]


def _merged_provinces() -> History:
    """Return two provinces with a commune each, registrations in both, and the merger of 2025."""
    opened = {"occurred_on": "2004-01-01"}
    province, commune = {"level": "province", **opened}, {"level": "commune", **opened}
    targets = [
        {"unit_id": "p-3", "from": [{"unit_id": e, "share": "whole"} for e in ("p-1", "p-2")]}
    ]
    merger = {
        "reorganization_id": "s-1",
        "occurred_on": "2025-07-01",
        "sources": ["p-1", "p-2"],
        "targets": targets,
        "opens": [
            {
                "unit_id": "p-3",
                "name": "Thái Nguyên",
                "level": "province",
                "parent_id": "vn",
                "codes": [],
            }
        ],
    }
    return History().given(
        country(),
        *(unit(each, parent_id="vn", name=f"Tỉnh {each}", **province) for each in ("p-1", "p-2")),
        unit("x-1", parent_id="p-1", name="Xã một", **commune),
        unit("x-2", parent_id="p-2", name="Xã hai", **commune),
        *(received("ModelRegistered", registration(str(n), f"x-{1 + n % 2}")) for n in range(1, 6)),
        received("RegistrationWithdrawn", {"registration_id": "r-5", "reason": "Không triển khai"}),
        received("UnitsReorganized", merger),
    )


@pytest.mark.parametrize(
    ("map_", "column"),
    [("2022-12-31", "d.province_unit_id"), ("current", "d.current_province_unit_id")],
)
def test_registrations_by_province_are_those_of_the_summary_on_its_map(
    tmp_path: Path, map_: str, column: str
) -> None:
    ledger = Rebuilding(f"sqlite:///{tmp_path / 'r.db'}", _merged_provinces()).project()
    chosen = map_choice(map_, system_clock)
    query = SummaryQuery(None, 2022, DEFAULT_PROGRAMME, chosen, read_by(("unit",)))
    (table,) = ledger.reads.summary(query, ledger.reads.as_of(None))["tables"]
    rows = asked_of(
        ledger.store.url,
        f"SELECT {column} AS unit, count(*) AS registered FROM dvk_read.registration r"  # noqa: S608
        " JOIN dvk_read.unit_on_day d ON d.unit_id = r.unit_id AND d.valid_from <= r.occurred_on"
        " AND (d.valid_to IS NULL OR r.occurred_on < d.valid_to)"
        f" WHERE r.plan_year = 2022 AND NOT r.withdrawn GROUP BY {column}",
    )
    ledger.store.close()
    assert {row["unit"]: row["registered"] for row in rows} == {
        row["unit"]: row["registered"] for row in table["rows"]
    }
    # Four are not withdrawn: two of each commune.
    assert sorted(row["registered"] for row in rows) == ([4] if map_ == "current" else [2, 2])


def test_a_fact_outside_the_days_of_its_unit_has_the_nearest_name(tmp_path: Path) -> None:
    # The rules refuse such a fact; a later correction of the map may make one.
    early = {"org_id": "o-1", "name": "Đảng ủy xã", "kind": "đảng ủy", "unit_id": "x-4"}
    late = {**early, "org_id": "o-2", "unit_id": "p-1", "occurred_on": "2026-01-01"}
    history = _merged_provinces().given(
        unit("x-4", parent_id="p-1", name="Xã bốn", level="commune", occurred_on="2010-01-01")
    )
    for stated in ({**early, "occurred_on": "2005-05-05"}, late):
        history.record(received("OrganizationDefined", stated))
    ledger = Rebuilding(f"sqlite:///{tmp_path / 'r.db'}", history).project()
    rows = rows_of(ledger.store.url, "organization")
    assert rows == listed(ledger.reads, "organizations", RECORDED)
    ledger.store.close()
    assert [row["unit_name"] for row in rows] == ["Xã bốn", "Tỉnh p-1"]


def _generation(ledger: Rebuilding, view: str) -> str:
    """Return the text of a view as the database has it."""
    if ledger.store.is_sqlite:
        statement = f"SELECT sql AS said FROM sqlite_master WHERE name = 'dvk_read_{view}'"  # noqa: S608
    else:
        statement = f"SELECT pg_get_viewdef('dvk_read.{view}'::regclass) AS said"
    return str(asked_of(ledger.store.url, statement)[0]["said"])


def _rebuild(ledger: Rebuilding, name: str, **how: Any) -> Any:
    return ledger.rebuild(name, around_swap=write_views, **how)


def test_a_swap_and_a_rollback_move_the_views_with_the_pointer(ledger: Rebuilding) -> None:
    ledger.project()
    before = rows_of(ledger.store.url, "model")
    _rebuild(ledger, "registrations").rebuild()
    # The service has not looked yet: the swap itself has moved the views.
    assert "rm_registrations_g2_things" in _generation(ledger, "registration")
    record(ledger, 1)
    ledger.project()
    _agree(ledger)
    assert rows_of(ledger.store.url, "model") == before
    _rebuild(ledger, "registrations").roll_back()
    assert "rm_registrations_things" in _generation(ledger, "registration")
    ledger.project()
    _agree(ledger)


def test_a_second_rebuild_drops_the_tables_that_no_view_reads(ledger: Rebuilding) -> None:
    ledger.project()
    for _ in range(3):
        _rebuild(ledger, "registrations").rebuild()
        ledger.project()
    assert "rm_registrations_g4_things" in _generation(ledger, "registration")
    _agree(ledger)


def test_tables_of_another_release_have_no_views(ledger: Rebuilding) -> None:
    ledger.project()

    def later(model: Any) -> None:
        model.version += 1

    make = maker("plans", later)
    _rebuild(ledger, "plans", make=make).rebuild()
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        rows_of(ledger.store.url, "plan")
    assert rows_of(ledger.store.url, "registration")
    _rebuild(ledger, "plans", make=make).roll_back()
    ledger.project()
    _agree(ledger)


def test_a_view_that_was_removed_is_there_again_after_a_start(ledger: Rebuilding) -> None:
    ledger.project()
    with ledger.store.writing() as connection:
        name = "dvk_read_award" if ledger.store.is_sqlite else "dvk_read.award"
        connection.exec_driver_sql(f"DROP VIEW {name}")
    Rebuilding(ledger.store.url, ledger.history).project().store.close()
    _agree(ledger)
