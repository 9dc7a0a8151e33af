"""The result of a year of every organisation of a unit: each row is what its card says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.events.envelope import ReceivedEvent
from tests.support.asserted_figures import inspected
from tests.support.cloudevents import country, received, unit
from tests.support.dashboard_pages import Paging
from tests.support.downloaded_tables import table
from tests.support.event_builders import granted, recognized, registered, withdrawn
from tests.support.figures_of_events import Projecting

TABLE = "Kết quả từng tổ chức"


def defined(org_id: str, name: str, unit_id: str) -> ReceivedEvent:
    """Say that an organisation is defined in a unit."""
    stated = {"org_id": org_id, "name": name, "kind": "dang_bo", "unit_id": unit_id}
    return received("OrganizationDefined", {**stated, "occurred_on": "2021-01-01"})


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give pages over two provinces with organisations, of which one succeeded another."""
    url = f"sqlite:///{tmp_path_factory.mktemp('results') / Path('reporting.db')}"
    started = Projecting(url, run=100)
    owned = {"o-old": 2, "o-new": 3, "o-2": 4}
    succeeded = {"successor": "o-new", "predecessors": ["o-old"], "occurred_on": "2022-07-01"}
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        unit("tn", name="Thái Nguyên", kind="tỉnh"),
        unit("bk-1", "bk", "commune", name="Phường Đức Xuân", kind="phường"),
        defined("o-old", "Đảng bộ cũ", "bk-1"),
        defined("o-new", "Đảng bộ mới", "bk-1"),
        defined("o-2", "Chi bộ Hai", "bk"),
        defined("o-3", "Ấp Ba", "bk"),  # has nothing in the year
        defined("o-4", "Đảng bộ Đại Từ", "tn"),
        *(registered(f"{o}-{n}", unit_id="bk-1", owner_org_id=o) for o, c in owned.items() for n in range(c)),
        registered("tn", unit_id="tn", owner_org_id="o-4"),
        registered("before", unit_id="bk-1", owner_org_id="o-2", plan_year=2021, occurred_on="2021-03-01"),
        recognized("o-old-0"), recognized("o-2-0"), recognized("o-2-1", "exemplary"),
        withdrawn("o-2-3", occurred_on="2022-06-01"),
        granted("1", unit_id="bk-1", recipient={"kind": "collective", "org_id": "o-old"}),
        inspected(1, org_id="o-2"),
        received("PlanIssued", {
            "org_id": "o-new", "plan_year": 2022, "unit_id": "bk-1", "occurred_on": "2022-02-10",
            "document": {"kind": "plan", "number": "5-KH/ĐU", "signed_on": "2022-02-09"},
        }),
        received("OrganizationSucceeded", succeeded),
    )  # fmt: skip
    yield Paging(started)
    started.store.close()


def test_every_organisation_of_a_unit_has_a_row(rated: Paging) -> None:
    page = rated.get("/pages/results?unit=bk&year=2022")
    # registered, eligible, evaluated, recognised, exemplary, awards, inspections, rate, plan
    assert page.rows(TABLE) == [
        ["Đảng bộ mới", "5", "0", "0", "1", "0", "1", "0", "1/5", "5-KH/ĐU, 09/02/2022"],
        ["Chi bộ Hai", "3", "0", "0", "2", "1", "0", "1", "2/3", "chưa có"],
        ["Ấp Ba", "0", "0", "0", "0", "0", "0", "0", "—", "chưa có"],
    ]
    assert "1 tổ chức không có đăng ký" in page.text


def test_a_row_is_what_the_card_says(rated: Paging) -> None:
    page = rated.get("/pages/results?unit=bk&year=2022")
    for row in page.rows(TABLE)[:2]:
        card = rated.get(page.link(row[0]))
        (of_year,) = [each for each in card.rows("Kết quả từng năm") if each[0] == "2022"]
        assert of_year[1:8] == row[1:8]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("registered", ["Ấp Ba", "Chi bộ Hai", "Đảng bộ mới"]),
        ("-recognized", ["Chi bộ Hai", "Đảng bộ mới", "Ấp Ba"]),
        ("org_name", ["Ấp Ba", "Chi bộ Hai", "Đảng bộ mới"]),
        ("-plan_signed_on", ["Đảng bộ mới", "Ấp Ba", "Chi bộ Hai"]),  # without a plan: last
    ],
)
def test_the_table_is_sorted_by_any_column(rated: Paging, sort: str, names: list[str]) -> None:
    page = rated.get(f"/pages/results?unit=bk&year=2022&sort={sort}")
    assert [row[0] for row in page.rows(TABLE)] == names
    assert [e.attributes["aria-sort"] for e in page.elements if "aria-sort" in e.attributes] == [
        "descending" if sort.startswith("-") else "ascending"
    ]


def test_the_file_has_the_rows_and_order_of_the_page(rated: Paging) -> None:
    page = rated.get("/pages/results?unit=bk&year=2022&sort=registered")
    csv = table(rated, page.link("Tải bảng này (CSV)"))
    assert [row["Tổ chức"] for row in csv] == ["Ấp Ba", "Chi bộ Hai", "Đảng bộ mới"]
    assert [row["Đăng ký"] for row in csv] == ["0", "3", "5"]
    assert rated.answer(page.link("Tải Excel (xlsx)")).status_code == 200
    rated.get("/pages/results?unit=bk&sort=wrong", status=422)


def test_the_page_of_a_unit_leads_to_it(rated: Paging) -> None:
    page = rated.get("/?unit=bk&year=2022")
    there = page.link("Kết quả từng tổ chức trong năm (để xếp loại)")
    assert rated.get(there).rows(TABLE)[0][:2] == ["Đảng bộ mới", "5"]
