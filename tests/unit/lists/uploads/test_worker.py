"""A worker of the desk waits for a database that does not answer, and goes on."""

import threading
from pathlib import Path
from typing import cast

import httpx

from services.lists.ledger.reader import LedgerReader
from services.lists.persons.vault import PersonVault
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.store import DeskStore
from services.lists.uploads.tables import LISTS_UNAVAILABLE
from services.lists.uploads.upload import Upload
from services.lists.uploads.worker import DeskWorker
from shared.client.delivery import Delivery
from shared.clock import system_clock
from shared.errors import Problem, Unavailable
from tests.support.ledger_transport import ADDRESSES


class StoreThatIsAwayOnce(DeskStore):
    asked: list[str]
    found: threading.Event

    def get(self, upload_id: str) -> Upload | None:
        self.asked.append(upload_id)
        if len(self.asked) == 1:
            raise Unavailable(Problem(LISTS_UNAVAILABLE))
        self.found.set()
        return None


def test_an_upload_is_taken_up_again_when_the_database_answers(tmp_path: Path) -> None:
    key = key_of(tmp_path / "lists.key")
    store = StoreThatIsAwayOnce(f"sqlite:///{tmp_path / 'lists.db'}", key)
    store.asked, store.found = [], threading.Event()
    paused: list[float] = []
    with httpx.Client() as client:
        worker = DeskWorker(
            store,
            LedgerReader(client, ADDRESSES),
            Delivery(client, ADDRESSES),
            PersonVault(store, key),
            system_clock,
            threads=1,
            pause=paused.append,
        )
        worker.start()
        worker.take(cast("Upload", _Taken()))
        assert store.found.wait(10)
        worker.stop()
    store.close()
    assert store.asked == ["u-1", "u-1"]
    assert len(paused) == 1


class _Taken:
    upload_id = "u-1"
