"""Reporting in process, on a real SQLite log: what it answers over HTTP, and how fast it follows."""

import csv
import io
from typing import Any

import pytest

from tests.integration.reporting.conftest import House
from tests.support.cloudevents import cloudevent, recognition

FIGURE = {
    "figure_id": "f-1",
    "metric": "registered",
    "unit_id": "vn",
    "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
    "value": 191,
    "qualifier": "exact",
    "source": {"kind": "báo cáo", "title": "Báo cáo năm 2022"},
}

OF_ITSELF: dict[str, Any] = {"reason": None, "documents": [], "changes": [], "retracts": None}
"""What an event says that corrects nothing and names no document."""


async def test_what_the_sisters_accept_is_in_the_summary(house: House) -> None:
    await house.registered("1", owner_kind="household")
    (item,) = await house.evaluation.accepted(cloudevent("ModelRecognized", recognition("1")))
    answer = await house.get(
        "/summaries/national", year=2022, known_at=item["position"], by="owner_kind"
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["known_at"]["position"] == item["position"]
    assert (body["measures"]["registered"], body["measures"]["recognized"]) == (1, 1)
    assert body["tables"][0]["rows"][0]["owner_kind"] == "household"
    assert body["map"] == "recorded"


async def test_a_figure_asserted_here_is_listed_and_not_added(house: House) -> None:
    answer = await house.told("FigureAsserted", FIGURE)
    assert answer.status_code == 201
    listed = await house.get("/figures", year=2022, known_at=answer.json()["position"])
    assert [each["value"] for each in listed.json()["items"]] == [191]
    summary = await house.get("/summaries/national", year=2022)
    assert summary.json()["measures"]["registered"] == 0


async def test_a_list_is_csv_when_asked_for(house: House) -> None:
    position = await house.registered("1", title="Trồng quế")
    for how in ({"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}):
        parameters = {"known_at": position, **how.get("params", {})}
        answer = await house.reporting.get(
            "/registrations", params=parameters, headers=how.get("headers", {})
        )
        assert answer.content.startswith("\ufeff".encode())
        (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert (row["registration_id"], row["title"]) == ("r-1", "Trồng quế")


async def test_the_next_page_knows_what_the_first_knew(house: House) -> None:
    positions = [await house.registered(str(number)) for number in range(3)]
    first = (await house.get("/registrations", limit=2, known_at=positions[-1])).json()
    await house.registered("late")
    second = (await house.get("/registrations", limit=2, cursor=first["next"])).json()
    ids = [each["registration_id"] for each in (*first["items"], *second["items"])]
    assert ids == ["r-0", "r-1", "r-2"]
    assert second["next"] is None


async def test_a_number_is_explained_event_by_event_in_pages(house: House) -> None:
    positions = [await house.registered(str(number)) for number in range(3)]
    asked = {"year": 2022, "measure": "registered", "known_at": positions[-1]}
    first = (await house.get("/explain", limit=2, **asked)).json()
    await house.registered("late")
    second = (await house.get("/explain", limit=2, cursor=first["next"], **asked)).json()
    assert (first["figure"], second["figure"], second["next"]) == (3, 3, None)
    items = [*first["items"], *second["items"]]
    assert [each["subject"] for each in items] == [f"registration/r-{n}" for n in range(3)]
    (event,) = items[0]["events"]
    assert event == {
        "position": positions[0],
        "id": event["id"],
        "source": "/publishers/test",
        "type": "dvk.ModelRegistered.v1",
        "occurred_on": "2022-03-01",
        "decision": None,
        "recordedtime": event["recordedtime"],
        **OF_ITSELF,
    }
    answer = await house.get("/explain", **asked, format="csv", owner_kind="collective")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["subject"] for row in rows] == [f"registration/r-{n}" for n in range(3)]


async def test_what_changed_a_number_is_told_in_pages_that_know_what_the_first_knew(
    house: House,
) -> None:
    positions = [await house.registered(str(number)) for number in range(3)]
    asked = {"year": 2022, "measure": "registered", "since": positions[0]}
    first = (await house.get("/explain", limit=1, known_at=positions[-1], **asked)).json()
    await house.registered("late")
    second = (await house.get("/explain", limit=1, cursor=first["next"], **asked)).json()
    assert (first["before"], first["after"]) == (second["before"], second["after"]) == (1, 3)
    assert second["next"] is None
    told = [*first["items"], *second["items"]]
    assert all(each.pop("recordedtime") for each in told)
    assert told == [
        {
            "position": position,
            "type": "dvk.ModelRegistered.v1",
            "subject": f"registration/r-{number}",
            "delta": 1,
            "title": f"Mô hình số {number}",
            **OF_ITSELF,
        }
        for number, position in enumerate(positions[1:], start=1)
    ]


async def test_what_has_not_changed_is_not_sent_again(house: House) -> None:
    position = await house.registered("1")
    for path in (
        "/summaries/national?year=2022&map=current",
        "/registrations",
        "/models/m-1/history",
        "/explain?year=2022&measure=registered",
    ):
        url = f"{path}{'&' if '?' in path else '?'}known_at={position}"
        first = await house.unchecked.get(url)
        assert first.status_code == 200
        tag = first.headers["etag"]
        again = await house.unchecked.get(url, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        other = await house.unchecked.get(
            f"{url}&format=csv" if "summaries" not in path else f"{url}&by=unit",
            headers={"If-None-Match": tag},
        )
        assert other.status_code in {200, 422}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/summaries/national", 422, "invalid_parameter"),
        ("/summaries/national?year=2022&anno=1", 422, "unknown_parameter"),
        ("/summaries/national?year=2022&by=field,award_form", 422, "mixed_dimensions"),
        ("/summaries/national?year=2022&by=field,field", 422, "invalid_parameter"),
        ("/summaries/national?year=2022&by=", 422, "invalid_parameter"),
        ("/summaries/national?year=2022&known_at=999999", 422, "known_at_beyond_head"),
        ("/summaries/national?year=2022&known_at=yesterday", 422, "invalid_parameter"),
        ("/summaries/national?year=2022&map=tomorrow", 422, "invalid_parameter"),
        ("/summaries/units/nowhere?year=2022", 404, "unknown_scope"),
        ("/summaries/units/vn?year=2022&map=1990-01-01", 404, "unit_not_on_map"),
        ("/registrations?limit=0", 422, "invalid_parameter"),
        ("/registrations?cursor=nonsense", 422, "invalid_cursor"),
        ("/awards?field=economy", 422, "unknown_parameter"),
        ("/registrations?unit_id=nowhere", 404, "unknown_scope"),
        ("/models/nothing/history", 404, "unknown_model_history"),
        ("/explain?year=2022", 422, "invalid_parameter"),
        ("/explain?year=2022&measure=unheard", 422, "invalid_parameter"),
        ("/explain?year=2022&measure=registered&award_form=x", 422, "no_such_cell"),
        ("/explain?year=2022&measure=registered&known_at=0&since=1", 422, "since_after_known_at"),
        ("/explain?year=2022&measure=registered&since=999999", 422, "known_at_beyond_head"),
        ("/explain?year=2022&measure=registered&since=soon", 422, "invalid_parameter"),
        ("/explain?year=2022&measure=registered&unit_id=nowhere", 404, "unknown_scope"),
        ("/explain?year=2022&measure=registered&subject=x", 422, "unknown_parameter"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_question_without_an_answer_is_a_problem(
    read_house: House, path: str, status: int, code: str
) -> None:
    answer = await read_house.reporting.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_completeness_is_equal_at_rest(house: House) -> None:
    position = await house.registered("1")
    await house.get("/summaries/national", year=2022, known_at=position)
    body = (await house.get("/completeness")).json()
    assert body["log"] == {"head": position, "events": position}
    assert {each["name"] for each in body["read_models"]} >= {
        "registrations",
        "awards",
        "plans",
        "inspections",
        "outcomes",
        "units",
        "organizations",
        "figures",
    }
    assert all(each["equal"] for each in body["read_models"])


@pytest.mark.asyncio(loop_scope="module")
async def test_readiness_names_the_read_models(read_house: House) -> None:
    checks = (await read_house.get("/readyz")).json()["checks"]
    assert checks["read_models"] == {"ok": True, "required": True}
