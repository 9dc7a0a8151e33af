"""Requests that a publisher signs with its key: reads of what is its own, and what it forwards."""

import time
from collections.abc import Callable, Generator

import httpx

from shared.trust.keys import SecretKey
from shared.trust.reads.request_signature import SignedRequest, digest_of


class SignedReads(httpx.Auth):
    """Signs each request that it is the `auth` of, each attempt by itself, with its body."""

    requires_request_body = True

    def __init__(self, key: SecretKey, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the headers."""
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        host, digest = request.headers["Host"], digest_of(request.content)
        signed = SignedRequest(request.method, host, path, query, digest)
        request.headers.update(signed.signed(self._key, int(self._clock())))
        yield request
