"""Connections to Redis that fail at once: the caller decides how long to retry."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0


def connect(url: str) -> Redis:
    """Return a client of bytes that connects on first use and never retries by itself.

    A silent retry could send a batch twice to a server that came back with less data than before;
    the relay must look at the stream again first.
    """
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
    )
