"""Asking a running ledger over HTTP: an answer as JSON, or what the ledger says instead."""

from collections.abc import Mapping
from typing import Any

import httpx

from services.console.output.texts import language
from shared.client.addresses import is_loopback


class Unanswered(Exception):  # noqa: N818  the sentence is what the user reads
    """The ledger did not answer, or refused what was asked; in its own words where it has some."""


class RequestRefused(Unanswered):
    """The ledger answered that the question is wrong, and what is wrong with it."""


def client_for(url: str, timeout_seconds: float) -> httpx.Client:
    """Return a client that asks in the language of the command's user.

    A service on this machine is never looked for behind a proxy.
    """
    here = is_loopback(httpx.URL(url).host)
    headers = {"Accept-Language": language()}
    return httpx.Client(timeout=timeout_seconds, trust_env=not here, headers=headers)


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
    message = f"{url}: HTTP {answer.status_code}: {_told(answer)}"
    raise RequestRefused(message) if answer.is_client_error else Unanswered(message)


def _told(answer: httpx.Response) -> str:
    """Return what the ledger says is wrong: the rule, and the parameters that it names."""
    try:
        problem = answer.json()
        wrong = problem.get("errors", ())
        named = [f"{each['pointer'].lstrip('/')}: {each['detail']}" for each in wrong]
        return " ".join([problem["detail"], *named])
    except (ValueError, KeyError, TypeError):
        return answer.text[:500]
