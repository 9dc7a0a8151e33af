"""GET requests to a running ledger: the answer as JSON, or the problem that it reports."""

from collections.abc import Mapping
from typing import Any

import httpx

from services.console.output.texts import language
from shared.client.addresses import is_loopback
from shared.client.ledger_credentials import LedgerCredentials
from shared.settings import Settings


class Unanswered(Exception):  # noqa: N818  the message is what the user reads
    """The ledger did not answer or refused the request; the message is its own where it has one."""


class RequestRefused(Unanswered):
    """The ledger answered that the request is wrong, and why."""


def client_for(url: str, timeout_seconds: float, auth: httpx.Auth | None = None) -> httpx.Client:
    """Return a client; a service on this machine is reached without a proxy.

    Problems come back in the language of the user of the command. Without an `auth` the ledger is
    read with the token of the settings.
    """
    asked = httpx.URL(url)
    return httpx.Client(
        timeout=timeout_seconds,
        trust_env=not is_loopback(asked.host),
        # Redirects are not followed: plain HTTP stays so, and to read all certificates takes long.
        verify=asked.scheme != "http",
        headers={"Accept-Language": language()},
        auth=auth or LedgerCredentials(Settings.from_environment()),
    )


def get_json(
    client: httpx.Client, url: str, parameters: Mapping[str, str] | httpx.QueryParams
) -> Any:  # noqa: ANN401  JSON
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
    message = f"{url}: HTTP {answer.status_code}: {_detail(answer)}"
    raise RequestRefused(message) if answer.is_client_error else Unanswered(message)


def _detail(answer: httpx.Response) -> str:
    """Return the problem's detail and the parameters that it names."""
    try:
        problem = answer.json()
        wrong = problem.get("errors", ())
        named = [f"{each['pointer'].lstrip('/')}: {each['detail']}" for each in wrong]
        return " ".join([problem["detail"], *named])
    except (ValueError, KeyError, TypeError):
        return answer.text[:500]
