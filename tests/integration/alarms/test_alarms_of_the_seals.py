"""Each alarm about the seals fires when the sealer, the log or the witnesses really fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.telemetry.metrics import Metrics
from shared.trust.notes import Note, cosign
from tests.support.prometheus import Prometheus, page_of
from tests.support.sealed_log import START_US, SealedLog
from tests.support.served_seals import POLICY, WITNESSES, ServedSeals

DAY = 86_400


class WatchedSeals:
    """The metrics of the evidence, as reporting gives them, under a made-up clock."""

    def __init__(self, log: SealedLog, policy: str | None = POLICY) -> None:
        self.seals = ServedSeals(log, policy)
        self.metrics = Metrics()
        evidence = self.seals.evidence
        self.metrics.ask(
            sealed=evidence.sealed_position,
            seal_contradicted=lambda: int(evidence.contradicted() is not None),
            unwitnessed_seconds=evidence.unwitnessed_seconds,
        )
        self.prometheus = Prometheus(reporting=page_of(self.metrics.registry))

    def grow(self, by: int, *, seal: bool = True) -> None:
        """Append some events, and seal them unless the sealer has stopped."""
        self.seals.log.grow(by)
        self.metrics.log_at(self.seals.log.log.head().position)
        if seal:
            self.seals.log.sealer.step()

    def fired(self, seconds: float) -> set[str]:
        """Let time pass; return which alarms fire."""
        for _ in range(int(seconds // 15)):
            self.seals.now = int(START_US // 1_000_000 + self.prometheus.now - self._began)
            self.prometheus.watch(15)
        names = ("SealBehind", "SealContradicted", "WitnessesSilent")
        return {name for name in names if self.prometheus.firing(name)}

    _began = 2_000_000_000.0


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SealedLog]:
    one = SealedLog(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "seal")
    yield one
    one.close()


def test_a_sealer_that_stops_is_behind_until_it_goes_on(log: SealedLog) -> None:
    watched = WatchedSeals(log)
    watched.grow(5)
    assert watched.fired(180) == set()
    watched.grow(1, seal=False)
    assert watched.fired(75) == set()
    assert watched.fired(75) == {"SealBehind"}
    log.sealer.step()
    assert watched.fired(15) == set()


def test_a_rewritten_log_contradicts_its_seal_at_once(log: SealedLog) -> None:
    watched = WatchedSeals(log)
    watched.grow(5)
    assert watched.fired(60) == set()
    log.rewrite(since=4)
    assert watched.fired(15) == {"SealContradicted"}


def test_witnesses_that_say_nothing_for_a_day_are_silent(log: SealedLog) -> None:
    watched = WatchedSeals(log)
    watched.grow(5)
    assert watched.fired(600) == set()
    watched.prometheus.now += DAY
    assert watched.fired(15) == {"WitnessesSilent"}
    last = log.store.last()
    assert last is not None
    note = Note.parse(last.note.encode())
    lines = [cosign(note.text, name, key, watched.seals.now) for name, key in WITNESSES.items()]
    watched.seals.evidence.cosign(str(note._replace(signatures=tuple(lines))).encode())
    assert watched.fired(15) == set()


def test_without_witnesses_none_is_silent(log: SealedLog) -> None:
    watched = WatchedSeals(log, policy=None)
    watched.grow(5)
    watched.prometheus.now += 3 * DAY
    assert watched.fired(30) == set()
