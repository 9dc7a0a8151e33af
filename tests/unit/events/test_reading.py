"""Readers are lenient where the door is strict, and old versions are read as the latest."""

import json
from hashlib import sha256
from typing import Any, ClassVar

import pytest
import rfc8785

from shared.errors import BrokenContract
from shared.events.catalogue import CATALOGUE, EventType
from shared.events.decoding import Upcaster, content_of, lift, payload_of, received_again
from shared.events.envelope import NO_CHAIN, ReceivedEvent, link
from shared.events.payloads.payload import Amount, Id, Payload, Title
from shared.events.recorded import RecordedEvent, feed_item, from_feed
from shared.vocabulary import Family
from tests.unit.events.sending import NOW_US, event, organization, take


def recorded(received: ReceivedEvent, position: int = 1) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        key=received.key,
        type=received.type,
        subject=received.subject,
        recorded_us=NOW_US,
        digest=received.digest,
        chain=link(NO_CHAIN, position, NOW_US, received.digest),
        body=received.body,
    )


SENT = [
    event(),
    event(id='","id":"x'),
    event(id='\\","subject":"y'),
    event({"title": '"id":"z","source":"/publishers/x"', "note": ',"id":"w"'}),
    event(expectedversion=4, datacontenttype="application/json", dataschema="urn:x:y"),
    organization({"a": 1, "id": "x", "source": "y"}),
    organization({"id": {"type": ["}", "]", '"', "\\", ',"id":"']}}),
]


@pytest.mark.parametrize("sent", SENT)
def test_a_record_comes_back_whole(sent: dict[str, Any]) -> None:
    received = take(sent)
    assert received_again(received.body, received.time_us) == received
    assert content_of(received.body) == received.content
    assert payload_of(received.type, received.body) == received.payload
    assert recorded(received).payload == received.payload


@pytest.mark.parametrize("sent", SENT)
def test_the_feed_puts_the_logs_attributes_in_front_of_the_unchanged_record(
    sent: dict[str, Any],
) -> None:
    log_event = recorded(take(sent), position=1_234)
    item = feed_item(log_event)
    assert item.endswith(log_event.body[1:])
    first = {"sequence": f"{1_234:020d}", "recordedtime": "2022-03-01T02:00:00.000000Z"}
    first["chain"] = log_event.chain.hex()
    assert json.loads(item) == {**first, **sent}
    assert list(json.loads(item))[:3] == ["sequence", "recordedtime", "chain"]
    assert from_feed(item) == log_event


def test_the_digest_is_that_of_the_record_as_it_was_cut_out() -> None:
    item = feed_item(recorded(take(event())))
    altered = item.replace("Hiến".encode(), b"Hien")
    found = from_feed(altered)
    assert found.digest == sha256(found.body).digest() != from_feed(item).digest
    assert link(NO_CHAIN, 1, found.recorded_us, found.digest) != found.chain


@pytest.mark.parametrize(
    "spoil",
    [
        lambda item: item[1:],
        lambda item: item[:-1],
        lambda item: item[:0],
        lambda item: item[:0] + b"{}",
        lambda item: item.replace(b'"sequence":"0', b'"sequence":"'),
        lambda item: item.replace(b'"sequence"', b'"position"'),
        lambda item: item.replace(b"Z", b"+07:00", 1),
        lambda item: item.replace(b"2022-03-01T02", b"2022-13-01T02", 1),
        lambda item: item.replace(b'"subject"', b'"object"'),
        lambda item: item.replace(b',"id"', b',"di"'),
        lambda item: json.dumps(json.loads(item)).encode(),
    ],
)
def test_what_the_log_did_not_give_out_is_refused(spoil: Any) -> None:
    item = feed_item(recorded(take(event())))
    with pytest.raises(BrokenContract) as caught:
        from_feed(spoil(item))
    assert caught.value.problem.rule.code == "not_a_record"


def test_readers_ignore_unknown_fields_wherever_they_stand() -> None:
    sent = event({"origin": {"kind": "entry"}})
    later = event({"origin": {"kind": "entry", "by": "x"}, "new_field": [1]}, newattribute="y")
    assert payload_of(sent["type"], rfc8785.dumps(later)) == take(sent).payload


@pytest.mark.parametrize(
    ("event_type", "data"),
    [("dvk.ModelRegistered.v9", {}), ("dvk.ModelRegistered.v1", {"plan_year": "x"})],
)
def test_what_this_release_cannot_read_is_an_error_and_no_guess(
    event_type: str, data: dict[str, Any]
) -> None:
    with pytest.raises(BrokenContract) as caught:
        payload_of(event_type, rfc8785.dumps(event(data)))
    assert caught.value.problem.rule.code == "not_a_record"


class Weighed(Payload):
    """The third version of an event that only this test knows."""

    NAME: ClassVar = "Weighed"
    VERSION: ClassVar = 3
    thing_id: Id
    weight_kg: Amount
    label: Title

    def subject(self) -> str:
        """Return the stream of the thing."""
        return f"thing/{self.thing_id}"


CATALOGUE_OF_THINGS = {"dvk.Weighed.v3": EventType("Weighed", 3, Weighed, frozenset(Family))}
STEPS = {
    "dvk.Weighed.v1": Upcaster(
        "dvk.Weighed.v2", lambda data: {**data, "weight_kg": data.pop("weight_g") / 1_000}
    ),
    "dvk.Weighed.v2": Upcaster("dvk.Weighed.v3", lambda data: {"label": "không tên", **data}),
}


@pytest.mark.parametrize(
    ("event_type", "data", "label"),
    [
        ("dvk.Weighed.v1", {"weight_g": 2_500, "old": True}, "không tên"),
        ("dvk.Weighed.v2", {"weight_kg": 2.5}, "không tên"),
        ("dvk.Weighed.v2", {"weight_kg": 2.5, "label": "Cân"}, "Cân"),
        ("dvk.Weighed.v3", {"weight_kg": 2.5, "label": "Cân"}, "Cân"),
    ],
)
def test_an_older_version_is_lifted_step_by_step_to_the_latest(
    event_type: str, data: dict[str, Any], label: str
) -> None:
    body = rfc8785.dumps({"data": {"occurred_on": "2022-02-15", "thing_id": "t-1", **data}})
    payload = payload_of(event_type, body, catalogue=CATALOGUE_OF_THINGS, upcasters=STEPS)
    assert isinstance(payload, Weighed)
    assert (str(payload.weight_kg), payload.label) == ("2.5", label)


def test_the_latest_version_is_not_lifted() -> None:
    assert lift("dvk.Weighed.v3", {"a": 1}, STEPS) == ("dvk.Weighed.v3", {"a": 1})
    assert all(event_type not in STEPS for event_type in CATALOGUE)
