"""A stopped ledger for the tests of the doctor."""

import shutil
from pathlib import Path

import pytest

from tests.support.stopped_ledger import Stopped


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the home of a ledger with five events, which nobody changes."""
    ledger = Stopped(tmp_path_factory.mktemp("doctor") / "home")
    ledger.append(4)
    return ledger.home


@pytest.fixture
def stopped(filled: Path, tmp_path: Path) -> Stopped:
    shutil.copytree(filled, tmp_path / "home")
    return Stopped(tmp_path / "home")
