"""The first reads of a large log are made ahead of its readers, once for each generation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from services.reporting.dashboard.first_pages import first_pages
from services.reporting.projection.warming import WORTH_IT, Warming
from shared.clock import system_clock
from shared.errors import BrokenContract, Problem, Unavailable
from shared.readmodel.store import READ_MODELS_UNAVAILABLE, Store
from tests.support.dashboard_pages import Paging
from tests.support.figures_of_events import Projecting
from tests.support.listed_year import listed_year


@pytest.fixture
def year(tmp_path: Path) -> Iterator[Projecting]:
    """Give the reads of a small year that no one has asked yet."""
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}").given(*listed_year())
    again = started.started_again()
    yield again
    again.store.close()


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Give the statements sent to the database of a store meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    yield sent
    event.remove(store._engine, "before_cursor_execute", note)


def loads(sent: list[str]) -> list[str]:
    """Return the statements that load the figures of a year."""
    return [each for each in sent if "_deltas" in each]


@pytest.mark.parametrize("path", ["/", "/pages/signals", "/pages/list", "/pages/exchange"])
def test_after_it_the_first_page_of_a_reader_loads_no_year(year: Projecting, path: str) -> None:
    warming = Warming(year.pin, first_pages(year.pin, system_clock), worth_it=1)
    with statements(year.store) as sent:
        while warming.step():
            pass
    assert loads(sent)
    with statements(year.store) as sent:
        Paging(year).get(path)
    assert not loads(sent)


def test_a_short_log_is_left_to_its_readers(year: Projecting) -> None:
    assert year.reads.as_of().position < WORTH_IT
    with statements(year.store) as sent:
        assert Warming(year.pin, first_pages(year.pin, system_clock)).step() == 0
    assert not loads(sent)


def test_each_generation_is_read_once_and_a_refused_read_is_left_out(year: Projecting) -> None:
    made: list[str] = []

    def refused() -> None:
        made.append("refused")
        raise BrokenContract(Problem(READ_MODELS_UNAVAILABLE))

    generations = [year.reads]
    warming = Warming(
        lambda _=None: (generations[-1], year.reads.as_of()),
        [refused, lambda: made.append("read")],
        worth_it=1,
    )
    assert [warming.step() for _ in range(4)] == [1, 0, 0, 0]
    assert made == ["refused", "read"]
    generations.append(year.started_again().reads)
    assert [warming.step() for _ in range(3)] == [1, 0, 0]
    assert made == ["refused", "read"] * 2


def test_tables_that_cannot_be_read_yet_are_waited_for() -> None:
    def pin(_known_at: str | None = None) -> Any:
        raise Unavailable(Problem(READ_MODELS_UNAVAILABLE), 1)

    assert Warming(pin, [lambda: pytest.fail("read")]).step() == 0
