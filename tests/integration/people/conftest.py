"""A ledger without events, and one of two provinces that requires sign-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.vocabulary import Family
from tests.support.guarded_ledger import Guarded, guarded_ledger
from tests.support.people_pages import Officer, OneBrowser, officer
from tests.support.small_ledger import SmallLedger, small_ledger


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people")


@pytest.fixture(scope="module")
def ledger(home: Path) -> Iterator[SmallLedger]:
    with small_ledger(home, ()) as running:
        yield running


@pytest.fixture(scope="module")
def lan(home: Path, ledger: SmallLedger) -> Officer:
    return officer(home, "lan")


@pytest.fixture
def browser(ledger: SmallLedger, lan: Officer) -> OneBrowser:
    return OneBrowser(ledger.apps[Family.REPORTING], ledger.loop)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded_ledger(tmp_path_factory.mktemp("guarded")) as running:
        yield running
