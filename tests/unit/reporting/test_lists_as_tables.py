"""The lists of reporting as CSV: what programs find by name, and what people read."""

import csv
import io
from typing import Any

import pytest

from services.reporting.api import list_tables
from shared.web.answers.csv_tables import ListTable
from tests.support.asserted_figures import figure, outcome
from tests.support.cloudevents import received, unit
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import granted, published, recognized, registered
from tests.support.figures_of_events import Projecting
from tests.support.trusted import ROOTS, began, key_of

LISTS = {
    "/registrations": list_tables.REGISTRATIONS,
    "/awards": list_tables.AWARDS,
    "/plans": list_tables.PLANS,
    "/proposals": list_tables.PROPOSALS,
    "/reviews": list_tables.REVIEWS,
    "/replications": list_tables.REPLICATIONS,
    "/commendations": list_tables.COMMENDATIONS,
    "/organizations": list_tables.ORGANIZATIONS,
    "/inspections": list_tables.INSPECTIONS,
    "/outcomes": list_tables.OUTCOMES,
    "/figures": list_tables.FIGURES,
    "/reconciliation": list_tables.RECONCILED,
    "/explain?year=2022&measure=registered": list_tables.ENTITIES,
    "/explain?year=2022&measure=registered&since=1": list_tables.CHANGES,
    "/find?q=de": list_tables.FOUND,
    "/models/m-1/history": list_tables.HISTORY,
    "/trust/publishers": list_tables.TRUST_PUBLISHERS,
    "/trust/grants": list_tables.TRUST_GRANTS,
    "/trust/keys": list_tables.TRUST_KEYS,
    "/trust/pending": list_tables.TRUST_PENDING,
    f"/trust/suspects?key={key_of(ROOTS[0]).key_id}": list_tables.TRUST_SUSPECTS,
}
ORGANIZATION = {"org_id": "o-1", "name": "Đảng ủy xã", "kind": "đảng ủy", "unit_id": "bk-1"}


@pytest.fixture
def paging(city: Projecting) -> Paging:
    """Give the reads over HTTP, of a province with a little of everything."""
    city.given(
        received("OrganizationDefined", {**ORGANIZATION, "occurred_on": "2020-01-01"}),
        registered("-case-lead", registration_id="-case-lead", unit_id="bk-1"),
        recognized("1", decided_by_org_id="o-1"),
        granted("1", recipient={"kind": "collective", "org_id": "o-1"}),
        outcome(1, 1.234),
        outcome(2, 12.5),
        outcome(3, 1_000),
        figure(1, value=1.234),
        figure(2, value=12.5),
    )
    return Paging(city)


@pytest.fixture
def trusting(paging: Paging) -> Paging:
    """Give the same reads of a log that began trust."""
    paging.projecting.given(began())
    return paging


def cells(paging: Paging, address: str) -> list[list[str]]:
    answer = paging.answer(address)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def rows(paging: Paging, address: str) -> list[dict[str, str]]:
    headings, *found = cells(paging, address)
    return [dict(zip(headings, row, strict=True)) for row in found]


def asked(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def test_every_table_of_the_api_is_tested_here() -> None:
    tables = {name for name, each in vars(list_tables).items() if isinstance(each, ListTable)}
    tested = {id(table) for table in LISTS.values()}
    assert {name for name in tables if id(getattr(list_tables, name)) not in tested} == set()
    assert tables


@pytest.mark.parametrize(("path", "table"), LISTS.items())
def test_the_columns_of_the_contract_come_first_in_their_order(
    trusting: Paging, path: str, table: ListTable
) -> None:
    headings = cells(trusting, asked(path, "format=csv"))[0]
    assert headings[: len(table.columns)] == list(table.columns)
    labels = headings[len(table.columns) :]
    assert all(each.endswith("_label") or each == "unit_name" for each in labels)
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("path", "table"), LISTS.items())
def test_every_column_has_words_of_its_own(
    trusting: Paging, path: str, table: ListTable, lang: str
) -> None:
    headings, *found = cells(trusting, asked(path, f"format=csv&lang={lang}"))
    assert len(set(headings)) == len(headings), headings
    assert not [each for each in headings if "_" in each or each in table.columns]
    assert {len(row) for row in found} <= {len(headings)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1,234", "12,5", "1000"]),
        ("&lang=vi", ["1,234", "12,5", "1000"]),
        ("&lang=en", ["1.234", "12.5", "1000"]),
    ],
)
def test_a_thousandth_stays_a_thousandth(paging: Paging, query: str, expected: list[str]) -> None:
    value = "Giá trị" if "vi" in query else "Value" if "en" in query else "value"
    found = rows(paging, f"/outcomes?format=csv{query}")
    assert [row[value] for row in found] == expected
    assert [row[value] for row in rows(paging, f"/figures?format=csv{query}")] == expected[:2]


def test_an_id_is_the_same_text_in_csv_and_in_json(paging: Paging) -> None:
    items = paging.answer("/registrations").json()["items"]
    for query, name in (("", "registration_id"), ("&lang=vi", "Mã đăng ký")):
        found = rows(paging, f"/registrations?format=csv{query}")
        assert [row[name] for row in found] == [item["registration_id"] for item in items]
    assert items[-1]["registration_id"] == "-case-lead"


def test_units_codes_and_organisations_bear_their_names(paging: Paging) -> None:
    first = rows(paging, "/registrations?format=csv")[0]
    assert first["unit_name"] == "Phường Đức Xuân"
    assert first["owner_kind_label"] == "Hộ gia đình"
    assert first["decided_by_org_id_label"] == "Đảng ủy xã"
    assert first["field_code_label"] == "economy"  # no taxonomy has named it
    (award,) = rows(paging, "/awards?format=csv&lang=vi")
    assert award["Tổ chức được khen thưởng"] == "Đảng ủy xã"
    assert award["Hình thức khen thưởng"] == "Giấy khen"


def test_a_code_is_called_as_the_taxonomy_of_its_unit_and_day_has_it(city: Projecting) -> None:
    city.given(
        published("field", {"code": "economy", "name": "Kinh tế"}),
        published(
            "field",
            {"code": "economy", "name": "Kinh tế của tỉnh"},
            jurisdiction_unit_id="bk",
            valid_from="2022-06-01",
        ),
        registered("3", unit_id="bk-1", occurred_on="2022-07-01"),
        registered("4", unit_id="tn-1", occurred_on="2022-07-01"),
    )
    called = [row["field_code_label"] for row in rows(Paging(city), "/registrations?format=csv")]
    assert called == ["Kinh tế", "Kinh tế", "Kinh tế của tỉnh", "Kinh tế"]


def test_a_unit_is_called_as_on_the_day_of_the_row(city: Projecting) -> None:
    city.given(
        received(
            "UnitRenamed",
            {"unit_id": "bk-1", "name": "Phường Mới", "occurred_on": "2022-06-01"},
        ),
        registered("3", unit_id="bk-1", occurred_on="2022-07-01"),
        figure(1, unit_id="bk-1", occurred_on="2022-03-01"),
        figure(2, unit_id="bk-1"),
    )
    paging = Paging(city)
    named = [row["unit_name"] for row in rows(paging, "/registrations?format=csv&unit_id=bk-1")]
    assert named == ["Phường Đức Xuân", "Phường Mới"]
    asserted = [row["unit_name"] for row in rows(paging, "/reconciliation?format=csv")]
    assert asserted == ["Phường Đức Xuân", "Phường Mới"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "/summaries/units/bk?year=2022&by=unit&format=csv",
            {"unit": "bk-1", "unit_name": "Phường Đức Xuân", "registered": "2"},
        ),
        (
            "/summaries/units/bk?year=2022&by=unit&format=csv&lang=vi",
            {"Đơn vị (mã)": "bk-1", "Đơn vị": "Phường Đức Xuân", "Đăng ký": "2"},
        ),
        (
            "/summaries/national?year=2022&by=owner_kind,tier&format=csv",
            {"owner_kind": "collective", "tier": "", "tier_label": "Chưa được công nhận"},
        ),
        (
            "/summaries/national?year=2022&by=owner_kind,tier&format=csv&lang=en",
            {"Owner": "Collective", "Tier": "Not recognised", "Registered": "2"},
        ),
        (
            "/summaries/units/bk?year=2022&format=csv",
            {"unit_id": "bk", "year": "2022", "registered": "3", "recognized": "1"},
        ),
        (
            "/summaries/units/bk?year=2022&format=csv&lang=vi",
            {"Đơn vị": "Bắc Kạn", "Năm": "2022", "Đăng ký": "3", "Được công nhận": "1"},
        ),
    ],
)
def test_a_summary_is_one_table(paging: Paging, address: str, expected: dict[str, str]) -> None:
    first = rows(paging, address)[0]
    assert {name: first[name] for name in expected} == expected


def test_a_summary_by_accept_is_csv_too(paging: Paging) -> None:
    answer: Any = paging.answer("/summaries/national?year=2022&by=unit")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Accept, Accept-Language"
    assert "content-disposition" not in answer.headers


def test_two_tables_are_no_csv(paging: Paging) -> None:
    answer = paging.answer("/summaries/national?year=2022&by=unit&by=tier&format=csv")
    assert (answer.status_code, answer.json()["code"]) == (422, "one_table_in_csv")
    assert paging.answer("/summaries/national?year=2022&by=unit&by=tier").status_code == 200


def test_a_file_says_list_unit_year_and_position(paging: Paging) -> None:
    paging.projecting.given(unit("bk-9", "bk", "commune", name="Xã Cư M’gar"))
    position = paging.projecting.runner.position
    for address, name in (
        ("/registrations?format=csv&unit_id=bk&year=2022", f"dang-ky_bac-kan_2022_vi-tri-{position}"),
        ("/registrations?format=csv&unit_id=bk&year=2022&known_at=8&lang=en",
         "registrations_bac-kan_2022_position-8"),
        ("/explain?format=csv&year=2022&measure=registered&unit_id=bk-9&owner_kind=household",
         f"giai-thich_xa-cu-m-gar_dang-ky_household_2022_vi-tri-{position}"),
        ("/models/m-1/history?format=csv", f"lich-su_m-1_vi-tri-{position}"),
        ("/summaries/national?year=2022&by=unit&format=csv",
         f"tong-hop_theo-don-vi_2022_vi-tri-{position}"),
    ):  # fmt: skip
        stated = paging.answer(address).headers["content-disposition"]
        assert stated.startswith(f'attachment; filename="{name}.'), (address, stated)
