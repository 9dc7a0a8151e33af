"""Requests to the receivers of webhooks: only to public addresses, signed, without redirects."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BATCH_TYPE = "application/cloudevents-batch+json"
REQUESTED_RATE = 120
"""The number of requests a minute that a receiver is asked to allow."""
_SECONDS = 15.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SHORTEST, _LONGEST = 24, 64
"""The bytes of a secret, by Standard Webhooks."""


class Unsendable(Exception):  # noqa: N818  the message is what the operator reads
    """A request that could not be sent, or a receiver that does not agree to it."""


class Reply(NamedTuple):
    """The status of an answer, and its headers in lower case."""

    status: int
    headers: Mapping[str, str]


def secret_of(path: Path) -> bytes:
    """Return the key in a file, `whsec_` and base64 of 24 to 64 bytes; raises `Unsendable`."""
    try:
        text = path.read_text("ascii").strip()
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (OSError, ValueError) as error:
        message = f"{path}: {error}"
        raise Unsendable(message) from error
    if not text.startswith("whsec_") or not _SHORTEST <= len(key) <= _LONGEST:
        message = f"{path}: must be whsec_ and base64 of {_SHORTEST} to {_LONGEST} bytes"
        raise Unsendable(message)
    return key


def signed(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks for a body."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


@dataclass(frozen=True)
class Receiver:
    """The address of a webhook; `origin` is the name of this ledger."""

    url: str
    origin: str
    allow_loopback: bool = False

    def verify(self) -> int:
        """Ask the receiver for its agreement; return its rate a minute, 0 for any number.

        By the CloudEvents HTTP WebHook specification; raises `Unsendable` if it does not agree.
        """
        asked = {
            "WebHook-Request-Origin": self.origin,
            "WebHook-Request-Rate": str(REQUESTED_RATE),
        }
        reply = self.request("OPTIONS", asked)
        allowed = reply.headers.get("webhook-allowed-origin", "").strip()
        if not 200 <= reply.status < 300 or allowed.lower() not in {"*", self.origin.lower()}:
            message = f"HTTP {reply.status}, WebHook-Allowed-Origin: {allowed or '-'}"
            raise Unsendable(message)
        rate = reply.headers.get("webhook-allowed-rate", str(REQUESTED_RATE)).strip()
        if rate == "*":
            return 0
        if not (rate.isascii() and rate.isdigit() and 0 < int(rate) < 10**9):
            message = f"WebHook-Allowed-Rate: {rate}"
            raise Unsendable(message)
        return int(rate)

    def request(self, method: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Send a request to the address that was checked, and ignore the body of the answer.

        Certificates are checked with those that this machine trusts (or `SSL_CERT_FILE`).
        """
        url, at = self._checked()
        try:
            trusted = ssl.create_default_context() if url.scheme == "https" else False
            with (
                httpx.Client(timeout=_SECONDS, trust_env=False, verify=trusted) as c,
                c.stream(
                    method,
                    url.copy_with(host=at),
                    headers={**headers, "Host": url.netloc.decode()},
                    content=body,
                    extensions={"sni_hostname": url.host},
                    follow_redirects=False,
                ) as answer,
            ):
                return Reply(answer.status_code, dict(answer.headers))
        except (httpx.HTTPError, OSError) as error:
            message = f"{self.url}: {error or type(error).__name__}"
            raise Unsendable(message) from error

    def _checked(self) -> tuple[httpx.URL, str]:
        """Return the URL and one of its IP addresses; each of them must be public."""
        try:
            url = httpx.URL(self.url)
            found = socket.getaddrinfo(
                url.host, url.port or 443, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
            )
        except (httpx.InvalidURL, OSError, UnicodeError) as error:
            message = f"{self.url}: {error}"
            raise Unsendable(message) from error
        addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        loopback = self.allow_loopback and all(each.is_loopback for each in addresses)
        if not addresses or url.userinfo or (url.scheme != "https" and not loopback):
            message = f"{self.url}: https is required"
            raise Unsendable(message)
        if not loopback and not all(is_public(each) for each in addresses):
            message = f"{self.url}: not a public address"
            raise Unsendable(message)
        return url, str(addresses[0])


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Say whether an address belongs to the public internet, also one inside another."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
        if address in _NAT64 or address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast
