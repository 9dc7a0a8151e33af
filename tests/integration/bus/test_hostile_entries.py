"""Whatever stands in a stream: nothing stops, each intake entry has its answer, the log is right."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from redis import Redis

from shared.bus.consumer import Consumer, Entry
from shared.bus.relay import Relay
from shared.bus.streams import EVENTS
from shared.events.recorded import feed_item
from tests.support.growing_log import GrowingLog
from tests.support.intake_scenario import SOURCE, STREAM, Scenario, opened, sent
from tests.support.memory_target import Shelf, entries

pytestmark = pytest.mark.redis

QUIETLY = settings(
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
GOOD = [sent(opened(f"u{number}")) for number in range(6)]
DEEP = b'"a":' + b"[" * 50_000


@st.composite
def spoiled(draw: st.DrawFn, good: bytes) -> bytes:
    """Return bytes that were good once: cut, doubled, overwritten, or put into something else."""
    start = draw(st.integers(0, len(good)))
    end = draw(st.integers(start, len(good)))
    other = draw(
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                [b"\x00", b'"', b"[", b"{", b"NaN", b"1e999", b"\\ud800", b"\xff", DEEP]
            ),
        )
    )
    return good[:start] + other + good[end:]


VALUES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(GOOD),
    st.sampled_from(GOOD).flatmap(spoiled),
    st.lists(st.sampled_from(GOOD), max_size=4).map(lambda few: b"[" + b",".join(few) + b"]"),
    st.just(b"x" * 5_000_000),
    st.just(b"[" * 100_000),
    st.builds(
        lambda source, name: json.dumps({"source": source, "id": name}).encode(),
        st.sampled_from([SOURCE, "/publishers/_unreadable", "/publishers/" + "x" * 999, 5, None]),
        st.sampled_from(["a", "", 7, None, "\ud800", "x" * 9_000]),
    ),
)
FIELDS = st.dictionaries(
    st.sampled_from([b"event", b"event", b"events", b"EVENT", b"", b"\xff", b"data"]),
    VALUES,
    min_size=1,
    max_size=2,
)


@pytest.mark.parametrize(
    "examples", [12, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_every_intake_entry_is_answered_and_taken_away(redis: Redis, examples: int) -> None:
    @settings(QUIETLY, max_examples=examples)
    @given(st.lists(FIELDS, min_size=1, max_size=12))
    def taken(told: list[Any]) -> None:
        redis.flushdb()
        desk = Scenario(redis)
        for fields in told:
            redis.xadd(STREAM, fields)
        redis.xadd(STREAM, {"event": sent(opened("vn", None))})
        while desk.intake.step():
            pass
        assert redis.xlen(STREAM) == 0
        assert "open-vn" in desk.ids()
        _check_answers(redis, desk, told)

    taken()


def _check_answers(redis: Redis, desk: Scenario, told: list[Any]) -> None:
    """Hold each receipt to what stands in the log, and count one at least for each entry."""
    items = []
    for stream in redis.scan_iter("dvk:receipts:*"):
        assert len(stream) <= len("dvk:receipts:") + 64
        items += [json.loads(fields[b"item"]) for _, fields in redis.xrange(stream)]
    empty = [
        fields for fields in told if list(fields) == [b"events"] and fields[b"events"] == b"[]"
    ]
    assert len(items) >= len(told) + 1 - len(empty)
    accepted = {item["id"] for item in items if item["status"] == "accepted"}
    assert accepted == set(desk.ids())
    for item in items:
        assert (item["problem"] is not None) == (item["status"] in {"invalid", "refused"})
        assert len(json.dumps(item)) < 64_000


@pytest.mark.parametrize(
    "examples", [60, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_no_entry_of_the_log_s_stream_misleads_a_consumer(examples: int) -> None:
    source = GrowingLog()
    source.grow(12)
    events = source.log.read(0, 12)
    good = [feed_item(event) for event in events]
    items = st.one_of(
        st.binary(max_size=30), st.sampled_from(good), st.sampled_from(good).flatmap(spoiled)
    )
    ids = st.one_of(st.binary(max_size=30), st.integers(0, 10**30).map(lambda n: b"%d-0" % n))

    @settings(QUIETLY, max_examples=examples)
    @given(st.lists(st.lists(st.tuples(ids, items), max_size=6), max_size=4), st.integers(0, 12))
    @example([[(b"1-0", good[0][:-1] + b"," + DEEP)]], 0)
    def consumed(delivered: list[list[tuple[bytes, bytes]]], begun: int) -> None:
        shelf = Shelf()
        consumer = Consumer(source.log, shelf)
        consumer.step(entries(events[:begun]))
        for some in delivered:
            consumer.step([Entry(*each) for each in some])
        while consumer.step():
            pass
        assert shelf.events == list(events)

    consumed()


@pytest.mark.parametrize(
    "last",
    [
        {b"event": b""},
        {b"event": b"\xff" * 100},
        {b"nothing": b"here"},
        {b"event": DEEP},
        {b"event": b"deep"},
    ],
    ids=lambda fields: repr(fields)[:30],
)
@pytest.mark.parametrize("place", ["2-0", "99-0", "2-7", "18446744073709551615-1"])
def test_a_stream_that_somebody_wrote_into_is_begun_anew(
    redis: Redis, last: dict[bytes, bytes], place: str
) -> None:
    source = GrowingLog()
    source.grow(3)
    good = [feed_item(event) for event in source.log.read(0, 3)]
    if last == {b"event": b"deep"}:
        last = {b"event": good[1][:-1] + b"," + DEEP}
    redis.xadd(EVENTS, {"event": good[0]}, id="1-0")
    redis.xadd(EVENTS, last, id=place)
    relay = Relay(source.log, redis)
    while relay.step():
        pass
    stream = [fields[b"event"] for _, fields in redis.xrange(EVENTS)]
    assert stream == good
