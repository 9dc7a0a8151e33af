"""The Redis of the simulation answers like a real one, whatever commands come in whatever order."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from redis.exceptions import RedisError

from shared.bus.connections import connect
from shared.clock import system_clock
from tests.simulation.stream_client import StreamClient
from tests.simulation.stream_server import StreamServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

pytestmark = pytest.mark.redis

KEYS = ("dvk:events", "dvk:intake:registry")
INFORMATION = ("length", "last-generated-id", "first-entry", "last-entry")
SEEDS = 60
COMMANDS = 60


def test_the_same_commands_get_the_same_answers(fresh_redis: str) -> None:
    refused = changed_under_watch = 0
    with connect(fresh_redis) as real:
        for seed in range(SEEDS):
            real.flushdb()
            told = _told_both(real, StreamClient(StreamServer(lambda: 0)), Random(seed))
            refused += sum("equal or smaller" in str(answer) for answer in told)
            changed_under_watch += told.count("WatchError")
    assert refused > SEEDS, "ids that are not above the top were hardly tried"
    assert changed_under_watch > SEEDS / 2, "WATCH was hardly tried"


def _told_both(real: Redis, double: StreamClient, random: Random) -> list[Any]:
    told = []
    for number in range(COMMANDS):
        asked = random.choice(ASKED)(random)
        answers = [_answer(asked, client) for client in (real, double)]
        assert answers[0] == answers[1], f"command {number}"
        told.append(answers[0])
    return told


def _answer(asked: Callable[[Any], Any], client: Any) -> Any:
    """Return the answer in a form that both have; of a refusal what the ledger looks at."""
    try:
        return _comparable(asked(client))
    except RedisError as error:
        lower = [text for text in ("equal or smaller", "no such key") if text in str(error)]
        return lower[0] if lower else type(error).__name__


def _comparable(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: answer[name] for name in INFORMATION}
    return [_comparable(each) for each in answer] if isinstance(answer, list) else answer


def _key(random: Random) -> str:
    return random.choice(KEYS)


def _entry(random: Random) -> str:
    return f"{random.randrange(1, 14)}-{random.choice([0, 0, 0, 1])}"


def _add(random: Random) -> Callable[[Any], Any]:
    key, entry, maxlen = _key(random), _entry(random), random.choice([None, 1_000])
    fields = {"event": random.randbytes(3)}
    return lambda to: to.xadd(key, fields, id=entry, maxlen=maxlen, approximate=True)


def _transaction(random: Random) -> Callable[[Any], Any]:
    """Gather some commands, of which some may be refused, and execute them."""
    parts = [random.choice([_add, _add, _delete_entries, _drop])(random) for _ in range(3)]

    def execute(client: Any) -> Any:
        with client.pipeline() as pipeline:
            for part in parts:
                part(pipeline)
            return pipeline.execute()

    return execute


def _watched(random: Random) -> Callable[[Any], Any]:
    """Look under WATCH, let somebody else do something, and send."""
    key, part = _key(random), _add(random)
    others = random.choice([_add, _add, _delete_entries, _drop, _flush, _trim, _info])(random)

    def execute(client: Any) -> Any:
        with client.pipeline() as pipeline:
            pipeline.watch(key)
            seen = pipeline.xrange(key)
            _answer(others, client)
            pipeline.multi()
            part(pipeline)
            return [seen, pipeline.execute()]

    return execute


def _delete_entries(random: Random) -> Callable[[Any], Any]:
    key, ids = _key(random), [_entry(random) for _ in range(2)]
    return lambda client: client.xdel(key, *ids)


def _trim(random: Random) -> Callable[[Any], Any]:
    key, kept = _key(random), random.randrange(3)
    return lambda client: client.xtrim(key, maxlen=kept, approximate=False)


def _read(random: Random) -> Callable[[Any], Any]:
    after = {key: _entry(random) for key in KEYS}
    count = random.choice([None, 2])
    return lambda client: client.xread(after, count=count)


def _range(random: Random) -> Callable[[Any], Any]:
    key, count = _key(random), random.choice([None, 1, 3])
    return lambda client: client.xrange(key, count=count)


def _info(random: Random) -> Callable[[Any], Any]:
    key = _key(random)
    return lambda client: client.xinfo_stream(key)


def _length(random: Random) -> Callable[[Any], Any]:
    key = _key(random)
    return lambda client: client.xlen(key)


def _drop(random: Random) -> Callable[[Any], Any]:
    key = _key(random)
    return lambda client: client.delete(key)


def _flush(_random: Random) -> Callable[[Any], Any]:
    return lambda client: client.flushdb()


def _ping(_random: Random) -> Callable[[Any], Any]:
    return lambda client: client.ping()


ASKED = (
    *[_add] * 6, *[_transaction] * 3, *[_watched] * 3, *[_read] * 2, *[_range] * 2,
    *[_info] * 2, _length, _delete_entries, _delete_entries, _trim, _drop, _flush, _ping,
)  # fmt: skip


def test_an_id_that_the_server_gives_is_the_time_and_rises(fresh_redis: str) -> None:
    """Both give milliseconds, and go on from the top where the clock stands or goes back."""
    ahead = f"{system_clock() // 1_000 + 1_000_000}-7"
    with connect(fresh_redis) as real:
        for client in (real, StreamClient(StreamServer(lambda: system_clock() // 1_000))):
            before = system_clock() // 1_000
            given = client.xadd("s", {"event": "x"})
            assert before - 1_000 <= int(given.split(b"-")[0]) <= system_clock() // 1_000 + 1_000
            client.xadd("s", {"event": "x"}, id=ahead)
            assert client.xadd("s", {"event": "x"}) == ahead.replace("-7", "-8").encode()


def test_a_trimmed_stream_keeps_at_least_the_last_that_were_asked_for(fresh_redis: str) -> None:
    """`~` lets a server keep more: the real one does, the double keeps as few as it may."""
    with connect(fresh_redis) as real:
        kept = []
        for client in (real, StreamClient(StreamServer(lambda: 0))):
            for position in range(1, 301):
                client.xadd("s", {"event": "x"}, id=f"{position}-0", maxlen=50, approximate=True)
            kept.append([int(entry.split(b"-")[0]) for entry, _ in client.xrange("s")])
    for positions in kept:
        assert positions == list(range(positions[0], 301))
        assert len(positions) >= 50
    assert len(kept[1]) <= len(kept[0]) < 300


def test_a_server_that_was_set_back_breaks_the_connections_that_it_had() -> None:
    server = StreamServer(lambda: 0)
    client = StreamClient(server)
    client.xadd("s", {"event": "x"}, id="1-0")
    older = server.copy()
    client.xadd("s", {"event": "y"}, id="2-0")
    with client.pipeline() as pipeline:
        pipeline.watch("s")
        server.set_back(older)
        with pytest.raises(RedisError):
            pipeline.xrange("s")
    assert client.xrange("s") == [(b"1-0", {b"event": b"x"})]
