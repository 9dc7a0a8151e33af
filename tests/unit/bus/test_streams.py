"""The names of the streams are those of the contract (events.md, Redis)."""

import pytest

from shared.bus.streams import EVENTS, entry_id, intake, position_of, receipts_for
from shared.vocabulary import Family


def test_the_streams_are_called_as_the_contract_says() -> None:
    assert EVENTS == "dvk:events"
    assert [intake(family) for family in Family] == [
        "dvk:intake:registry",
        "dvk:intake:evaluation",
        "dvk:intake:reporting",
    ]
    assert receipts_for("/publishers/bac-kan") == "dvk:receipts:bac-kan"


@pytest.mark.parametrize(
    "source",
    [None, "", "bac-kan", "/publishers/", "/publishers/a/b", "/publishers/a\n", "/publishers/é"],
)
def test_answers_without_a_readable_publisher_go_to_one_stream(source: str | None) -> None:
    assert receipts_for(source) == "dvk:receipts:_unreadable"


def test_an_entry_id_is_the_position() -> None:
    assert entry_id(42) == "42-0"
    assert position_of(b"42-0") == 42


@pytest.mark.parametrize("strangers", [b"42-1", b"42", b"-0", b"x-0", b""])
def test_other_ids_are_no_positions(strangers: bytes) -> None:
    assert position_of(strangers) is None
