"""Targets of the plans of units inside a scope: added up where they do not overlap, else listed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloudevents import country, received, unit
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import recognized, registered
from tests.support.figures_of_events import Projecting

TARGETS = "Chỉ tiêu kế hoạch và kết quả"


def plan(org_id: str, unit_id: str, **targets: int) -> Any:
    """Say that an organisation issues a plan of 2022 for a unit."""
    stated = {
        "org_id": org_id,
        "plan_year": 2022,
        "unit_id": unit_id,
        "document": {"kind": "plan", "number": f"1-KH/{unit_id}"},
        "occurred_on": "2022-02-10",
        "targets": targets,
    }
    return received("PlanIssued", stated)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give pages over two provinces, of which one and its communes have plans with targets."""
    url = f"sqlite:///{tmp_path_factory.mktemp('targets') / Path('reporting.db')}"
    started = Projecting(url, run=100)
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        unit("tn", name="Thái Nguyên", kind="tỉnh"),
        unit("bk-1", "bk", "commune", name="Phường Đức Xuân", kind="phường"),
        unit("bk-2", "bk", "commune", name="Phường Sông Cầu", kind="phường"),
        unit("bk-3", "bk", "commune", name="Phường Xuất Hóa", kind="phường"),
        *(registered(f"{u}-{n}", unit_id=u) for u in ("bk-1", "bk-3") for n in range(6)),
        registered("bk-2-0", unit_id="bk-2"),
        recognized("bk-1-0"),
        plan("o-bk", "bk", registered=20),
        plan("o-1", "bk-1", registered=8, recognized=4),
        plan("o-2", "bk-2", registered=2, recognized=3),
        plan("o-2b", "bk-2", recognized=5),
    )
    yield Paging(started)
    started.store.close()


def test_targets_of_units_of_one_level_are_added_up(planned: Paging) -> None:
    rows = planned.get("/?unit=bk&year=2022&map=recorded").rows(TARGETS)
    own, summed = rows[:2]
    assert own[:4] == ["Đăng ký", "20", "13", "65,0%"]
    # 8 of bk-1 and 2 of bk-2; 6 and 1 came there. The 6 of bk-3, which has no plan, are not in it.
    assert summed[:4] == ["Đăng ký", "10", "7", "70,0%"]
    assert "2 đơn vị cấp dưới" in summed[4]


def test_two_plans_of_one_unit_are_listed_and_not_added_up(planned: Paging) -> None:
    page = planned.get("/?unit=bk&year=2022&map=recorded")
    listed = [row[:4] for row in page.rows(TARGETS)[2:]]
    assert listed == [
        ["Được công nhận", "4", "1", "25,0%"],
        ["Được công nhận", "3", "0", "0,0%"],
        ["Được công nhận", "5", "0", "0,0%"],
    ]
    assert "liệt kê, không cộng" in page.text


def test_targets_of_a_province_and_its_communes_overlap(planned: Paging) -> None:
    rows = planned.get("/?year=2022&map=recorded").rows(TARGETS)
    assert [row[:2] for row in rows] == [
        ["Đăng ký", "20"], ["Đăng ký", "8"], ["Đăng ký", "2"],
        ["Được công nhận", "4"], ["Được công nhận", "3"], ["Được công nhận", "5"],
    ]  # fmt: skip


def test_a_unit_without_plans_below_has_no_table(planned: Paging) -> None:
    assert TARGETS not in planned.get("/?unit=tn&year=2022&map=recorded").text
