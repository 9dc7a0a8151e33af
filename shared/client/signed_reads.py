"""Reads that a publisher signs with its key: what belongs to it is given to no one else."""

import time
from collections.abc import Callable, Generator

import httpx

from shared.trust.keys import SecretKey
from shared.trust.reads.request_signature import SignedRequest


class SignedReads(httpx.Auth):
    """Signs each request that it is the `auth` of, each attempt by itself."""

    def __init__(self, key: SecretKey, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the two headers."""
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        signed = SignedRequest(request.method, request.headers["Host"], path, query)
        request.headers.update(signed.signed(self._key, int(self._clock())))
        yield request
