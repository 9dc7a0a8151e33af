"""Webhooks: agreed to first, signed, in order, at least once, and never to a private address."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from services.console.local.data_directory import CannotStart
from services.console.output.texts import said_on
from services.console.subscriptions.cursors import Cursor, Cursors, open_cursors
from services.console.subscriptions.files import WebhookSubscription, read_webhooks
from services.console.subscriptions.webhooks import (
    BATCH,
    LAST_RETRY_SECONDS,
    WebhookRun,
    webhooks,
)
from shared.settings import Settings
from tests.support.event_builders import recognized
from tests.support.webhook_receiver import Received, WebhookBox, running_receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.console.output.texts import Terminal
    from tests.unit.console.subscriptions.conftest import SmallCountry

KEY = bytes(range(32))
ORIGIN = "ledger.example.org"


@pytest.fixture(scope="module")
def running() -> Iterator[WebhookBox]:
    with running_receiver() as box:
        yield box


class Hooks:
    """Runs of `dvk webhooks` over one ledger and one receiver, with a clock that is set."""

    def __init__(
        self, ledger: SmallCountry, box: WebhookBox, home: Path, console: Terminal
    ) -> None:
        self.ledger, self.box, self.home, self._console = ledger, box, home, console
        self.now, self.slept = 1_000_000.0, list[float]()
        (home / "secret").write_text(f"whsec_{base64.b64encode(KEY).decode()}\n")
        box.requests.clear()
        box.answers.clear()
        box.agreement = WebhookBox().agreement

    @contextmanager
    def process(self, cursors: type[Cursors] = Cursors) -> Iterator[WebhookRun]:
        """Give a process that delivers; the next one knows only what is stored."""
        with open_cursors(self.home, "webhook") as opened:
            opened.__class__ = cursors
            yield WebhookRun(
                self.ledger.reader,
                opened,
                ORIGIN,
                self.home,
                said_on(self._console),
                allow_loopback=True,
                now=lambda: self.now,
                sleep=self._sleep,
            )

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def run(self, **stated: Any) -> bool:
        """Deliver once, as a process of its own."""
        with self.process() as process:
            return process.deliver(self.webhook(**stated))

    def webhook(self, **stated: Any) -> WebhookSubscription:
        values = {"name": "w", "url": self.box.url, "unit": "bk", "secret_file": "secret"}
        return WebhookSubscription.model_validate({**values, **stated})

    @property
    def positions(self) -> list[int]:
        """Return the positions of the events that the receiver took."""
        return [position for each in self.box.deliveries for position in each.positions]

    def cursor(self) -> Cursor:
        with open_cursors(self.home, "webhook") as cursors:
            found = cursors.get("w")
            assert found is not None
            return found


@pytest.fixture
def hooks(ledger: SmallCountry, running: WebhookBox, tmp_path: Path, console: Terminal) -> Hooks:
    return Hooks(ledger, running, tmp_path, console)


def is_signed(delivery: Received) -> bool:
    """Check the signature as the Standard Webhooks specification has it."""
    headers = delivery.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + delivery.body
    expected = base64.b64encode(hmac.new(KEY, content, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


def test_a_receiver_agrees_first_and_gets_what_is_new_signed(hooks: Hooks) -> None:
    hooks.ledger.register("before")  # position 4
    assert hooks.run()
    assert hooks.box.requests == []
    hooks.ledger.register("1", "2")
    hooks.ledger.register("elsewhere", unit_id="tn")
    assert hooks.run()
    agreement, delivery = hooks.box.requests
    assert agreement.method == "OPTIONS"
    assert agreement.headers["webhook-request-origin"] == ORIGIN
    assert int(agreement.headers["webhook-request-rate"]) > 0
    assert delivery.headers["content-type"] == "application/cloudevents-batch+json"
    assert delivery.headers["webhook-timestamp"] == "1000000"
    assert delivery.positions == [5, 6]
    assert is_signed(delivery)
    (first, _) = orjson.loads(delivery.body)
    assert (first["specversion"], first["subject"]) == ("1.0", "registration/r-1")
    hooks.ledger.register("3")
    assert hooks.run()
    assert [each.method for each in hooks.box.requests] == ["OPTIONS", "POST", "POST"]
    assert hooks.positions == [5, 6, 8]


def test_the_bytes_of_an_event_are_those_of_the_log(hooks: Hooks) -> None:
    hooks.ledger.register("1")
    hooks.run(after=3)
    (delivery,) = hooks.box.deliveries
    (event,) = hooks.ledger.projecting.log.read(3, 1)
    assert delivery.body.endswith(event.body[1:] + b"]")


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {}),
        (200, {"WebHook-Allowed-Origin": "another.example.org"}),
        (405, {"WebHook-Allowed-Origin": "*"}),
        (302, {"WebHook-Allowed-Origin": "*", "Location": "/elsewhere"}),
        (200, {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "0"}),
    ],
)
def test_a_receiver_that_does_not_agree_gets_nothing(
    hooks: Hooks, status: int, headers: dict[str, str]
) -> None:
    hooks.box.agreement = (status, headers)
    hooks.ledger.register("1")
    assert not hooks.run(after=0)
    assert [each.method for each in hooks.box.requests] == ["OPTIONS"]
    hooks.box.agreement = WebhookBox().agreement
    assert not hooks.run(after=0)  # it is not yet time
    hooks.now += 6
    assert hooks.run(after=0)
    assert hooks.positions == [2, 4]


def test_a_new_address_must_agree_again(hooks: Hooks) -> None:
    hooks.ledger.register("1")
    hooks.run(after=0)
    hooks.ledger.register("2")
    hooks.run(url=hooks.box.url + "&y=2")
    assert [each.method for each in hooks.box.requests] == ["OPTIONS", "POST"] * 2


def test_an_error_is_tried_again_and_nothing_is_skipped(hooks: Hooks) -> None:
    hooks.ledger.register("1")
    hooks.box.answers = deque([(500, {}), (302, {"Location": "/elsewhere"})])
    assert not hooks.run(after=3)
    assert hooks.cursor().position == 3
    hooks.ledger.register("2")  # not part of the batch that failed
    hooks.now += 5
    assert not hooks.run()
    hooks.now += 9
    assert not hooks.run()  # the pause has doubled
    hooks.now += 1
    assert hooks.run()
    assert [each.positions for each in hooks.box.deliveries] == [[4], [4], [4], [5]]
    ids = [each.headers["webhook-id"] for each in hooks.box.deliveries]
    assert len(set(ids[:3])) == 1
    assert ids[3] != ids[0]
    assert all(map(is_signed, hooks.box.deliveries))
    assert hooks.cursor().position == 5


def test_pauses_grow_to_a_day_and_a_receiver_may_ask_for_longer_ones(hooks: Hooks) -> None:
    hooks.ledger.register("1")
    hooks.box.answers = deque([(503, {"Retry-After": "60"}), *[(500, {})] * 20])
    pauses = []
    for _ in range(20):
        hooks.run(after=3)
        pauses.append(hooks.cursor().retry_at - hooks.now)
        hooks.now = hooks.cursor().retry_at
    assert pauses[:4] == [60, 10, 20, 40]
    assert pauses[-1] == LAST_RETRY_SECONDS == 86_400


def test_a_receiver_that_is_gone_is_never_asked_again(hooks: Hooks) -> None:
    hooks.ledger.register("1")
    hooks.box.answers = deque([(410, {})])
    assert not hooks.run(after=3)
    hooks.now += 10 * LAST_RETRY_SECONDS
    assert not hooks.run()
    assert len(hooks.box.deliveries) == 1


def test_after_a_crash_between_send_and_store_the_same_batch_comes_again(hooks: Hooks) -> None:
    class Dying(Cursors):
        def save(self, cursor: Cursor) -> None:
            if cursor.position > 4:
                raise KeyboardInterrupt
            super().save(cursor)

    hooks.ledger.register("agreed")
    hooks.run(after=3)
    hooks.ledger.register("1", "2")
    with pytest.raises(KeyboardInterrupt), hooks.process(Dying) as process:
        process.deliver(hooks.webhook())
    hooks.ledger.register("3")
    assert hooks.run()
    _, first, second, third = hooks.box.deliveries
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert (first.body, first.positions, third.positions) == (second.body, [5, 6], [7])


def test_the_rate_of_a_receiver_is_kept(hooks: Hooks) -> None:
    hooks.box.agreement = (
        200,
        {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "30"},
    )
    hooks.ledger.register(*map(str, range(2 * BATCH + 1)))
    assert hooks.run(after=3)
    assert [len(each.positions) for each in hooks.box.deliveries] == [BATCH, BATCH, 1]
    assert hooks.positions == list(range(4, 4 + 2 * BATCH + 1))
    assert hooks.slept == [2.0, 2.0]  # 30 a minute


def test_only_the_types_and_kinds_asked_for_are_sent(hooks: Hooks) -> None:
    hooks.ledger.register("1", "2")
    hooks.ledger.projecting.given(recognized("1"))
    assert hooks.run(after=0, types=["ModelRecognized"])
    assert hooks.positions == [6]
    assert hooks.cursor().position == 6
    assert hooks.run(name="of", after=0, of=["decisions"])
    assert hooks.positions == [6, 6]


def test_a_ledger_that_does_not_answer_is_not_the_receivers_fault(hooks: Hooks) -> None:
    hooks.ledger.register("1")
    hooks.run(after=3)
    hooks.ledger.register("2")
    hooks.ledger.failing = True
    assert not hooks.run()
    assert hooks.cursor().failures == 0
    hooks.ledger.failing = False
    assert hooks.run()
    assert hooks.positions == [4, 5]


def test_the_command_says_what_is_missing(tmp_path: Path, console: Terminal) -> None:
    with pytest.raises(CannotStart, match="There is no file"):
        read_webhooks(tmp_path)
    (tmp_path / "webhooks.toml").write_text("")
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    assert webhooks(settings, "http://127.0.0.1:9", console, once=True) == 2
