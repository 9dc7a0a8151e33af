"""`dvk list` says what the pages say, and takes the same answers."""

from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
import typer

from services.console.commands import list_actions
from services.console.output.texts import Terminal
from services.lists.uploads.list_form import ListForm
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.small_ledger import SmallLedger, small_ledger

HEADINGS = ("STT", "Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Lĩnh vực", "Khối", "Xã, phường",
            "Hình thức")  # fmt: skip
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture
def run(ledger: SmallLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Check or send a list of titles; return the exit code and what is printed."""
    monkeypatch.setenv("DVK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(list_actions, "client_for", lambda *_: client_of(ledger))
    monkeypatch.setattr(list_actions, "addresses_at", lambda *_: ADDRESSES)

    def run_once(name: str, titles: Sequence[str], *answers: str, sending: bool) -> tuple[int, str]:
        book = openpyxl.Workbook()
        book.active.append(HEADINGS)
        for number, title in enumerate(titles, start=1):
            row = (number, title, "Chi bộ 1", "Tập thể", "Kinh tế", "khoi-1", "Bình Văn x-1", "Mới")
            book.active.append(row)
        book.save(tmp_path / name)
        console = Terminal(file=StringIO(), width=200)
        form = ListForm("registrations", "t-1", "2022")
        with pytest.raises(typer.Exit) as ended:
            list_actions.run_list(
                tmp_path / name, form, list(answers), "", console, sending=sending
            )
        return ended.value.exit_code, console.file.getvalue()

    return run_once


def test_vanished_rows_and_questions_are_printed_and_answers_taken(
    ledger: SmallLedger, run: Run
) -> None:
    assert run("lan-1.xlsx", ["Tổ tự quản số 1", "Bếp ăn"], sending=True)[0] == 0
    head = ledger.head()
    code, printed = run("lan-2.xlsx", ["Tổ tự quản số 2", "Vườn rau", "Vườn rau"], sending=True)
    assert code == 1
    assert "Có trong lần nộp trước, không có trong tệp này (1)" in printed
    assert "Bếp ăn (r" in printed
    assert "tệp lan-1.xlsx" in printed
    assert "[near_title:B2:r" in printed
    assert "[equal_row:B4]" in printed
    assert ledger.head() == head + 1
    answers = ("all_new:B=yes", "equal_row:B4=yes")
    titles = ["Tổ tự quản số 2", "Vườn rau", "Vườn rau"]
    code, printed = run("lan-2.xlsx", titles, *answers, sending=True)
    assert code == 0, printed
    assert ledger.head() == head + 3
    assert "Tổ tự quản số 1 (r" in printed  # it is another one, and no longer in the list
