"""Asking a running ledger over HTTP: an answer as JSON, or what the ledger says instead."""

from collections.abc import Mapping
from typing import Any

import httpx


class Unanswered(Exception):  # noqa: N818  the sentence is what the user reads
    """The ledger did not answer, or refused what was asked; in its own words where it has some."""


def asked(client: httpx.Client, url: str, parameters: Mapping[str, str] | httpx.QueryParams) -> Any:  # noqa: ANN401  JSON
    """Return the JSON of an answer; raises `Unanswered`."""
    return response_of(client, url, parameters).json()


def response_of(
    client: httpx.Client, url: str, parameters: Mapping[str, str] | httpx.QueryParams
) -> httpx.Response:
    """Return a successful answer; raises `Unanswered`."""
    try:
        answer = client.get(url, params=parameters)
    except httpx.TransportError as error:
        message = f"{url}: {error}"
        raise Unanswered(message) from error
    if answer.is_success:
        return answer
    try:
        words = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        words = answer.text[:500]
    message = f"{url}: HTTP {answer.status_code}: {words}"
    raise Unanswered(message)
