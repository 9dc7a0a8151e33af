"""Each check of trust is seen failing on a ledger that is really so, and well before."""

from pathlib import Path

import pytest

from services.console.doctor.finding import Finding, Level, worst
from services.console.doctor.trust import check_trust
from services.console.trust.beginning import Machine, begin, roots_of_one_machine
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.clock import MICROSECONDS, system_clock
from shared.eventlog.sql import open_log
from shared.events.envelope import ReceivedEvent
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import country
from tests.support.trusted import REALM, ROOTS, authorized, key_of
from tests.support.two_provinces import approved, revoked

DAY_US = 86_400 * MICROSECONDS


class Examined:
    """A log on one machine in which trust begins, and the doctor's findings about it."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings.from_environment({"DVK_HOME": str(home)})
        self.append(country())

    def append(self, *events: ReceivedEvent) -> None:
        log = open_log(self.settings.log_url, family=Family.REGISTRY)
        appender = Appender(log, RegistryDecider())
        for event in events:
            answer = appender.submit([event])
            appender.step()
            assert "Accepted" in type(answer.result()[0]).__name__
        log.close()

    def begin(self, threshold: int) -> None:
        begin(self.settings, REALM, {root: key_of(root) for root in ROOTS}, threshold)

    def found(self, *, later_days: int = 0) -> dict[str, Finding]:
        def clock() -> int:
            return system_clock() + later_days * DAY_US

        log = open_log(self.settings.log_url, family=Family.REGISTRY)
        findings = list(check_trust(self.settings, log, clock))
        log.close()
        return {each.check: each for each in findings}


@pytest.fixture
def ledger(tmp_path: Path) -> Examined:
    return Examined(tmp_path)


def test_a_ledger_that_never_began_is_well(ledger: Examined) -> None:
    assert {name: f.level for name, f in ledger.found().items()} == {"trust": Level.WELL}


def test_a_pin_that_is_not_the_beginning_is_broken(ledger: Examined) -> None:
    ledger.begin(1)
    assert worst(ledger.found().values()) is Level.WELL
    ledger.settings.trust_file.write_text("0" * 64, "ascii")
    assert ledger.found()["trust"].level is Level.BROKEN
    ledger.settings.trust_file.unlink()
    assert ledger.found()["trust"].level is Level.BROKEN


def test_a_pin_without_a_beginning_is_another_log(ledger: Examined) -> None:
    ledger.settings.trust_file.write_text("0" * 64, "ascii")
    assert ledger.found()["trust"].level is Level.BROKEN


def test_roots_that_lose_their_keys_are_counted_against_the_threshold(ledger: Examined) -> None:
    ledger.begin(2)
    levels = []
    for root in ROOTS[:2]:
        # A key revokes itself without an approval.
        ledger.append(revoked(root, by=root, key=key_of(root)))
        levels.append(ledger.found()["roots"].level)
    assert levels == [Level.LOOK, Level.BROKEN]
    assert "root-1, root-2" in ledger.found()["roots"].found.en


def test_an_approval_that_waits_longer_than_a_week_is_seen(ledger: Examined) -> None:
    ledger.begin(2)
    grant = authorized("p-a", "vn")
    ledger.append(grant)
    assert ledger.found(later_days=1)["pending"].level is Level.WELL
    assert ledger.found(later_days=2)["pending"].level is Level.LOOK
    ledger.append(approved(grant, by=ROOTS[1]))
    assert ledger.found(later_days=2)["pending"].level is Level.WELL


def test_a_desk_without_the_key_that_the_ledger_takes_is_seen(ledger: Examined) -> None:
    settings = ledger.settings
    (settings.home / "lists.db").touch()
    ((root, key),) = (roots := roots_of_one_machine(settings)).items()
    begin(settings, REALM, roots, 1)
    assert ledger.found()["desk_signing"].level is Level.LOOK
    Machine(settings, REALM, root, key, "vn").authorize_desk()
    assert ledger.found()["desk_signing"].level is Level.WELL
    settings.signing_key.unlink()
    key_of("another").save(settings.signing_key)
    assert key_of("another").key_id in ledger.found()["desk_signing"].found.en
