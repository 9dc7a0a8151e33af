"""A publisher that fills its stream is switched off in Redis, and the others go on."""

import pytest
from redis.exceptions import RedisError

from shared.bus.stream_limits import StreamLimits
from shared.vocabulary import Family
from tests.support.publisher_streams import OF_A, OF_B, PublisherStreams, entry, registers
from tests.support.redis_server import RedisServer
from tests.support.redis_users import client_of

pytestmark = pytest.mark.redis


def test_a_stream_with_too_many_entries_has_its_user_switched_off_and_the_others_go_on(
    server: RedisServer, ledger: PublisherStreams
) -> None:
    ledger.intake.step()
    with client_of(server, "publisher-p-a") as mine, client_of(server, "publisher-p-b") as other:
        for number in range(21):
            mine.xadd(OF_A, entry(registers(str(number), "a1", "p-a")))
        other.xadd(OF_B, entry(registers("1", "b1", "p-b")))
        ledger.look()
        assert ledger.limits.switched_off == {"p-a"}
        with pytest.raises(RedisError):
            mine.xadd(OF_A, {"event": "{}"})
        other.xadd(OF_B, entry(registers("2", "b1", "p-b")))
        ledger.drain()
        assert ledger.receipts_of("p-b") == [("p-b-1", "accepted"), ("p-b-2", "accepted")]
        assert len(ledger.receipts_of("p-a")) == 21, "what came before is answered"
        with client_of(server, "operator") as operator:
            operator.acl_setuser("publisher-p-a", enabled=True)
        ledger.look()
        assert ledger.limits.switched_off == set()
        assert mine.xadd(OF_A, entry(registers("22", "a1", "p-a")))


def test_a_stream_with_too_many_bytes_has_its_user_switched_off(
    server: RedisServer, ledger: PublisherStreams
) -> None:
    ledger.intake.step()
    with client_of(server, "publisher-p-a") as mine:
        mine.xadd(OF_A, {"event": b"x" * 200_000})
        ledger.look()
        assert ledger.limits.switched_off == {"p-a"}
        with pytest.raises(RedisError):
            mine.xadd(OF_A, {"event": "{}"})


def test_receipts_that_their_publisher_blew_up_are_trimmed(
    server: RedisServer, ledger: PublisherStreams
) -> None:
    ledger.intake.step()
    with client_of(server, "publisher-p-a") as mine:
        for _ in range(10):
            mine.xadd("dvk:receipts:p-a", {"item": b"x" * 20_000})
        ledger.look()
        assert ledger.redis.xlen("dvk:receipts:p-a") == 5
        assert ledger.limits.switched_off == set()


@pytest.mark.parametrize(
    ("fields", "fitting", "more"),
    [({"event": b"x" * 3_500_000}, 18, 3), ({"event": b"{}"}, 20_000, 1)],
    ids=["more than 64 MiB", "more than 20,000 entries"],
)
def test_a_publisher_that_fills_its_stream_is_switched_off_and_redis_answers_the_others(
    server: RedisServer, ledger: PublisherStreams, fields: dict[str, bytes], fitting: int, more: int
) -> None:
    limits = StreamLimits(ledger.redis, Family.REGISTRY, clock=lambda: ledger.now)
    with client_of(server, "publisher-p-a") as mine, client_of(server, "publisher-p-b") as other:
        with mine.pipeline(transaction=False) as pipeline:
            for _ in range(fitting):
                pipeline.xadd(OF_A, fields)
            pipeline.execute()
        limits.enforce(["p-a", "p-b"])
        assert limits.switched_off == set()
        for _ in range(more):
            mine.xadd(OF_A, fields)
        ledger.now += 600_000
        limits.enforce(["p-a", "p-b"])
        assert limits.switched_off == {"p-a"}
        with pytest.raises(RedisError):
            mine.xadd(OF_A, fields)
        other.xadd(OF_B, entry(registers("1", "b1", "p-b")))
        ledger.intake.step()
        assert ledger.receipts_of("p-b") == [("p-b-1", "accepted")]
