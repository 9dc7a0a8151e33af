"""What the registry shows: the feed of the log, the map of a day, models, organisations, taxonomies."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest

from tests.support.cloudevents import cloudevent, registration
from tests.support.http_clients import Face


def opened(unit_id: str, name: str, level: str, parent_id: str, **data: Any) -> dict[str, Any]:
    unit = {"unit_id": unit_id, "name": name, "level": level, "parent_id": parent_id}
    return cloudevent("UnitOpened", {"codes": [], "occurred_on": "2004-01-01", **unit, **data})


def code(number: str) -> list[dict[str, str]]:
    return [{"scheme": "gso", "code": number}]


@pytest.fixture
async def mapped(registry: Face) -> Face:
    """Give a registry with three provinces, of which one is renamed and one bears a reused code."""
    await registry.accepted(
        opened("p-dl", "Đắk Lắk", "province", "vn", codes=code("66"), kind="tỉnh"),
        opened("p-bg", "Bắc Giang", "province", "vn", codes=code("24")),
        opened("p-ag", "An Giang", "province", "vn", codes=code("89")),
        opened("c-1", "Xã Hoà Bình", "commune", "p-bg"),
        cloudevent(
            "UnitRenamed",
            {"unit_id": "p-ag", "name": "Châu Đốc", "occurred_on": "2010-01-01"},
        ),
        cloudevent(
            "UnitRenamed",
            {
                "unit_id": "p-bg",
                "name": "Bắc Ninh",
                "codes": code("27"),
                "occurred_on": "2025-07-01",
            },
        ),
    )
    return registry


async def names(face: Face, **parameters: str) -> list[str]:
    return [unit["name"] for unit in await face.items("/units", **parameters)]


async def test_the_map_of_a_day_stands_in_the_order_of_the_alphabet(mapped: Face) -> None:
    assert await names(mapped, map="2024-01-01") == [
        "Việt Nam",
        "Bắc Giang",
        "Châu Đốc",
        "Đắk Lắk",
        "Xã Hoà Bình",
    ]
    assert "Bắc Ninh" in await names(mapped)


async def test_a_unit_has_the_shape_of_the_contract(mapped: Face) -> None:
    (unit,) = await mapped.items("/units", q="dak lak")
    assert unit == {
        "unit_id": "p-dl",
        "name": "Đắk Lắk",
        "level": "province",
        "kind": "tỉnh",
        "parent_id": "vn",
        "codes": [{"scheme": "gso", "code": "66"}],
        "valid_from": "2004-01-01",
        "valid_to": None,
    }


@pytest.mark.parametrize("q", ["Bắc Giang", "bac giang", "BAC GIANG", "c gian", "Bắc  Giang"])
async def test_a_former_name_still_finds_a_unit(mapped: Face, q: str) -> None:
    assert await names(mapped, q=q) == ["Bắc Ninh"]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("Ðắk Lắk", "Đắk Lắk"),
        ("ɖắk lắk", "Đắk Lắk"),
        ("Cư M’gar", "Huyện Cư M'gar"),
        ("cu mgar", "Huyện Cư M'gar"),
        ("Bà Rịa\u2011Vũng Tàu", "Bà Rịa – Vũng Tàu"),
        ("Bà Rịa − Vũng Tàu", "Bà Rịa – Vũng Tàu"),
        ("Hòa Bình", "Xã Hoà Bình"),
    ],
)
async def test_characters_that_look_alike_find_one_another(mapped: Face, q: str, name: str) -> None:
    await mapped.accepted(
        opened("d-cm", "Huyện Cư M'gar", "district", "p-dl"),
        opened("p-br", "Bà Rịa – Vũng Tàu", "province", "vn"),
    )
    assert await names(mapped, q=q) == [name]


async def test_a_search_with_nothing_to_compare_finds_nothing(mapped: Face) -> None:
    assert await names(mapped, q=" – ") == []


async def test_a_name_with_an_icelandic_letter_stands_among_those_with_a_vietnamese_one(
    mapped: Face,
) -> None:
    await mapped.accepted(opened("p-dn", "Ðà Nẵng", "province", "vn"))
    provinces = await names(mapped, level="province", map="2024-01-01")
    assert provinces == ["Bắc Giang", "Châu Đốc", "Ðà Nẵng", "Đắk Lắk"]


async def test_units_are_filtered_by_level_parent_and_code(mapped: Face) -> None:
    assert await names(mapped, level="commune") == ["Xã Hoà Bình"]
    assert await names(mapped, parent_id="p-bg") == ["Xã Hoà Bình"]
    assert await names(mapped, scheme="gso", code="24", map="2020-01-01") == ["Bắc Giang"]
    assert await names(mapped, scheme="gso", code="24", map="2026-01-01") == []
    assert await names(mapped, scheme="other", code="66") == []


async def test_before_its_first_day_there_is_no_unit(mapped: Face) -> None:
    assert await names(mapped, map="2003-12-31") == []


async def test_known_at_takes_the_unit_events_until_then(mapped: Face) -> None:
    # Position 1 is the country, 4 the third province, before its commune and all renames.
    assert await names(mapped, known_at="1") == ["Việt Nam"]
    assert await names(mapped, known_at="4") == ["Việt Nam", "An Giang", "Bắc Giang", "Đắk Lắk"]
    assert await names(mapped, known_at="0") == []
    assert await names(mapped, known_at="2020-01-01T00:00:00+07:00") == []
    assert await names(mapped, known_at="2999-01-01") == await names(mapped)


async def test_pages_of_units_keep_the_map_and_the_moment_of_the_first(mapped: Face) -> None:
    query = {"limit": "2", "map": "2024-01-01"}
    first = (await mapped.client.get("/units", params=query)).json()
    await mapped.accepted(
        opened("p-aa", "An An", "province", "vn"), opened("c-2", "Xã Hai", "commune", "p-aa")
    )
    seen = [unit["name"] for unit in first["items"]]
    cursor = first["next"]
    while cursor:
        page = (await mapped.client.get("/units", params={"limit": "2", "cursor": cursor})).json()
        seen += [unit["name"] for unit in page["items"]]
        cursor = page["next"]
    assert seen == ["Việt Nam", "Bắc Giang", "Châu Đốc", "Đắk Lắk", "Xã Hoà Bình"]


async def test_units_as_csv(mapped: Face) -> None:
    answer = await mapped.client.get("/units?format=csv&q=dak%20lak")
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "unit_id,name,level,kind,parent_id,codes,valid_from,valid_to,level_label,parent_id_label",
        (
            'p-dl,Đắk Lắk,province,tỉnh,vn,"[{""scheme"":""gso"",""code"":""66""}]",2004-01-01,,'
            "Cấp tỉnh,Việt Nam"
        ),
    ]


async def test_the_feed_is_the_log_in_order_with_its_chain(mapped: Face) -> None:
    answer = await mapped.client.get("/events?limit=1000")
    assert answer.headers["content-type"] == "application/cloudevents-batch+json"
    events = answer.json()
    assert [int(event["sequence"]) for event in events] == list(range(1, 8))
    assert all(len(event["sequence"]) == 20 for event in events)
    # events.md, Envelope: SHA-256(previous chain ‖ position ‖ recordedtime ‖ digest), where the
    # digest is of the record: what stands behind the three attributes of the log.
    chain = bytes(32)
    raw_items = answer.text[1:-1].split('{"sequence":')[1:]
    for position, (event, raw) in enumerate(zip(events, raw_items, strict=True), 1):
        record = "{" + raw.rstrip(",").split(f'"chain":"{event["chain"]}",', 1)[1]
        digest = sha256(record.encode()).digest()
        recorded = datetime.fromisoformat(event["recordedtime"])
        whole = recorded.replace(microsecond=0)
        micros = int(whole.timestamp()) * 1_000_000 + recorded.microsecond
        numbers = position.to_bytes(8, "big") + micros.to_bytes(8, "big")
        chain = sha256(chain + numbers + digest).digest()
        assert event["chain"] == chain.hex()
        assert "sequence" not in json.loads(record)


async def test_the_feed_goes_on_after_a_position(mapped: Face) -> None:
    answer = await mapped.client.get("/events?after=2&limit=2")
    assert [int(event["sequence"]) for event in answer.json()] == [3, 4]
    assert (await mapped.client.get("/events?after=7")).json() == []
    assert (await mapped.client.get("/events?after=9007199254740992")).json() == []


async def test_a_model_shows_its_registrations_as_amended(registry: Face) -> None:
    await registry.accepted(
        cloudevent("ModelRegistered", registration("1", note="đầu")),
        cloudevent(
            "ModelAmended",
            {
                "registration_id": "r-1",
                "reason": "viết sai tên",
                "changes": {"title": "Tên đúng", "note": None},
            },
        ),
        cloudevent("RegistrationWithdrawn", {"registration_id": "r-1", "reason": "rút"}),
    )
    answer = await registry.client.get("/models/m-1")
    assert answer.status_code == 200
    (found,) = answer.json()["registrations"]
    assert found["title"] == "Tên đúng"
    assert "note" not in found
    assert (found["status"], found["registered_at"], found["withdrawn_at"]) == ("withdrawn", 2, 4)


async def test_an_unknown_model_is_404(registry: Face) -> None:
    answer = await registry.client.get("/models/m-none")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


async def test_organizations_show_their_latest_definition_and_successors(registry: Face) -> None:
    old = {"org_id": "o-1", "name": "Ban Dân vận", "kind": "ban", "unit_id": "vn"}
    new = {**old, "org_id": "o-2", "name": "Ban Tuyên giáo và Dân vận"}
    await registry.accepted(
        cloudevent("OrganizationDefined", {**old, "name": "Ban"}),
        cloudevent("OrganizationDefined", {**old, "side": "party"}),
        cloudevent("OrganizationDefined", new),
        cloudevent("OrganizationSucceeded", {"predecessors": ["o-1"], "successor": "o-2"}),
    )
    first, second = await registry.items("/organizations")
    assert (first["name"], first["side"], first["successors"]) == ("Ban Dân vận", "party", ["o-2"])
    assert (second["name"], second["predecessors"]) == ("Ban Tuyên giáo và Dân vận", ["o-1"])
    (then,) = await registry.items("/organizations", known_at="2")
    assert (then["name"], then["side"], then["successors"]) == ("Ban", None, [])


async def test_organizations_come_in_pages(registry: Face) -> None:
    for number in range(5):
        organization = {"org_id": f"o-{number}", "name": "T", "kind": "k", "unit_id": "vn"}
        await registry.accepted(cloudevent("OrganizationDefined", organization))
    page = (await registry.client.get("/organizations?limit=3")).json()
    rest = await registry.items("/organizations", cursor=page["next"])
    assert [each["org_id"] for each in page["items"] + rest] == [f"o-{n}" for n in range(5)]


async def test_taxonomies_list_the_versions_that_stand(registry: Face) -> None:
    published = {
        "taxonomy": "field",
        "jurisdiction_unit_id": "vn",
        "version": "2022",
        "valid_from": "2022-01-01",
        "entries": [{"code": "economy", "name": "Kinh tế"}],
    }
    first = cloudevent("TaxonomyPublished", published)
    await registry.accepted(
        first,
        cloudevent("TaxonomyPublished", {**published, "taxonomy": "block"}),
        cloudevent(
            "EventRetracted",
            {"retracts": {"source": first["source"], "id": first["id"]}, "reason": "nhầm"},
            subject="taxonomy/vn.field",
        ),
    )
    (standing,) = await registry.items("/taxonomies")
    assert standing == {
        "taxonomy": "block",
        "jurisdiction_unit_id": "vn",
        "version": "2022",
        "valid_from": "2022-01-01",
        "valid_to": None,
        "entries": [{"code": "economy", "name": "Kinh tế"}],
        "position": 3,
    }
    before = await registry.items("/taxonomies", known_at="2")
    assert [each["taxonomy"] for each in before] == ["field"]
    assert await registry.items("/taxonomies", taxonomy="tier") == []
    assert await registry.items("/taxonomies", jurisdiction_unit_id="p-1") == []
