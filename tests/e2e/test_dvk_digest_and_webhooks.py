"""`dvk digest` and `dvk webhooks` against a running ledger, a mail server and HTTPS receivers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.e2e.dvk_command import (
    DVK,
    Up,
    completeness,
    dvk,
    free_ports,
    until_complete,
    up_with_the_sample_alone,
)
from tests.support.asking import ASKING
from tests.support.certificates import certificate
from tests.support.cloudevents import cloudevent, registration
from tests.support.mail_server import MailBox, running_mail_server
from tests.support.webhook_receiver import Received, WebhookBox, running_receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]
CITY = "gso-2004-058"
CODES = {
    "field_code": "bk_city_2022.3_new_rural_urban",
    "block_code": "administrative_and_public_service",
}
KEY = bytes(range(32))
SUBSCRIPTIONS = f"""
[[subscription]]
name = "city"
address = "officer@example.org"
unit = "{CITY}"
"""
WEBHOOK = """
[[webhook]]
name = "{name}"
url = "{url}"
unit = "vn"
secret_file = "portal.secret"
after = 0
"""


@dataclass(frozen=True)
class Told:
    """A ledger, its subscribers, and what `dvk webhooks run` prints."""

    ledger: Up
    mail: MailBox
    portal: WebhookBox
    unreached: tuple[WebhookBox, WebhookBox]
    """The target of the redirection, and the server with the other certificate."""
    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text("utf-8")


def until(holds: Callable[[], bool], told: Told, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, told.said()
        time.sleep(0.02)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Deliver to a receiver that dies at its second batch, to one that redirects, to others.

    The machine trusts the certificate of the portal, not that of the server elsewhere.
    """
    folder = tmp_path_factory.mktemp("told")
    home, output = folder / "home", folder / "webhooks.out"
    trusted, tls = certificate(folder, "portal")
    _, other_tls = certificate(folder, "elsewhere")
    with (
        running_mail_server() as mail,
        running_receiver(tls) as portal,
        running_receiver(tls) as moved,
        running_receiver(tls) as target,
        running_receiver(other_tls) as elsewhere,
        up_with_the_sample_alone(
            home,
            free_ports(),
            SSL_CERT_FILE=str(trusted),
            DVK_PUBLIC_URL="https://ledger.example.org",
            DVK_SMTP_URL=f"smtp://127.0.0.1:{mail.port}?starttls=no",
            DVK_MAIL_FROM="ledger@example.org",
        ) as ledger,
    ):
        portal.answers += [(204, {}), (0, {})]
        moved.answers += [(307, {"Location": target.url})] * 9
        urls = {
            "portal": portal.url,
            "moved": moved.url,
            "other-certificate": elsewhere.url,
            "other-name": portal.url.replace("localhost", "127.0.0.1"),
        }
        hooks = "".join(WEBHOOK.format(name=name, url=url) for name, url in urls.items())
        (home / "webhooks.toml").write_text(f"allow_loopback = true\n{hooks}")
        (home / "portal.secret").write_text(f"whsec_{base64.b64encode(KEY).decode()}")
        (home / "subscriptions.toml").write_text(SUBSCRIPTIONS)
        with (
            output.open("wb") as printed,
            subprocess.Popen(
                [DVK, "webhooks", "run"], env=ledger.env, stdout=printed, stderr=subprocess.STDOUT
            ) as process,
        ):
            try:
                yield Told(ledger, mail, portal, (target, elsewhere), process, output)
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(30)


def publish(told: Told, number: str) -> None:
    """Register a model in the city."""
    answer = ASKING.post(
        f"http://127.0.0.1:{told.ledger.port + 1}/events",
        json=cloudevent("ModelRegistered", registration(number, CITY, **CODES)),
        headers={"Content-Type": "application/cloudevents+json"},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    until_complete(told.ledger)


def digest(told: Told) -> Any:
    return dvk("digest", env=told.ledger.env)


def test_a_digest_reaches_the_mail_server_once_also_after_it_refused(told: Told) -> None:
    assert digest(told).returncode == 0  # begins here
    publish(told, "new")
    told.mail.answer = "451 try later"
    assert digest(told).returncode == 1
    told.mail.answer = "250 taken"
    for _ in range(2):
        assert digest(told).returncode == 0
    (message,) = told.mail.messages
    assert message["To"] == "officer@example.org"
    assert "1 việc mới" in message["Subject"]
    body = message.get_body(("plain",))
    assert body is not None
    assert "Mô hình số new" in body.get_content()
    assert f"https://ledger.example.org/pages/model?unit={CITY}" in body.get_content()
    assert len(list(message.iter_attachments())) == 1


def is_signed(delivery: Received) -> bool:
    """Check the signature as the Standard Webhooks specification has it."""
    headers = delivery.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + delivery.body
    expected = base64.b64encode(hmac.new(KEY, content, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


def test_a_receiver_that_died_in_a_batch_has_every_event_in_order_at_least_once(
    told: Told,
) -> None:
    head = int(completeness(told.ledger)["log"]["head"])
    until(lambda: any(head in each.positions for each in told.portal.deliveries), told)
    (agreed,) = [each for each in told.portal.requests if each.method == "OPTIONS"]
    assert agreed.headers["webhook-request-origin"] == "ledger.example.org"
    assert told.portal.requests[0] is agreed
    assert all(is_signed(each) for each in told.portal.deliveries)
    first, died, again, *rest = told.portal.deliveries
    assert died.headers["webhook-id"] == again.headers["webhook-id"]
    assert died.body == again.body
    taken = [p for each in (first, again, *rest) for p in each.positions]
    assert taken == list(range(1, head + 1))
    assert first.headers["content-type"] == "application/cloudevents-batch+json"
    event = orjson.loads(first.body)[0]
    assert event["type"].startswith("dvk.")


def test_no_redirection_is_followed_and_no_wrong_certificate_accepted(told: Told) -> None:
    names = ("moved", "other-certificate", "other-name")
    until(lambda: all(f"{name}: chưa gửi được" in told.said() for name in names), told)
    assert [box.requests for box in told.unreached] == [[], []]
    assert {each.headers["host"].partition(":")[0] for each in told.portal.requests} == {
        "localhost"
    }
    assert "HTTP 307" in told.said()
    assert told.said().count("CERTIFICATE_VERIFY_FAILED") >= 2
