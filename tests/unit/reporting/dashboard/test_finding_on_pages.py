"""The find box on every page, and what is found: by kind, linked, leading on where nothing is."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from openpyxl import load_workbook

from services.reporting.dashboard import routes
from services.reporting.dashboard.page_parameters import (
    AWARD_PAGE,
    FIND_PAGE,
    MODEL_PAGE,
    ORGANIZATION_PAGE,
)
from services.reporting.queries.finding.finder import KINDS
from tests.support.cloudevents import received
from tests.support.event_builders import granted, recognized, registered
from tests.support.office_files import csv_rows

if TYPE_CHECKING:
    from tests.support.dashboard_pages import Paging

NUMBER = {"kind": "decision", "number": "15/QĐ-UBND", "signed_on": "2022-12-05"}


@pytest.fixture
def found(paging: Paging) -> Paging:
    """Give pages over two provinces with models, an owner, a recognition and an award."""
    owner = {"org_id": "o-1", "name": "Hội Nông dân Đức Xuân", "kind": "hoi", "unit_id": "bk-1"}
    paging.projecting.given(
        received("OrganizationDefined", {**owner, "occurred_on": "2021-01-01"}),
        registered("3", unit_id="bk-1", title="Đường hoa nông thôn", owner_org_id="o-1"),
        registered("4", unit_id="tn-1", title="Vườn hoa <b>xanh</b>"),
        recognized("3", decision=NUMBER),
        granted("1", unit_id="bk-1", decision=NUMBER),
    )
    return paging


def cards(paging: Paging, q: str, **more: str) -> dict[str, list[str]]:
    """Return the texts of the links of a page of what was found, by their path and entity."""
    query = "".join(f"&{name}={value}" for name, value in more.items())
    page = paging.get(f"{FIND_PAGE}?q={quote(q)}{query}")
    listed: dict[str, list[str]] = {}
    for href, text in page.links:
        address = urlsplit(href)
        stated = parse_qs(address.query)
        for path, name in (
            (MODEL_PAGE, "model"),
            (AWARD_PAGE, "award"),
            (ORGANIZATION_PAGE, "organization"),
        ):
            if address.path == path:
                listed.setdefault(f"{name}/{stated[name][0]}", []).append(text)
    return listed


def test_every_page_has_the_box_with_its_choices(found: Paging) -> None:
    needed = {MODEL_PAGE: "model=m-3", "/pages/explanation": "measure=registered"}
    for page in routes.PAGES:
        address = f"{page.path}?lang=en&unit=bk&year=2022&{needed.get(page.path, '')}".rstrip("&")
        shown = found.answer(address).text
        box = shown.partition('<form class="find"')[2].partition("</form>")[0]
        assert f'action="{FIND_PAGE}"' in box, page.path
        assert 'role="search"' in box
        for kept in (
            'name="lang" value="en"',
            'name="unit" value="bk"',
            'name="year" value="2022"',
        ):
            assert kept in box, (page.path, kept)
        assert '<label for="find">' in box
        assert 'id="find"' in box
    assert '<form class="find"' in found.answer("/pages/units?unit=nowhere").text  # an error too


def test_what_is_found_is_linked_to_its_page_by_kind(found: Paging) -> None:
    assert cards(found, "duong hoa nong dan") == {"model/m-3": ["Đường hoa nông thôn"]}
    assert cards(found, "hoi nong") == {
        "model/m-3": ["Đường hoa nông thôn"],
        "organization/o-1": ["Hội Nông dân Đức Xuân"],
        "award/a-1": ["Giấy khen"],
    }
    numbers = {"model/m-3": ["15/QĐ-UBND"], "award/a-1": ["15/QĐ-UBND"]}
    for typed in ("15/QĐ-UBND", "15 qđ ubnd", "15/qd"):
        assert cards(found, typed) == numbers
    page = found.get(f"{FIND_PAGE}?q=duc+xuan")
    assert "Phường Đức Xuân" in page.text
    assert page.link("Phường Đức Xuân").startswith("/?unit=bk-1")


def test_a_unit_has_only_what_counts_in_it(found: Paging) -> None:
    assert set(cards(found, "hoa")) == {"model/m-3", "model/m-4"}
    assert set(cards(found, "hoa", unit="tn")) == {"model/m-4"}
    page = found.get(f"{FIND_PAGE}?q=hoa&unit=tn")
    assert parse_qs(urlsplit(page.link("Tìm trong cả nước")).query) == {
        "q": ["hoa"],
        "year": ["2022"],
    }


def test_it_is_as_known_at_the_moment(found: Paging) -> None:
    head = found.projecting.reads.as_of().position
    assert set(cards(found, "hoa", known_at=str(head - 3))) == {"model/m-3"}
    page = found.get(f"{FIND_PAGE}?q=hoa&known_at=2")
    assert "Không tìm thấy" in page.text
    assert "known_at" not in page.link("Tìm theo số liệu hiện nay")


def test_nothing_asked_and_nothing_found_lead_on(found: Paging) -> None:
    empty = found.get(FIND_PAGE)
    assert "15/QĐ-UBND" in empty.text  # an example
    assert empty.link("Tra cứu đơn vị hành chính") == "/pages/units?year=2022"
    nothing = found.get(f"{FIND_PAGE}?q=khong+co+gi&unit=bk")
    assert nothing.link("Tìm trong cả nước")
    assert nothing.link("Tra cứu đơn vị hành chính")
    assert found.get(f"{FIND_PAGE}?q=!!").text.count("Không tìm thấy") == 1


def test_one_kind_is_paged_and_what_was_typed_is_no_markup(found: Paging) -> None:
    found.projecting.given(*(registered(f"{n}", title=f"Tổ tự quản {n}") for n in range(10, 75)))
    every = found.get(f"{FIND_PAGE}?q=tu+quan&kind=model")
    later = found.get(every.link("Trang sau"))
    shown = [
        text for page in (every, later) for href, text in page.links if href.startswith(MODEL_PAGE)
    ]
    assert shown == [f"Tổ tự quản {n}" for n in range(74, 9, -1)]
    of_each = found.get(f"{FIND_PAGE}?q=tu+quan")
    assert sum(href.startswith(MODEL_PAGE) for href, _ in of_each.links) == 10
    assert "kind=model" in of_each.link("Xem tất cả (mô hình)")
    typed = found.answer(f'{FIND_PAGE}?q=%3Cscript%3E"x').text
    assert "<script>" not in typed
    assert "<b>xanh" not in found.answer(f"{FIND_PAGE}?q=vuon").text


@pytest.mark.parametrize("wrong", ["kind=x", "start=-1", "start=x", f"q={'a' * 501}"])
def test_an_impossible_parameter_is_said(found: Paging, wrong: str) -> None:
    found.get(f"{FIND_PAGE}?{wrong}", status=422)


def test_an_award_shows_the_unit_that_received_it(found: Paging) -> None:
    recipient = {"kind": "collective", "unit_id": "bk-1"}
    found.projecting.given(granted("2", unit_id="bk", recipient=recipient))
    page = found.get(f"{FIND_PAGE}?q=giay+khen+duc+xuan&kind=award")
    assert page.text.count("Phường Đức Xuân · Tỉnh Bắc Kạn") == 1
    (awards,) = found.answer("/find?q=giay+khen+duc+xuan&kind=award").json()["groups"]
    stated = [(i["subject"], i["about"], i["model_id"], i["unit_id"]) for i in awards["items"]]
    assert stated == [
        ("award/a-2", "Phường Đức Xuân", None, "bk"),
        ("award/a-1", None, None, "bk-1"),
    ]


def test_files_have_all_that_was_found_with_the_parameters_of_the_page(found: Paging) -> None:
    found.projecting.given(*(registered(f"{n}", title=f"Tổ tự quản {n}") for n in range(10, 75)))
    page = found.get(f"{FIND_PAGE}?q=hoi+nong&unit=bk")
    head, *rows = csv_rows(found.answer(page.link("Tải CSV")))
    assert head[:4] == ["Loại (mã)", "Loại", "Tên, số", "Tổ chức"]
    assert [row[1:4] for row in rows] == [
        ["Mô hình", "Đường hoa nông thôn", "Hội Nông dân Đức Xuân"],
        ["Tổ chức", "Hội Nông dân Đức Xuân", ""],
        ["Khen thưởng", "", "Hội Nông dân Đức Xuân"],
    ]
    xlsx = found.answer(page.link("Tải Excel (xlsx)"))
    assert load_workbook(BytesIO(xlsx.content)).active["A1"].value
    of_one = found.answer(f"{FIND_PAGE}?q=tu+quan&kind=model&format=csv")
    assert len(csv_rows(of_one)) == 1 + 65
    named, *items = csv_rows(found.answer("/find?q=tu+quan&format=csv"))
    assert named[:3] == ["kind", "title", "organization"]
    assert [item[1] for item in items] == [f"Tổ tự quản {n}" for n in range(74, 9, -1)]
    first = found.answer("/find?q=tu+quan&kind=model&format=csv&limit=40")
    following = first.headers["link"].partition("<")[2].partition(">")[0]
    rest = csv_rows(found.answer(f"/find{following}"))
    assert [*csv_rows(first)[1:], *rest[1:]] == items
    assert found.answer("/find?q=a&format=pdf").status_code == 422


def test_the_api_finds_the_same_and_pages_one_kind(found: Paging) -> None:
    found.projecting.given(*(registered(f"{n}", title=f"Tổ tự quản {n}") for n in range(10, 15)))
    answer = found.answer("/find?q=tu+quan&limit=2").json()
    assert [group["kind"] for group in answer["groups"]] == list(KINDS)
    models = answer["groups"][0]
    assert (models["number"], models["exact"]) == (5, True)
    seen = [item["title"] for item in models["items"]]
    while models["next"]:
        (models,) = found.answer(f"/find?q=tu+quan&limit=2&cursor={models['next']}").json()[
            "groups"
        ]
        seen += [item["title"] for item in models["items"]]
    assert seen == [f"Tổ tự quản {n}" for n in range(14, 9, -1)]
    (decisions,) = found.answer("/find?q=15/QĐ&kind=decision&unit=bk").json()["groups"]
    assert [(i["subject"], i["about"], i["signed_on"]) for i in decisions["items"]] == [
        ("award/a-1", None, "2022-12-05"),
        ("registration/r-3", "Đường hoa nông thôn", "2022-12-05"),
    ]
    for refused in ("/find", "/find?q=a&kind=x", "/find?q=a&unit_id=bk", "/find?q=a&cursor=e30"):
        assert found.answer(refused).status_code == 422, refused
    assert found.answer("/find?q=a&unit=nowhere").status_code == 404
