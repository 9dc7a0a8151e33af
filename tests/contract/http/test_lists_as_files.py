"""Every list of every service can be kept as a whole file, as CSV and as JSON."""

import csv
import io
import json
from typing import Any

import pytest

from shared.web.answers import list_answers
from tests.support.cloudevents import cloudevent, registration
from tests.support.http_clients import Face

COUNT = 5
LISTS = ("/units", "/organizations", "/taxonomies", "/parked", "/refused", "/quarantine")
COLUMNS = {
    "/units": "unit_id,name,level,kind,parent_id,codes,valid_from,valid_to,"
    "level_label,parent_id_label",
    "/organizations": "org_id,name,kind,unit_id,block_code,side,external_ids,predecessors,"
    "successors,position,unit_name,side_label",
    "/taxonomies": "taxonomy,jurisdiction_unit_id,version,valid_from,valid_to,entries,position,"
    "taxonomy_label,jurisdiction_unit_id_label",
    "/parked": "id,source,type,subject,waiting_for,since,until,originledger,originposition,type_label",
    "/refused": "id,source,type,subject,problem,at,originledger,originposition,type_label",
    "/quarantine": "read_model,subject,position,type,reason,since,events_held,state,decision,"
    "type_label,state_label",
}


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file be read two things at a time."""
    monkeypatch.setattr(list_answers, "LARGEST_LIMIT", 2)


@pytest.fixture
async def filled(registry: Face) -> Face:
    """Give a registry of which every list but that of faults has several pages."""
    unit = {"level": "province", "parent_id": "vn", "codes": [], "occurred_on": "2004-01-01"}
    for n in range(COUNT):
        org = {"name": "Đảng ủy", "kind": "đảng ủy", "unit_id": f"-p.{n}", "side": "party"}
        taxonomy = {"jurisdiction_unit_id": f"-p.{n}", "version": "1", "valid_from": "2004-01-01"}
        entries = [{"code": "a", "name": "Kinh tế"}, {"code": "b", "name": "Văn hóa"}]
        await registry.accepted(
            cloudevent("UnitOpened", {**unit, "unit_id": f"-p.{n}", "name": f"Tỉnh {n}"}),
            cloudevent("OrganizationDefined", {**org, "org_id": f"o-{n}"}),
            cloudevent("TaxonomyPublished", {"taxonomy": "field", **taxonomy, "entries": entries}),
        )
        parked = cloudevent("ModelRegistered", registration(str(n), "nowhere"))
        assert (await registry.send(parked)).status_code == 202
        refused = cloudevent("UnitOpened", {**unit, "unit_id": "vn", "name": "Việt Nam"})
        assert (await registry.send(refused)).status_code == 409
    return registry


def rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("path", LISTS)
async def test_a_file_holds_what_all_pages_hold(filled: Face, path: str) -> None:
    page: dict[str, Any] = {"next": None}
    items: list[dict[str, Any]] = []
    while page["next"] or not items:
        query = {"limit": "2"} | ({"cursor": page["next"]} if page["next"] else {})
        page = (await filled.client.get(path, params=query)).json()
        items += page["items"]
        if not page["items"]:
            break
    expected = {"/units": COUNT + 1, "/quarantine": 0}.get(path, COUNT)
    assert len(items) == expected
    as_json = await filled.client.get(path, params={"format": "json"})
    assert json.loads(as_json.content) == {"items": items, "next": None}
    as_csv = await filled.client.get(path, params={"format": "csv"})
    assert as_csv.text.splitlines()[0].removeprefix("\ufeff") == COLUMNS[path]
    columns = list(items[0])[:2] if items else []
    assert [[row[c] for c in columns] for row in rows(as_csv.content)] == [
        [str(item[c]) for c in columns] for item in items
    ]
    for answer in (as_json, as_csv):
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["vary"] == "Accept, Accept-Language"


@pytest.mark.parametrize(
    ("path", "vi", "en"),
    [
        (
            "/units?level=province",
            {"Mã đơn vị": "-p.0", "Cấp": "Cấp tỉnh", "Đơn vị cấp trên": "Việt Nam"},
            {"Unit id": "-p.0", "Level": "Province", "Parent unit": "Việt Nam"},
        ),
        (
            "/organizations",
            {"Đơn vị (mã)": "-p.0", "Đơn vị": "Tỉnh 0", "Hệ thống": "Đảng"},
            {"Unit (code)": "-p.0", "Unit": "Tỉnh 0", "Side": "Party"},
        ),
        (
            "/taxonomies",
            {
                "Danh mục": "Lĩnh vực",
                "Đơn vị ban hành": "Tỉnh 0",
                "Các mục": "a: Kinh tế; b: Văn hóa",
            },
            {"Taxonomy": "Field", "Jurisdiction": "Tỉnh 0", "Entries": "a: Kinh tế; b: Văn hóa"},
        ),
        (
            "/parked",
            {"Việc": "Đăng ký mô hình", "Đang chờ": "unit: nowhere"},
            {"What happened": "A model was registered", "Waiting for": "unit: nowhere"},
        ),
        (
            "/refused",
            {"Việc": "Thành lập đơn vị hành chính"},
            {"What happened": "A unit was opened"},
        ),
    ],
)
async def test_a_person_reads_headings_and_words(
    filled: Face, path: str, vi: dict[str, str], en: dict[str, str]
) -> None:
    for lang, expected in (("vi", vi), ("en", en)):
        asked = f"{path}{'&' if '?' in path else '?'}format=csv&lang={lang}"
        answer = await filled.client.get(asked)
        assert answer.headers["content-language"] == lang
        (first, *_) = rows(answer.content)
        assert {name: first[name] for name in expected} == expected


async def test_why_an_event_was_refused_is_told_in_the_language_of_the_file(filled: Face) -> None:
    told = {
        lang: rows((await filled.client.get(f"/refused?format=csv&lang={lang}")).content)[0]
        for lang in ("vi", "en")
    }
    assert told["vi"]["Lý do từ chối"] != told["en"]["Why it was refused"]
    assert told["vi"]["Mã quy tắc"] == told["en"]["Rule"]
