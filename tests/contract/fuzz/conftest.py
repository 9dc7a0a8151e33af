"""One small ledger for all that is thrown at it in one module."""

from collections.abc import Iterator
from re import Pattern
from typing import Any

import pytest
from hypothesis.strategies import SearchStrategy

from tests.support.small_ledger import SmallLedger, small_ledger


@pytest.fixture(scope="session", autouse=True)
def patterns_made_once() -> Iterator[None]:
    """Let Hypothesis make the texts of each pattern once.

    It looks at every letter of Unicode for each place where a pattern stands, and one event has
    hundreds: that took nine tenths of the time of a request with an event.
    """
    from hypothesis.strategies._internal import regex as patterns  # noqa: PLC0415  not at its start

    make, known = patterns.regex_strategy, dict[Any, SearchStrategy[Any]]()

    def made(
        regex: str | Pattern[str], fullmatch: bool, *, alphabet: Any, **how: Any
    ) -> SearchStrategy[Any]:
        letters = getattr(alphabet, "intervals", None)
        key = (regex, fullmatch, alphabet if letters is None else letters.intervals, *how.items())
        if key not in known:
            known[key] = make(regex, fullmatch, alphabet=alphabet, **how)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "regex_strategy", made)
        yield


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    """Give the three services on a ledger that knows a little of everything."""
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running
