"""A small ledger as the commands read it, and the words that they print."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import httpx
import pytest

from services.console.output.texts import Terminal
from services.console.subscriptions.news import NewsReader
from tests.support.calendar_ledger import Calendar
from tests.support.cloudevents import country, unit
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import registered
from tests.support.figures_of_events import Projecting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class SmallCountry:
    """A ledger with two provinces; `reader` is what a command reads it with."""

    def __init__(self, projecting: Projecting) -> None:
        self.projecting = projecting
        self._paging = Paging(projecting)
        self.failing = False
        transport = httpx.MockTransport(self._answer)
        self.client = httpx.Client(transport=transport)
        self.reader = NewsReader(self.client, "http://test")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.failing:
            return httpx.Response(503, text="later")
        answer = self._paging.answer(request.url.raw_path.decode())
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def register(self, *numbers: str, unit_id: str = "bk") -> None:
        """Register models, one event each."""
        self.projecting.given(*(registered(each, unit_id=unit_id) for each in numbers))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SmallCountry]:
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}", run=100)
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        unit("tn", name="Thái Nguyên", kind="tỉnh"),
    )
    small = SmallCountry(started)
    yield small
    small.client.close()
    started.store.close()


class DatedLedger(SmallCountry):
    """A ledger whose days pass as a test says."""

    def __init__(self, folder: Path) -> None:
        self.calendar = Calendar(folder)
        super().__init__(self.calendar.projecting)


@pytest.fixture
def dated(tmp_path: Path) -> Iterator[DatedLedger]:
    found = DatedLedger(tmp_path)
    yield found
    found.client.close()
    found.projecting.store.close()


@pytest.fixture
def console() -> Terminal:
    return Terminal(file=io.StringIO(), width=200)
