"""POST /events with one event: the answers of the contract, and what they leave behind."""

import json
from typing import Any
from urllib.parse import quote

from tests.support.cloudevents import PUBLISHER, cloudevent, recognition, registration
from tests.support.http_clients import Face


def new(number: str, **attributes: Any) -> dict[str, Any]:
    return cloudevent("ModelRegistered", registration(number), **attributes)


async def test_an_accepted_event_is_201_with_its_place_in_the_log(registry: Face) -> None:
    event = new("1")
    answer = await registry.send(event)
    assert answer.status_code == 201
    item = answer.json()
    assert item == {
        "id": event["id"],
        "source": PUBLISHER,
        "status": "accepted",
        "position": 2,
        "chain": item["chain"],
        "problem": None,
    }
    assert len(bytes.fromhex(item["chain"])) == 32
    found = await registry.client.get(f"/{answer.headers['location']}")
    assert found.json() == item


async def test_the_same_event_again_is_200_with_the_original_position(registry: Face) -> None:
    event = new("1")
    first = (await registry.send(event)).json()
    await registry.accepted(new("2"))
    again = await registry.send({**event, "time": "2026-01-01T00:00:00Z"})
    assert again.status_code == 200
    assert again.json() == {**first, "status": "duplicate"}
    assert len(await feed(registry)) == 3


async def test_an_id_used_for_other_content_is_409_and_stores_nothing(registry: Face) -> None:
    event = new("1")
    await registry.accepted(event)
    other = await registry.send(new("2", id=event["id"]))
    assert (other.status_code, other.json()["code"]) == (409, "id_reused")
    assert len(await feed(registry)) == 2
    # Only refusals by rule are listed.
    assert await registry.items("/refused") == []


async def test_a_refusal_is_409_with_its_rule_and_is_listed(registry: Face) -> None:
    await registry.accepted(new("1"))
    event = cloudevent("ModelRegistered", registration("1", model_id="m-2"))
    answer = await registry.send(event)
    assert (answer.status_code, answer.json()["code"]) == (409, "registration_id_used")
    (listed,) = await registry.items("/refused")
    assert listed.pop("at").endswith("Z")
    assert listed == {
        "id": event["id"],
        "source": PUBLISHER,
        "type": "dvk.ModelRegistered.v1",
        "subject": "registration/r-1",
        "problem": answer.json(),
        "originledger": None,
        "originposition": None,
    }
    assert (await registry.receipt(event)).json()["status"] == "refused"


async def test_a_refusal_does_not_use_up_its_id(registry: Face) -> None:
    await registry.accepted(new("1"))
    event = cloudevent("ModelRegistered", registration("1", model_id="m-2"))
    assert (await registry.send(event)).status_code == 409
    mended = {**event, "subject": "registration/r-2"}
    mended["data"] = registration("2") | {"occurred_on": "2022-03-01"}
    assert (await registry.send(mended)).status_code == 201


async def test_an_event_that_names_the_unknown_is_202_and_waits(registry: Face) -> None:
    event = cloudevent("ModelRegistered", registration("1", "u-1"))
    answer = await registry.send(event)
    assert answer.status_code == 202
    assert answer.json() == {
        "id": event["id"],
        "source": PUBLISHER,
        "status": "parked",
        "position": None,
        "chain": None,
        "problem": None,
        "waiting_for": [{"kind": "unit", "id": "u-1"}],
    }
    (listed,) = await registry.items("/parked")
    assert {listed.pop("since")[:4], listed.pop("until")[:4]} <= {"2026", "2027", "2028"}
    assert listed == {
        "id": event["id"],
        "source": PUBLISHER,
        "type": "dvk.ModelRegistered.v1",
        "subject": "registration/r-1",
        "waiting_for": [{"kind": "unit", "id": "u-1"}],
        "originledger": None,
        "originposition": None,
    }
    again = await registry.send(event)
    assert (again.status_code, again.json()) == (202, answer.json())


async def test_a_parked_event_is_released_directly_after_what_it_waited_for(
    registry: Face,
) -> None:
    early, other = cloudevent("ModelRegistered", registration("1", "u-1")), new("2")
    assert (await registry.send(early)).status_code == 202
    unit = {"unit_id": "u-1", "name": "Xã Một", "level": "commune", "parent_id": "vn", "codes": []}
    opening = cloudevent("UnitOpened", {**unit, "occurred_on": "2004-01-01"})
    await registry.accepted(opening, other)
    recorded = [event["id"] for event in await feed(registry)]
    assert recorded[1:] == [opening["id"], early["id"], other["id"]]
    assert await registry.items("/parked") == []
    receipt = (await registry.receipt(early)).json()
    assert (receipt["status"], receipt["position"]) == ("accepted", 3)


async def test_an_expected_version_that_is_wrong_is_412(registry: Face) -> None:
    assert (await registry.send(new("1", expectedversion=0))).status_code == 201
    late = cloudevent(
        "RegistrationWithdrawn", {"registration_id": "r-1", "reason": "rút"}, expectedversion=0
    )
    answer = await registry.send(late)
    assert (answer.status_code, answer.json()["code"]) == (412, "wrong_version")
    assert (await registry.send({**late, "expectedversion": 1})).status_code == 201


async def test_an_event_with_expected_version_never_waits(registry: Face) -> None:
    event = cloudevent("ModelRegistered", registration("1", "u-1"), expectedversion=0)
    answer = await registry.send(event)
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_reference")
    assert await registry.items("/parked") == []


async def test_an_event_of_another_service_is_422_and_says_whose_it_is(registry: Face) -> None:
    answer = await registry.send(cloudevent("ModelRecognized", recognition("1")))
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_service")
    assert "evaluation" in answer.text


async def test_both_writing_services_decide_on_one_log(registry: Face, evaluation: Face) -> None:
    early = cloudevent("ModelRecognized", recognition("1"))
    assert (await evaluation.send(early)).status_code == 202
    await registry.accepted(new("1"))
    # Any next look of evaluation at the log releases what waited there.
    await evaluation.accepted(
        cloudevent("EligibilityAssessed", {"registration_id": "r-1", "eligible": True})
    )
    assert (await evaluation.receipt(early)).json()["position"] == 3
    withdrawn = cloudevent("RegistrationWithdrawn", {"registration_id": "r-1", "reason": "rút"})
    refused = await registry.send(withdrawn)
    assert refused.status_code == 409


async def test_the_words_of_a_problem_are_in_the_language_of_its_reader(registry: Face) -> None:
    event = cloudevent("ModelRegistered", registration("1", occurred_on="2999-01-01"))
    vietnamese = await registry.send(event)
    english = await registry.send(event, **{"Accept-Language": "en-US,en;q=0.9,vi;q=0.5"})
    assert vietnamese.json()["code"] == english.json()["code"] == "occurred_in_future"
    assert vietnamese.headers["content-language"] == "vi"
    assert english.headers["content-language"] == "en"
    assert vietnamese.json()["detail"] != english.json()["detail"]


async def test_binary_mode_carries_the_attributes_in_headers(registry: Face) -> None:
    event = new("1", subject="registration/r-1", expectedversion=0)
    answer = await send_binary(registry, event)
    assert answer.status_code == 201, answer.text
    # The same event in structured mode is the same event.
    again = await registry.send(event)
    assert (again.status_code, again.json()["position"]) == (200, 2)


async def test_header_values_are_percent_decoded(registry: Face) -> None:
    event = new("1", id="a%b")
    answer = await send_binary(registry, event)
    assert answer.json()["id"] == "a%b"


async def test_an_unknown_header_attribute_is_422(registry: Face) -> None:
    answer = await send_binary(registry, {**new("1"), "colour": "red"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/colour"


async def test_a_header_that_is_not_utf_8_is_422(registry: Face) -> None:
    event = new("1")
    headers = binary_headers(event) | {"ce-id": "%FF%FE"}
    answer = await registry.client.post(
        "/events", content=json.dumps(event["data"]).encode(), headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_header")


async def test_a_header_that_stands_twice_is_422(registry: Face) -> None:
    event = new("1")
    headers = [*binary_headers(event).items(), ("ce-id", "another")]
    answer = await registry.client.post(
        "/events", content=json.dumps(event["data"]).encode(), headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_header")


async def test_an_expected_version_in_a_header_is_decimal_text(registry: Face) -> None:
    wrong = await send_binary(registry, {**new("1"), "expectedversion": "one"})
    assert wrong.status_code == 422
    late = await send_binary(registry, {**new("1"), "expectedversion": "7"})
    assert late.status_code == 412


async def test_a_receipt_of_an_unknown_event_is_404(registry: Face) -> None:
    answer = await registry.receipt(new("1"))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_event")


async def test_a_receipt_needs_a_source_and_an_id(registry: Face) -> None:
    for query in ("", "?id=1", f"?source={PUBLISHER}", "?source=%00&id=1", "?source=x&id=1"):
        answer = await registry.client.get(f"/receipts{query}")
        assert answer.status_code == 422, query


async def feed(face: Face) -> list[dict[str, Any]]:
    answer = await face.client.get("/events?limit=1000")
    assert answer.status_code == 200
    events: list[dict[str, Any]] = answer.json()
    return events


def binary_headers(event: dict[str, Any]) -> dict[str, str]:
    headers = {
        f"ce-{name}": quote(str(value), safe="/:+")
        for name, value in event.items()
        if name != "data"
    }
    return {**headers, "Content-Type": "application/json"}


async def send_binary(face: Face, event: dict[str, Any]) -> Any:
    return await face.client.post(
        "/events", content=json.dumps(event["data"]).encode(), headers=binary_headers(event)
    )
