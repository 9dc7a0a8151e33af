"""`GET /reconciliation` over HTTP: a list like the others, in the shapes of the contract."""

import csv
import io
import json
from typing import Any

import pytest

from tests.integration.reporting.conftest import House

FIGURE = {
    "metric": "registered",
    "unit_id": "vn",
    "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
    "value": 3,
    "qualifier": "more_than",
    "source": {"kind": "báo cáo", "title": "Báo cáo năm 2022"},
}


async def _asserted(house: House, *figure_ids: str, **data: Any) -> int:
    position = 0
    for figure_id in figure_ids:
        answer = await house.told("FigureAsserted", {**FIGURE, "figure_id": figure_id, **data})
        assert answer.status_code == 201, answer.text
        position = answer.json()["position"]
    return position


async def test_a_figure_is_answered_in_the_shape_of_the_contract(house: House) -> None:
    await house.registered("1")
    await _asserted(house, "f-1")
    known_at = await _asserted(house, "f-2", metric="models_commended", dimensions={"x": "y"})
    answer = await house.get("/reconciliation", known_at=known_at)
    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "figure_id": "f-1",
                "unit_id": "vn",
                "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
                "metric": "registered",
                "dimensions": {},
                "asserted": {"value": 3, "qualifier": "more_than"},
                "log": 1,
                "result": "differs",
                "difference": -2,
                "reason": None,
            },
            {
                "figure_id": "f-2",
                "unit_id": "vn",
                "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
                "metric": "models_commended",
                "dimensions": {"x": "y"},
                "asserted": {"value": 3, "qualifier": "more_than"},
                "log": None,
                "result": "cannot_be_checked",
                "difference": None,
                "reason": "unknown_metric",
            },
        ],
        "next": None,
    }


async def test_a_cursor_pins_the_position(house: House) -> None:
    await house.registered("1")
    known_at = await _asserted(house, "f-1", "f-2", "f-3")
    first = (await house.get("/reconciliation", limit=2, known_at=known_at)).json()
    position = await house.registered("2")
    await house.get("/summaries/national", year=2022, known_at=position)
    second = (await house.get("/reconciliation", limit=2, cursor=first["next"])).json()
    assert [each["figure_id"] for each in first["items"]] == ["f-1", "f-2"]
    assert [(each["figure_id"], each["log"]) for each in second["items"]] == [("f-3", 1)]
    assert second["next"] is None


async def test_the_reconciliation_is_filtered_by_year_and_unit(house: House) -> None:
    known_at = await _asserted(house, "f-1")
    for query, found in (
        ({"year": 2022}, ["f-1"]),
        ({"year": 2021}, []),
        ({"unit_id": "vn"}, ["f-1"]),
    ):
        answer = await house.get("/reconciliation", known_at=known_at, **query)
        assert [each["figure_id"] for each in answer.json()["items"]] == found


async def test_the_reconciliation_is_csv_when_asked_for(house: House) -> None:
    known_at = await _asserted(house, "f-1")
    answer = await house.get("/reconciliation", known_at=known_at, format="csv")
    assert answer.content.startswith("\ufeff".encode())
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["figure_id"], row["log"], row["reason"]) == ("f-1", "", "no_events")
    assert json.loads(row["asserted"]) == {"value": 3, "qualifier": "more_than"}


async def test_an_unchanged_reconciliation_is_not_sent_again(house: House) -> None:
    known_at = await _asserted(house, "f-1")
    url = f"/reconciliation?known_at={known_at}"
    tag = (await house.unchecked.get(url)).headers["etag"]
    again = await house.unchecked.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = await house.unchecked.get(f"{url}&year=2022", headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("year=abc", 422, "invalid_parameter"),
        ("year=1000", 422, "invalid_parameter"),
        ("map=current", 422, "unknown_parameter"),
        ("metric=registered", 422, "unknown_parameter"),
        ("limit=1001", 422, "invalid_parameter"),
        ("cursor=nonsense", 422, "invalid_cursor"),
        ("known_at=999999", 422, "known_at_beyond_head"),
        ("unit_id=nowhere", 404, "unknown_scope"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_question_that_it_does_not_know_is_a_problem(
    read_house: House, query: str, status: int, code: str
) -> None:
    answer = await read_house.reporting.get(f"/reconciliation?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
