"""Addresses and secrets of receivers: public ones only, and long enough."""

from __future__ import annotations

import base64
import ipaddress
import socket
from typing import TYPE_CHECKING

import pytest

from services.console.subscriptions.receivers import Receiver, Unsendable, is_public, secret_of
from tests.support.webhook_receiver import WebhookBox, running_receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = bytes(range(32))
ORIGIN = "ledger.example.org"


@pytest.fixture(scope="module")
def running() -> Iterator[WebhookBox]:
    with running_receiver() as box:
        yield box


TEN, TWELVE, SIXTEEN = (
    str(ipaddress.ip_address(each)) for each in (0x0A010203, 0xAC100001, 0xC0A80101)
)
"""One address of each of the private networks."""


@pytest.mark.parametrize(
    "address",
    [
        TEN, TWELVE, SIXTEEN, "127.0.0.1",
        "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fc00::1",  # noqa: S104
        f"::ffff:{TEN}", "64:ff9b::a01:203", "2002:a01:203::1",
    ],
)  # fmt: skip
def test_no_name_leads_to_a_private_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_public(ipaddress.ip_address(address))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))
    private = (family, socket.SOCK_STREAM, 6, "", (address, 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [public, private])
    with pytest.raises(Unsendable, match="not a public address"):
        Receiver("https://hooks.example.org/", ORIGIN).verify()


def test_only_https_and_only_with_permission_this_machine(running: WebhookBox) -> None:
    for url in (running.url, running.url.replace("http:", "https:"), "https://u:p@127.0.0.1/"):
        with pytest.raises(Unsendable):
            Receiver(url, ORIGIN).verify()
    with pytest.raises(Unsendable, match="https is required"):
        Receiver("http://93.184.215.14/", ORIGIN, allow_loopback=True).verify()
    for name in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
        assert is_public(ipaddress.ip_address(name))


def test_a_secret_is_long_enough(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    for text in ("", "whsec_", "whsec_c2hvcnQ=", base64.b64encode(KEY).decode(), "whsec_!!"):
        file.write_text(text)
        with pytest.raises(Unsendable):
            secret_of(file)
    file.write_text(f"whsec_{base64.b64encode(KEY).decode()}\n")
    assert secret_of(file) == KEY
