"""What a relay has carried to Redis, read back and checked."""

from redis import Redis

from shared.bus.relay import Relay
from shared.bus.streams import EVENTS
from shared.events.recorded import from_feed


def relay_all(relay: Relay) -> int:
    sent = 0
    while moved := relay.step():
        sent += moved
    return sent


def positions(redis: Redis) -> list[int]:
    """Return what stands in the stream, after checking that each id says what its entry holds."""
    found = []
    for entry, fields in redis.xrange(EVENTS):
        position, rest = entry.decode().split("-")
        assert rest == "0"
        assert list(fields) == [b"event"]
        assert from_feed(fields[b"event"]).position == int(position)
        found.append(int(position))
    return found
