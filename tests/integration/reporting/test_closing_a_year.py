"""A publisher closes a year over HTTP: with what a summary has just stated, and nothing else."""

from typing import Any

from tests.integration.reporting.conftest import House
from tests.support.cloudevents import cloudevent, recognition

REOPENING = {"unit_id": "vn", "plan_year": 2022, "reason": "bổ sung", "occurred_on": "2023-02-01"}


def _closing(summary: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit_id": summary["scope"]["unit_id"],
        "plan_year": summary["year"],
        "position": summary["known_at"]["position"],
        "digest": summary["digest"],
        "occurred_on": "2023-01-15",
    }


async def test_what_a_summary_states_closes_its_year_at_once(house: House) -> None:
    for number in range(5):
        position = await house.registered(str(number))
        summary = (await house.get("/summaries/national", year=2022, known_at=position)).json()
        closed = await house.told("PeriodClosed", _closing(summary))
        assert closed.status_code == 201, closed.text
        event_position = closed.json()["position"]
        shown = await house.get("/summaries/national", year=2022, known_at=event_position)
        assert shown.json()["closing"] == {
            "position": position,
            "digest": summary["digest"],
            "rules": 2,
            "event_position": event_position,
            "closed_on": "2023-01-15",
            "recordedtime": shown.json()["known_at"]["time"],
            "documents": [],
            "measures": summary["measures"],
            "changed": False,
        }
        assert (await house.told("PeriodReopened", REOPENING)).status_code == 201


async def test_a_late_recognition_is_seen_as_a_change_since_closing(house: House) -> None:
    position = await house.registered("1")
    summary = (await house.get("/summaries/units/vn", year=2022, known_at=position)).json()
    closed = (await house.told("PeriodClosed", _closing(summary))).json()["position"]
    (late,) = await house.evaluation.accepted(cloudevent("ModelRecognized", recognition("1")))
    for known_at, changed, recognized in ((closed, False, 0), (late["position"], True, 1)):
        answer = await house.get("/summaries/units/vn", year=2022, known_at=known_at)
        assert answer.json()["measures"]["recognized"] == recognized
        assert answer.json()["closing"]["changed"] is changed
        assert answer.json()["closing"]["measures"]["recognized"] == 0


async def test_a_closing_with_another_digest_is_refused_and_listed(house: House) -> None:
    position = await house.registered("1")
    summary = (await house.get("/summaries/national", year=2022, known_at=position)).json()
    wrong = _closing(summary) | {"digest": "sha256:" + "0" * 64}
    answer = await house.told("PeriodClosed", wrong)
    assert (answer.status_code, answer.json()["code"]) == (409, "closing_digest_differs")
    refused = (await house.get("/refused")).json()["items"]
    assert [each["problem"]["code"] for each in refused] == ["closing_digest_differs"]
    assert (await house.get("/summaries/national", year=2022)).json()["closing"] is None
