"""The item that answers an event is that of the contract (events.md, HTTP)."""

from shared.appending.outcome_json import item
from shared.appending.outcomes import Accepted, Duplicate, Parked, Refused
from shared.errors import Problem, Rule
from shared.eventlog.protocol import Reference

RULE = Rule("test_of_items", 409, vi="Đã có {what}.", en="There is {what} already.")
SOURCE = "/publishers/bac-kan"
CHAIN = bytes.fromhex("ab" * 32)


def test_an_accepted_event_is_answered_with_position_and_chain() -> None:
    assert item("e-1", SOURCE, Accepted(7, CHAIN)) == {
        "id": "e-1",
        "source": SOURCE,
        "status": "accepted",
        "position": 7,
        "chain": "ab" * 32,
        "problem": None,
    }


def test_a_duplicate_is_answered_with_the_original_position() -> None:
    answer = item("e-1", SOURCE, Duplicate(7, CHAIN))
    assert (answer["status"], answer["position"], answer["chain"]) == ("duplicate", 7, "ab" * 32)


def test_a_parked_event_is_answered_with_what_it_waits_for() -> None:
    assert item("e-1", SOURCE, Parked((Reference("registration", "r-1"),))) == {
        "id": "e-1",
        "source": SOURCE,
        "status": "parked",
        "position": None,
        "chain": None,
        "problem": None,
        "waiting_for": [{"kind": "registration", "id": "r-1"}],
    }


def test_a_refusal_says_why_in_vietnamese_unless_english_is_asked_for() -> None:
    refused = Refused(Problem(RULE, {"what": "r-1"}))
    vietnamese = item("e-1", SOURCE, refused)
    assert vietnamese["status"] == "refused"
    assert vietnamese["position"] is None
    assert vietnamese["problem"] == {
        "type": "urn:dvk:problem:test_of_items",
        "title": "Đã có ….",
        "status": 409,
        "code": "test_of_items",
        "detail": "Đã có r-1.",
        "what": "r-1",
    }
    english = item("e-1", SOURCE, refused, "en")["problem"]
    assert isinstance(english, dict)
    assert english["detail"] == "There is r-1 already."


def test_an_event_that_never_passed_the_door_is_invalid_and_may_have_no_name() -> None:
    answer = item(None, None, Problem(RULE, {"what": "r-1"}))
    assert (answer["id"], answer["source"], answer["status"]) == (None, None, "invalid")
    assert answer["problem"] is not None
