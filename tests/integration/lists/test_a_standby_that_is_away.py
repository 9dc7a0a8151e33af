"""The desk's own commits wait for a lost standby: its pages say so in time, and no list is forgotten."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from services.lists.uploads import worker
from shared.database.postgres import commit
from tests.integration.lists.test_the_pages_of_the_desk import states, workbook
from tests.support.postgres_server import own_postgres_server
from tests.support.postgres_standby import standby_of, synchronous
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import small_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.support.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres
UPLOAD = re.compile(r'href="(/lists/uploads/[\w-]+)')


@pytest.fixture(autouse=True)
def _all_is_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "COMMIT_SECONDS", 0.5)
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(worker, "_FORGOTTEN_US", 0)


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    with own_postgres_server() as server:
        yield server


@pytest.fixture
def standby(primary: PostgresServer) -> Iterator[PostgresServer]:
    with standby_of(primary) as server:
        yield server


@pytest.fixture
def desk(primary: PostgresServer, standby: PostgresServer, tmp_path: Path) -> Iterator[SmallDesk]:
    with (
        small_ledger(tmp_path / "ledger") as ledger,
        small_desk(ledger, tmp_path / "desk", DATABASE_URL=primary.url) as running,
    ):
        synchronous(primary)
        yield running
        standby.thaw()


def refused(answer: httpx.Response) -> None:
    """Fail unless a page says that the commit is not confirmed."""
    assert answer.status_code == 503
    assert "Cơ sở dữ liệu chưa xác nhận việc ghi" in answer.text


def test_a_list_whose_storing_is_not_confirmed_is_checked_once_it_stands(
    desk: SmallDesk, standby: PostgresServer
) -> None:
    standby.freeze()
    began = time.monotonic()
    refused(desk.uploaded(workbook()))
    assert time.monotonic() - began < 10, "so the documents say"
    assert not UPLOAD.search(desk.ask("GET", "/lists/?lang=vi").text)

    standby.thaw()
    while not (found := UPLOAD.search(desk.ask("GET", "/lists/?lang=vi").text)):
        pass  # the test's own limit of time ends a wait that is in vain
    checked = desk.settled(desk.ask("GET", f"{found[1]}?lang=vi"))
    assert states(checked) == [("3", "sẽ nhận"), ("4", "sẽ nhận"), ("5", "cần sửa")], checked


def test_a_list_is_sent_once_although_the_order_to_send_it_was_not_confirmed(
    desk: SmallDesk, standby: PostgresServer
) -> None:
    page = desk.uploaded(workbook())
    desk.settled(page)
    address = str(page.url).partition("?")[0]
    standby.freeze()
    answer = desk.ask("POST", f"{address}/send?lang=vi")
    refused(answer)
    assert answer.headers["retry-after"]
    in_english = desk.ask("POST", f"{address}/send?lang=en", headers={"Accept": "application/json"})
    assert in_english.status_code == 503

    standby.thaw()
    while "đã nhận" not in (sent := desk.settled(desk.ask("GET", f"{address}?lang=vi"))):
        pass  # the test's own limit of time ends a wait that is in vain
    assert states(sent) == [("3", "đã nhận"), ("4", "đã nhận"), ("5", "cần sửa")]
