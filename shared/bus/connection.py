"""One way to connect: fail at once, so that who waits for Redis decides how long."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0


def connect(url: str) -> Redis:
    """Return a client of bytes; it connects when first used, and never tries again by itself.

    A silent retry would send a run of entries a second time to a server that has come back with
    less than it had; the relay must look at the stream again first.
    """
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
    )
