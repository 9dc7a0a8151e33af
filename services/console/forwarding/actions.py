"""Forwarding until it is stopped, or once, and how far it is: `dvk forward`."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
from rich.text import Text

from services.console.client.feed import Feed
from services.console.client.http_client import Unanswered, client_for
from services.console.commands.complaints import complain
from services.console.commands.publish import summary
from services.console.forwarding.forwarder import Forwarder, Stopped, is_gap
from services.console.forwarding.reasons import reason_of
from services.console.local.data_directory import CannotStart, alone
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import number, number_en, said_on
from shared.appending.origins.problems import STOPPING
from shared.client.addresses import addresses_at
from shared.client.delivery import Delivery, Undeliverable
from shared.client.forwarding_state import (
    NOT_TAKEN,
    ForwardingState,
    Stop,
    read_forwarding,
)
from shared.client.signed_reads import SignedReads
from shared.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from services.console.output.texts import Terminal
    from shared.client.forwarding_state import Forwarded
    from shared.trust.keys import SecretKey

POLL_SECONDS = 2.0
ASK_AGAIN_SECONDS = 60.0
"""How long nothing may be new before the other ledger is asked again how far it is."""
PATIENCE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 30.0
_TIMEOUT_SECONDS = 60.0
_SAY_SECONDS = 10.0
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ForwardingLine:
    """A line between two ledgers: the one that is forwarded, the other, and the name there.

    `key` is that of the publisher of this name; `file` keeps the state.
    """

    own: str
    nation: str
    ledger: str
    key: SecretKey | None
    file: Path

    @property
    def signs(self) -> httpx.Auth:
        """Return what signs requests to the other ledger; the own one's token is not sent there."""
        return httpx.Auth() if self.key is None else SignedReads(self.key)


def forward(
    line: ForwardingLine,
    console: Terminal,
    *,
    once: bool,
    again: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Forward until stopped, or `once` all that is recorded now; `again` what was refused before.

    Returns 0; 1 if some events were not recorded there; 2 if a ledger could not be reached; 3 if
    the other ledger takes nothing more: it has another history of this one, or cannot read an event
    or believe its sender, which is tried again unless it is `once` or `again`.
    """
    words = (
        f"Một lệnh khác đang chuyển sổ này ({line.file}).",
        f"Another process already forwards this ledger ({line.file}).",
    )
    try:
        with ExitStack() as stack:
            stack.enter_context(alone(line.file.with_suffix(".lock"), *words))
            own = stack.enter_context(client_for(line.own, _TIMEOUT_SECONDS))
            nation = stack.enter_context(client_for(line.nation, _TIMEOUT_SECONDS, line.signs))
            kept = stack.enter_context(ForwardingState.opened(line.file))
            run = ForwardingRun(line, console, own, nation, kept, pause)
            return run.run(once=once, again=again)
    except KeyboardInterrupt:
        return 0
    except CannotStart as error:
        complain(console, error)
        return 2


@dataclass
class ForwardingRun:
    """A run of `dvk forward` over clients of both ledgers; `pause` sleeps for some seconds."""

    line: ForwardingLine
    console: Terminal
    own: httpx.Client
    nation: httpx.Client
    kept: ForwardingState
    pause: Callable[[float], None]
    _said: float = 0.0

    def run(self, *, once: bool, again: bool = False) -> int:
        """Forward; after a cut go on from where the other ledger is. Returns as `forward` does."""
        pause, stuck_at = POLL_SECONDS, -1
        while True:
            forwarder = None
            try:
                forwarder = self._forwarder()
                forwarder.begin()
                self._say_begun(forwarder.state)
                pause = POLL_SECONDS
                if again:
                    return self._shown(forwarder.send_again())
                if once:
                    before = self._counts()
                    forwarder.forward()
                    after = self._counts()
                    return self._shown({each: after[each] - before[each] for each in after})
                self._follow(forwarder)
            except Stopped as stopped:
                position = self._begun().position if forwarder is None else forwarder.state.position
                if is_gap(stopped) and position != stuck_at:
                    stuck_at = position
                    continue
                reason = reason_of(stopped.problem)
                self._stop(forwarder, reason)
                if once or again or reason.code in STOPPING:
                    return 3
            except (Undeliverable, Unanswered) as error:
                self._stop(forwarder, _unreached(error))
                complain(self.console, error)
                if once or again:
                    return 2
            self.pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _follow(self, forwarder: Forwarder) -> None:
        """Forward what is new, until nothing was for so long that the other is asked again."""
        quiet = 0.0
        while quiet < ASK_AGAIN_SECONDS:
            sent = forwarder.forward()
            quiet = 0.0 if sent else quiet + POLL_SECONDS
            self.pause(POLL_SECONDS)

    def _begun(self) -> Forwarded:
        return self.kept.begin(self.line.ledger, self.line.nation)

    def _forwarder(self) -> Forwarder:
        here, there = (
            addresses_at(self.line.own, self.own),
            addresses_at(self.line.nation, self.nation),
        )
        return Forwarder(
            own=Feed(self.own, here.registry),
            reporting=here.reporting,
            nation=Delivery(
                self.nation,
                there,
                PATIENCE_SECONDS,
                pause=self.pause,
                busy=self._busy,
                reads=self.line.signs,
            ),
            kept=self.kept,
            state=self._begun(),
            advanced=self._advanced,
            pause=self.pause,
        )

    def _stop(self, forwarder: Forwarder | None, reason: Stop) -> None:
        state = self._begun() if forwarder is None else forwarder.state
        self.kept.save(replace(state, stop=reason))
        self._say(reason.vi, reason.en)

    def _say(self, vi: str, en: str) -> None:
        said_on(self.console)(vi, en)

    def _say_begun(self, state: Forwarded) -> None:
        if self._said and not state.behind:
            return
        self._said = time.monotonic()
        self._say(
            f"{state.ledger}: chuyển tiếp sau vị trí {number(state.position)}, còn "
            f"{number(state.behind)} sự kiện.",
            f"{state.ledger}: going on after position {number_en(state.position)}, "
            f"{number_en(state.behind)} events to go.",
        )

    def _busy(self, reason: str, seconds: float) -> None:
        self._say(
            f"chờ {number(seconds, 1)} giây ({reason})",
            f"waiting {number_en(seconds, 1)} s ({reason})",
        )

    def _advanced(self, state: Forwarded) -> None:
        if state.behind and time.monotonic() - self._said < _SAY_SECONDS:
            return
        self._said = time.monotonic()
        self._say(
            f"đã chuyển đến vị trí {number(state.position)} / {number(state.head)}",
            f"forwarded up to position {number_en(state.position)} of {number_en(state.head)}",
        )

    def _counts(self) -> Counter[str]:
        return Counter((self.kept.get() or self._begun()).counts)

    def _shown(self, counts: Mapping[str, int]) -> int:
        """Show what became of the events of this run; 1 if some were not recorded."""
        show_table(self.console, self.line.ledger, summary(counts, self.console))
        missing = sum(counts.get(each, 0) for each in NOT_TAKEN)
        if missing:
            self._say("Vì sao: dvk forward status", "The reasons: dvk forward status")
        return 1 if missing else 0


def show_status(file: Path, console: Terminal) -> int:
    """Show how far the ledger is forwarded, and what was not recorded there; 1 if it is stopped."""
    with read_forwarding(file) as kept:
        state = None if kept is None else kept.get()
        if kept is None or state is None:
            said_on(console)("Sổ này chưa được chuyển đi đâu.", "This ledger is not forwarded.")
            return 0
        refusals = kept.refusals(_SHOWN)
    table = plain_table(with_heads=False)
    table.add_column("")
    table.add_column("")
    for (vi, en), value in (
        (("tên sổ", "name"), state.ledger),
        (("chuyển tới", "forwarded to"), state.nation),
        (("là bản sao của sổ ấy đến vị trí", "a copy of it up to"), console.number(state.shared)),
        (("đã chuyển đến vị trí", "forwarded up to"), console.number(state.position)),
        (("còn lại", "to go"), console.number(state.behind)),
        (("gửi lại thì được nhận", "taken when sent again"), console.number(state.taken_again)),
        (("lần cuối nhận biên nhận", "last receipt"), _moment(state.forwarded_us)),
        (("lần cuối được trả lời", "last answer"), _moment(state.answered_us)),
    ):
        table.add_row(console.pick(vi, en), Text(value))
    show_table(console, console.pick("Chuyển sổ", "Forwarding"), table)
    show_table(console, console.pick("Kết quả", "Outcomes"), summary(state.counts or {}, console))
    for each in refusals:
        reason = console.pick(each.vi, each.en)
        text = f"  {console.number(each.position)} {each.subject}: {each.code}: {reason}"
        console.print(Text(text, style="red"), soft_wrap=True)
    if state.stop is not None:
        console.print(Text(console.pick(state.stop.vi, state.stop.en), "bold red"), soft_wrap=True)
        return 1
    return 0


def _moment(microseconds: int) -> str:
    return rfc3339(microseconds) if microseconds else "–"


def _unreached(error: Undeliverable | Unanswered) -> Stop:
    """Return the reason for which nothing was answered."""
    if isinstance(error, Undeliverable) and error.problem is not None:
        return reason_of(error.problem)
    return Stop(
        "not_reached",
        f"Chưa tới được sổ: {error}. Sẽ thử lại.",
        f"A ledger was not reached: {error}. It is tried again.",
    )
