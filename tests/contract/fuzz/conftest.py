"""One small ledger for all that is thrown at it in one module."""

from collections.abc import Iterator

import pytest

from tests.support.small_ledger import SmallLedger, small_ledger


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    """Give the three services on a ledger that knows a little of everything."""
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running
