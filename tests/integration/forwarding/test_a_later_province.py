"""A province that begins with a fresh copy of the nation's ledger forwards what it records itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from services.console.forwarding.forwarder import Stopped
from shared.client.forwarding_state import FORWARDING_FILE, ForwardingState
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent
from tests.support.dashboard_pages import Shown
from tests.support.small_ledger import OPENED, SmallLedger, small_ledger
from tests.support.two_ledgers import (
    Answers,
    CutLine,
    forwarded,
    forwarder,
    log_of,
    numbered,
    origin_of,
    unit,
)

EARLIER = "/publishers/cao-bang"
LATER = "/publishers/hue"


class Begun(NamedTuple):
    """A nation, and a province that is a copy of it up to a position and has gone on by itself."""

    nation: SmallLedger
    province: SmallLedger
    shared: int
    home: Path

    def forward(self, line: CutLine | None = None, state: str = FORWARDING_FILE) -> int:
        return forwarded(self.province, line or self.nation, self.home / state, LATER)


@contextmanager
def _copied(home: Path, to: Path) -> Iterator[SmallLedger]:
    """Run a ledger on a backup of another's log, as docs/operations.md makes it."""
    to.mkdir()
    with (
        closing(sqlite3.connect(home / "log.db")) as log,
        closing(sqlite3.connect(to / "log.db")) as new,
    ):
        log.backup(new)
    with closing(sqlite3.connect(to / "log.db")) as new, new:
        new.execute("DELETE FROM log_origins")
    with small_ledger(to, []) as ledger:
        yield ledger


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Begun]:
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})
    nation_home, home = tmp_path / "nation", tmp_path / "province"
    with (
        small_ledger(tmp_path / "earlier", [country, *map(numbered, "234")]) as earlier,
        small_ledger(nation_home) as nation,
    ):
        forwarded(earlier, nation, tmp_path / "earlier.db", EARLIER)
        nation.publish([numbered("5")])
        shared = nation.head()
        with _copied(nation_home, home) as province:
            province.publish([unit("x-51", "Xã", "t-5", "commune"), numbered("6")])
            nation.publish([numbered("7")])
            yield Begun(nation, province, shared, home)


def test_only_what_is_its_own_is_forwarded(begun: Begun) -> None:
    nation, province, shared, _ = begun
    elsewhere = [e["originledger"] for e in log_of(province) if "originledger" in e]
    assert set(elsewhere) == {EARLIER}, "the copy has events that another province forwarded"
    assert begun.forward() == 2
    head = origin_of(nation, LATER)
    assert (head["originposition"], head["shared"]) == (shared + 2, shared)
    assert (head["recorded"], head["duplicates"], head["behind"]) == (2, 0, 0)
    last = [
        (e["originposition"], e["subject"])
        for e in log_of(nation)
        if e.get("originledger") == LATER
    ]
    assert last == [(shared + 1, "unit/x-51"), (shared + 2, "unit/t-6")]
    assert origin_of(nation, EARLIER)["shared"] == 0


def test_it_goes_on_from_there_without_its_state_too(begun: Begun) -> None:
    begun.forward()
    assert begun.forward() == 0
    assert begun.forward(state="lost.db") == 0
    begun.province.publish([numbered("8")])
    assert begun.forward(state="lost.db") == 1
    assert origin_of(begun.nation, LATER)["originposition"] == begun.shared + 3


def test_a_copy_without_an_event_of_its_own_forwards_nothing(tmp_path: Path) -> None:
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED})
    home, state = tmp_path / "nation", tmp_path / "state.db"
    with (
        small_ledger(home, [country, numbered("2")]) as nation,
        _copied(home, tmp_path / "province") as province,
    ):
        with forwarder(province, nation, state, LATER) as forwarding:
            forwarding.begin()
            assert forwarding.forward() == 0
            assert forwarding.state.shared == 2
        assert nation.ask(Family.REPORTING, "GET", "/origins").json()["items"] == []
        province.publish([numbered("3")])
        assert forwarded(province, nation, state, LATER) == 1


def test_all_its_events_may_be_refused(begun: Begun) -> None:
    begun.nation.publish([numbered("6"), unit("x-51", "X", "t-5", "commune")])
    for _ in range(2):
        begun.forward()
    head = origin_of(begun.nation, LATER)
    assert (head["originposition"], head["refused"], head["recorded"]) == (begun.shared + 2, 2, 0)


def test_one_that_was_restored_before_it_forwarded_anything_begins_at_its_copy(
    begun: Begun, tmp_path: Path
) -> None:
    begun.forward()
    with _copied(tmp_path / "nation", tmp_path / "anew") as other:
        other.publish([numbered("9")])
        with pytest.raises(Stopped, match="origin_forked"):
            forwarded(other, begun.nation, tmp_path / "other.db", LATER)
        assert forwarded(other, begun.nation, tmp_path / "other.db", f"{LATER}-2") == 1


def test_the_other_ledger_is_asked_few_times_where_the_copy_ends(begun: Begun) -> None:
    asked: list[str] = []

    def seen(request: httpx.Request, answer: Answers) -> httpx.Response:
        asked.append(request.url.path)
        return answer(request)

    begun.forward(CutLine(begun.nation, seen))
    assert asked.count("/origins/shared") <= begun.province.head().bit_length() + 1


def test_pages_and_status_say_that_it_is_a_copy(begun: Begun) -> None:
    begun.forward()
    nation, province, shared, home = begun

    def page(ledger: SmallLedger, address: str) -> Shown:
        return Shown(ledger.ask(Family.REPORTING, "GET", address).text, address)

    rows = page(nation, "/pages/provinces").rows("Các tỉnh")
    (row,) = [each for each in rows if each[0] == "hue"]
    assert row[2] == f"{shared + 2} (bản sao đến {shared})"
    shown = dict(row[:2] for row in page(province, "/pages/forwarding").rows("Chuyển sổ lên trên"))
    assert shown["Là bản sao của sổ ấy đến vị trí"] == str(shared)
    with ForwardingState.opened(home / FORWARDING_FILE) as kept:
        state = kept.get()
    assert state is not None
    assert (state.shared, state.counts) == (shared, {"accepted": 2})
