"""What was ever recorded is read for ever: the corpus only grows, and each of its events replays.

`make golden-event` appends a new version of an event to events.jsonl, chained to the last line, and
writes the length of the corpus and its last chain into chain.txt: no line can change without it.
"""

import json
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rfc8785

from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.decoding import UPCASTERS, content_of, payload_of, received_again
from shared.events.envelope import NO_CHAIN, link
from shared.events.recorded import RecordedEvent, feed_item
from shared.events.schemas.json_schema import event_schema
from shared.vocabulary import Family

CHAIN = Path(__file__).with_name("chain.txt")


def test_no_recorded_event_has_changed(corpus: list[RecordedEvent]) -> None:
    chain = NO_CHAIN
    for position, event in enumerate(corpus, 1):
        assert event.position == position
        chain = link(chain, position, event.recorded_us, event.digest)
        assert event.chain == chain
    assert f"{len(corpus)} {chain.hex()}\n" == CHAIN.read_text("utf-8")


def test_every_released_version_has_its_event(corpus: list[RecordedEvent]) -> None:
    assert {event.type for event in corpus} == set(CATALOGUE)


def test_every_recorded_event_replays(corpus: list[RecordedEvent]) -> None:
    for event in corpus:
        payload = payload_of(event.type, event.body)
        if event.type not in UPCASTERS:
            assert plain(payload.model_dump(by_alias=True, exclude_unset=True)) == data(event)


def test_every_recorded_event_would_pass_the_door_unchanged(corpus: list[RecordedEvent]) -> None:
    for event in corpus:
        for family in CATALOGUE[event.type].families:
            received = receive(event.body, now_us=event.recorded_us, family=family)
            assert received.body == event.body == rfc8785.dumps(json.loads(event.body))
            assert received_again(event.body, received.time_us) == received
            assert content_of(event.body) == received.content


def test_every_recorded_event_fits_its_json_schema(corpus: list[RecordedEvent]) -> None:
    for event in corpus:
        schema = event_schema(CATALOGUE[event.type])
        validator = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.FormatChecker()
        )
        validator.validate(json.loads(event.body))


def test_the_feed_gives_every_event_as_it_stands_here(
    corpus: list[RecordedEvent], corpus_lines: list[bytes]
) -> None:
    assert [feed_item(event) for event in corpus] == corpus_lines


def test_the_corpus_fills_every_field_of_the_contract(corpus: list[RecordedEvent]) -> None:
    filled: dict[str, set[str]] = {}
    for event in corpus:
        schema = event_schema(CATALOGUE[event.type])
        filled.setdefault(event.type, set()).update(data(event))
        common = {"occurred_precision", "unit_id", "plan_year", "programme", "origin", "note"}
        own = set(schema["$defs"][CATALOGUE[event.type].name]["properties"])
        own -= common | {"legal_basis", "previous_registration_id", "owner_person_ref"}
        assert own - filled[event.type] <= OPTIONAL_ELSEWHERE.get(event.type, set()), event.type


OPTIONAL_ELSEWHERE = {
    "dvk.RecognitionRevoked.v1": {"decision"},
    "dvk.PublisherAuthorized.v1": {"under"},  # a root gives without one
}


def data(event: RecordedEvent) -> Any:
    return json.loads(event.body)["data"]


def plain(value: Any) -> Any:
    """Write typed values as JSON writes them."""
    match value:
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
        case Enum():
            return value.value
    return value


@pytest.mark.parametrize("family", Family)
def test_the_corpus_has_events_of_every_service(
    family: Family, corpus: list[RecordedEvent]
) -> None:
    assert any(family in CATALOGUE[event.type].families for event in corpus)
