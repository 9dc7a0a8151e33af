"""Once trust began each publisher has an intake stream of its own, and harms no other with it."""

from concurrent.futures import Future
from typing import Any

import pytest
from redis import Redis

from shared.appending.queue import TOO_BUSY
from shared.appending.shares import PUBLISHER_BUSY
from shared.bus.streams import UNREADABLE
from shared.errors import Problem, Unavailable
from tests.support.cloudevents import cloudevent, registration
from tests.support.intake_scenario import answers
from tests.support.publisher_streams import OF_A, OF_B, SHARED, PublisherStreams, entry, registers
from tests.support.trusted import ROOTS, authorized, key_added, key_of

pytestmark = pytest.mark.redis
GREATEST = "18446744073709551615-18446744073709551615"


@pytest.fixture
def ledger(redis: Redis) -> PublisherStreams:
    return PublisherStreams(redis)


def test_each_publisher_sends_by_its_own_stream_and_is_answered_in_its_own_receipts(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(OF_A, entry(registers("1", "a1", "p-a")))
    redis.xadd(OF_B, entry(registers("1", "b1", "p-b"), registers("2", "b1", "p-b")))
    assert ledger.intake.step() == 2
    assert sorted(ledger.accepted()) == ["p-a-1", "p-b-1", "p-b-2"]
    assert ledger.receipts_of("p-a") == [("p-a-1", "accepted")]
    assert ledger.receipts_of("p-b") == [("p-b-1", "accepted"), ("p-b-2", "accepted")]
    assert (redis.xlen(OF_A), redis.xlen(OF_B)) == (0, 0)


def test_an_event_of_another_in_ones_own_stream_is_answered_to_oneself_alone(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(OF_A, entry(registers("1", "b1", "p-b")))
    ledger.drain()
    assert ledger.receipts_of("p-a") == [("p-b-1", "foreign_stream")]
    assert ledger.receipts_of("p-b") == []
    assert ledger.accepted() == []


def test_what_cannot_be_read_is_answered_to_the_publisher_of_the_stream(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(OF_A, {"event": b"\xff"})
    redis.xadd(OF_A, {"event": '{"source": "/publishers/p-b", "id": "x"}'})
    ledger.drain()
    assert ledger.receipts_of("p-a") == [(None, "not_json"), ("x", "invalid_envelope")]
    assert ledger.receipts_of("p-b") == []
    assert answers(redis, UNREADABLE) == []


def test_the_shared_stream_takes_nothing_and_says_so(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(SHARED, entry(registers("1", "a1", "p-a")))
    ledger.drain()
    assert ledger.receipts_of("p-a") == [("p-a-1", "shared_stream")]
    assert (ledger.accepted(), redis.xlen(SHARED)) == ([], 0)


def test_an_unsigned_event_is_refused_by_the_stream_as_over_http(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(
        OF_A,
        entry(cloudevent("ModelRegistered", registration("1", "a1"), source="/publishers/p-a")),
    )
    ledger.drain()
    assert [code for _, code in ledger.receipts_of("p-a")] == ["unsigned"]
    assert ledger.accepted() == []


def test_a_new_publisher_is_read_without_a_restart(redis: Redis, ledger: PublisherStreams) -> None:
    redis.xadd("dvk:intake:registry:p-c", entry(registers("1", "a1", "p-c")))
    ledger.drain()
    assert ledger.receipts_of("p-c") == []
    ledger.submit([authorized("p-c", "a1"), key_added("p-c")])
    ledger.drain()
    assert ledger.receipts_of("p-c") == [("p-c-1", "accepted")]


def test_a_publisher_with_much_to_send_does_not_delay_the_others(
    redis: Redis, ledger: PublisherStreams
) -> None:
    many = [registers(str(number), "a1", "p-a") for number in range(400)]
    for _ in range(6):
        redis.xadd(OF_A, entry(*many))
    ledger.intake.step()
    redis.xadd(OF_B, entry(registers("1", "b1", "p-b")))
    ledger.intake.step()
    assert ledger.receipts_of("p-b") == [("p-b-1", "accepted")]
    assert redis.xlen(OF_A) == 4, "each step takes at most 500 events of a stream"


def test_bad_signatures_of_one_publisher_are_nothing_to_the_others(
    redis: Redis, ledger: PublisherStreams
) -> None:
    bad = [registers(str(n), "a1", "p-a") | {"signsalt": "A" * 22} for n in range(20)]
    redis.xadd(OF_A, entry(*bad))
    redis.xadd(OF_B, entry(registers("1", "b1", "p-b")))
    ledger.intake.step()
    assert {code for _, code in ledger.receipts_of("p-a")} == {
        "bad_signature",
        "signature_not_tried",
    }
    assert ledger.receipts_of("p-b") == [("p-b-1", "accepted")]


def test_while_one_publisher_has_to_wait_the_others_are_appended_at_once(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(OF_A, entry(registers("1", "a1", "p-a")))
    redis.xadd(OF_B, entry(registers("1", "b1", "p-b")))

    def share_of_a_is_full(events: Any) -> Future[Any]:
        if events[0].key.source == "/publishers/p-a":
            raise Unavailable(Problem(PUBLISHER_BUSY, {"publisher": "p-a"}))
        return ledger.submit(events)

    taking = ledger.intake_to(share_of_a_is_full)
    assert taking.step() == 1
    assert (ledger.accepted(), redis.xlen(OF_A)) == (["p-b-1"], 1)
    assert taking.step() == 0, "it is no trouble that would delay the others"
    redis.xadd(OF_B, entry(registers("2", "b1", "p-b")))
    assert taking.step() == 1
    ledger.now += 1_000_000
    assert ledger.intake.step() == 1
    assert ledger.receipts_of("p-a") == [("p-a-1", "accepted")]


def test_while_nothing_can_be_appended_all_entries_stay(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(OF_A, entry(registers("1", "a1", "p-a")))

    def full(_: Any) -> Future[Any]:
        raise Unavailable(Problem(TOO_BUSY, {"waiting": 20_000}))

    with pytest.raises(Unavailable):
        ledger.intake_to(full).step()
    assert redis.xlen(OF_A) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"id": GREATEST},
        {"id": GREATEST, "maxlen": 0, "approximate": False},
        {"id": GREATEST, "minid": GREATEST, "approximate": False},
    ],
    ids=["the greatest id", "and nothing kept", "and all before it gone"],
)
def test_a_stream_that_was_ended_by_its_publisher_begins_again_once_it_is_empty(
    redis: Redis, ledger: PublisherStreams, options: dict[str, Any]
) -> None:
    redis.xadd(OF_A, entry(registers("1", "a1", "p-a")))
    redis.xadd(OF_A, entry(registers("2", "a1", "p-a")), **options)
    with pytest.raises(Exception, match=r"exhausted|equal or smaller"):
        redis.xadd(OF_A, entry(registers("3", "a1", "p-a")))
    redis.xadd(OF_B, entry(registers("1", "b1", "p-b")))
    ledger.drain()
    ledger.look()
    redis.xadd(OF_A, entry(registers("3", "a1", "p-a")))
    ledger.drain()
    assert ledger.receipts_of("p-b") == [("p-b-1", "accepted")]
    assert ledger.receipts_of("p-a")[-1] == ("p-a-3", "accepted")


def test_an_ended_stream_is_not_deleted_while_it_has_entries(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(OF_A, entry(registers("1", "a1", "p-a")))
    redis.xadd(OF_A, entry(registers("2", "a1", "p-a")), id=GREATEST)
    ledger.limits.enforce(["p-a"])
    assert redis.xlen(OF_A) == 2


def test_receipts_that_were_ended_by_their_publisher_begin_again(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd("dvk:receipts:p-a", {"item": b"{}"}, id=GREATEST)
    redis.xadd(OF_A, entry(registers("1", "a1", "p-a")))
    redis.xadd(OF_B, entry(registers("1", "b1", "p-b")))
    assert ledger.intake.step() == 2
    ledger.intake.step()
    assert ledger.receipts_of("p-a") == [("p-a-1", "accepted")]
    assert ledger.receipts_of("p-b") == [("p-b-1", "accepted")]


def test_waiting_for_entries_ends_with_the_first_one(
    redis: Redis, ledger: PublisherStreams
) -> None:
    ledger.intake.step()
    redis.xadd(OF_A, entry(registers("1", "a1", "p-a")))
    assert ledger.intake.wait() == 1
    assert ledger.intake.waiting() == 1
    assert ledger.intake.step() == 1


def test_keys_that_are_no_streams_stop_no_other(redis: Redis, ledger: PublisherStreams) -> None:
    redis.set("dvk:intake:registry:p-a", "x")
    redis.xadd(OF_B, entry(registers("1", "b1", "p-b")))
    ledger.intake.step()
    assert ledger.receipts_of("p-b") == [("p-b-1", "accepted")]
    assert ledger.intake.wait() == 1


def test_a_root_sends_authority_events_by_its_own_stream(
    redis: Redis, ledger: PublisherStreams
) -> None:
    redis.xadd(f"{SHARED}:{ROOTS[0]}", entry(registers("1", "a1", ROOTS[0], key=key_of(ROOTS[0]))))
    ledger.drain()
    assert ledger.receipts_of(ROOTS[0]) == [(f"{ROOTS[0]}-1", "accepted")]
