"""After an erasure the name is in no file, page, answer, log or copy, and cannot be opened."""

import logging
import re
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest

from services.console.output.texts import Terminal
from services.console.persons import actions
from services.lists.persons.erasure import Erasures
from services.lists.persons.vault import PersonVault
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.store import DeskStore
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.exports import exported
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

NAME = "Khà Văn Thửn"
PART = "Thửn"
HEADINGS = ("STT", "Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Cá nhân đăng ký", "Lĩnh vực",
            "Khối", "Xã, phường", "Hình thức")  # fmt: skip
ROW = (1, "Vườn mẫu", "Chi bộ thôn 2", "Cá nhân", NAME, "Kinh tế", "khoi-1", "Bình Văn x-1", "Mới")


def workbook(headings: tuple[str, ...], *row: object) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(headings))
    sheet.append(list(row))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def ledger(home: Path) -> Iterator[SmallLedger]:
    with small_ledger(home / "ledger") as running:
        yield running


@pytest.fixture(scope="module")
def desk(ledger: SmallLedger, home: Path) -> Iterator[SmallDesk]:
    with small_desk(ledger, home / "desk") as running:
        yield running


def opened(folder: Path) -> str:
    """Return all that the key of the desk opens in its state."""
    key = key_of(folder / "lists.key")
    store = DeskStore(f"sqlite:///{folder / 'lists.db'}", key)
    vault = PersonVault(store, key)
    found = []
    for upload in store.latest(100):
        found += [str(upload), *map(str, store.rows(upload.upload_id))]
        try:
            file = openpyxl.load_workbook(BytesIO(store.content(upload.upload_id)))
        except LedgerError:
            continue
        found += [str(row) for row in file.worksheets[0].iter_rows(values_only=True)]
    found.append(str(vault.names(re.findall(r"p-[a-z2-7]{26}", " ".join(found)))))
    store.close()
    return "\n".join(found)


def measures(ledger: SmallLedger) -> dict[str, int]:
    """Return the figures of the nation at the head of the log."""
    asked = {"year": 2022, "known_at": ledger.head()}
    answer = ledger.ask(Family.REPORTING, "GET", "/summaries/national", params=asked).json()
    found: dict[str, int] = answer["measures"]
    return found


def erased_at(desk: Path, reference: str) -> int | None:
    """Return the position of an erasure as the desk keeps it."""
    key = key_of(desk / "lists.key")
    store = DeskStore(f"sqlite:///{desk / 'lists.db'}", key)
    erased = Erasures(PersonVault(store, key), system_clock).find(reference)
    store.close()
    return erased and erased.position


def pages(ledger: SmallLedger, desk: SmallDesk, address: str) -> list[str]:
    """Return all that the desk and the services show."""
    of_desk = ("/lists/", "/metrics", address, "/lists/persons", "/readyz")
    of_ledger = ("/metrics", "/events?limit=1000", "/parked", "/refused", "/nowhere")
    return [desk.ask("GET", where).text for where in of_desk] + [
        ledger.ask(family, "GET", where).text for family in Family for where in of_ledger
    ]


def test_the_name_is_gone_and_the_reference_stays(
    ledger: SmallLedger,
    desk: SmallDesk,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(actions, "client_for", lambda *_: client_of(ledger))
    monkeypatch.setattr(actions, "addresses_at", lambda *_: ADDRESSES)
    settings = Settings.from_environment({"DVK_HOME": str(home / "desk")})
    printed = StringIO()
    console = Terminal(file=printed, width=200)
    content = workbook(HEADINGS, *ROW)
    page = desk.uploaded(content)
    desk.settled(page)
    address = str(page.url).partition("?")[0]
    sent = desk.settled(desk.ask("POST", f"{address}/send?lang=vi"))
    (reference,) = re.findall(r"<code>(p-[a-z2-7]{26})</code>", sent)
    assert NAME in sent
    assert opened(home / "desk").count(PART) >= 2, "in the file and in the vault"
    assert actions.show(settings, reference, "Hồ sơ số 12", console) == 0
    assert NAME in printed.getvalue()
    before = measures(ledger)

    printed = StringIO()
    console = Terminal(file=printed, width=200)
    assert actions.hold(settings, reference, "Luật Lưu trữ", console) == 0
    request = actions.requested("request", "2026-03-02", "7")
    sending = actions.Sending("dvk-lists", None, None, "http://registry")
    assert actions.erase(settings, reference, request, sending, console) == 1
    assert "Luật Lưu trữ" in printed.getvalue()
    assert actions.release(settings, reference, console) == 0
    assert actions.erase(settings, reference, request, sending, console) == 0

    event = ledger.ask(Family.REGISTRY, "GET", f"/events?after={ledger.head() - 1}").json()[0]
    assert (event["type"], event["subject"]) == ("dvk.PersonErased.v1", f"person/{reference}")
    assert erased_at(home / "desk", reference) == int(event["sequence"])

    assert actions.show(settings, reference, "Hồ sơ số 12", console) == 1
    actions.list_look_ups(settings, None, 50, console)
    refused = desk.ask("GET", f"{address}/annotated.xlsx?lang=vi")
    assert refused.status_code == 410
    of_ledger = Settings.from_environment({"DVK_HOME": str(home / "ledger")})
    log = open_log(of_ledger.log_url, family=Family.REPORTING)
    export = exported(log, home / "ledger" / "export.jsonl")
    log.close()
    texts = [caplog.text, printed.getvalue(), refused.text, opened(home / "desk")]
    texts += pages(ledger, desk, address)
    assert not [text[:200] for text in texts if PART in text]
    files = [file for file in home.rglob("*") if file.is_file()]
    assert export in files
    assert home / "desk" / "lists.db" in files
    assert not [file for file in files if PART.encode() in file.read_bytes()]
    assert reference in export.read_text("utf-8")
    assert measures(ledger) == before

    # The same list again brings another person; the erased reference is never given back.
    new_page = desk.settled(desk.uploaded(content))
    (other,) = set(re.findall(r"<code>(p-[a-z2-7]{26})</code>", new_page))
    assert other != reference
    stated = desk.settled(desk.uploaded(workbook((*HEADINGS, "Mã cá nhân"), *ROW, reference)))
    assert "Mã cá nhân này đã được xóa theo yêu cầu" in stated
