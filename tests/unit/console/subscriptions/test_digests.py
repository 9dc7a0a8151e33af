"""Digests by e-mail: sent when there is news, once, never lost, and tried again when refused."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest

from services.console.local.data_directory import CannotStart
from services.console.subscriptions.cursors import Cursors, open_cursors
from services.console.subscriptions.digest import DigestRun, digest
from services.console.subscriptions.files import DigestSubscription, read_digests
from services.console.subscriptions.mail import MailServer
from shared.clock import system_clock
from shared.settings import Settings
from tests.support.calendar_ledger import plan
from tests.support.mail_server import MailBox, running_mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from services.console.output.texts import Terminal
    from tests.unit.console.subscriptions.conftest import DatedLedger, SmallCountry

DAILY = DigestSubscription(name="bk", address="officer@example.org", unit="bk")
WEEKLY = DAILY.model_copy(update={"name": "weekly", "every": "week"})
MONDAY, TUESDAY, NEXT_MONDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 30)


@pytest.fixture(scope="module")
def box() -> Iterator[MailBox]:
    with running_mail_server() as running:
        yield running


class Digests:
    """Runs of `dvk digest` over one ledger and one mail server."""

    def __init__(self, ledger: SmallCountry, box: MailBox, home: Path, console: Terminal) -> None:
        self.ledger, self.box, self.home, self._console = ledger, box, home, console
        box.messages.clear()
        box.answer = "250 taken"

    @contextmanager
    def cursors(self) -> Iterator[Cursors]:
        with open_cursors(self.home, "digest") as cursors:
            yield cursors

    def run(
        self,
        day: date = MONDAY,
        subscription: DigestSubscription = DAILY,
        server: MailServer | None = None,
    ) -> bool:
        """Run once on a day, as a process of its own."""
        server = server or MailServer("127.0.0.1", self.box.port, None, None, False, False)
        with self.cursors() as cursors:
            sender = "ledger@example.org"
            run = DigestRun(self.ledger.reader, cursors, server, sender, self._console)
            return run.send(subscription, day, self.ledger.reader.reached())


@pytest.fixture
def digests(ledger: SmallCountry, box: MailBox, tmp_path: Path, console: Terminal) -> Digests:
    return Digests(ledger, box, tmp_path, console)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def titles(message: EmailMessage) -> list[str]:
    """Return the models that a message names, the newest first."""
    return [line for line in text_of(message).splitlines() if line.startswith("[Thay đổi]")]


def test_a_digest_has_what_is_new_since_the_last_one(digests: Digests) -> None:
    digests.ledger.register("before")
    assert digests.run()  # begins here
    digests.ledger.register("1", "2")
    digests.ledger.register("elsewhere", unit_id="tn")
    assert digests.run()
    (message,) = digests.box.messages
    assert (message["From"], message["To"]) == ("ledger@example.org", "officer@example.org")
    assert digests.box.recipients[-1] == "officer@example.org"
    assert "Bắc Kạn" in message["Subject"]
    assert "vị trí 5–7" in message["Subject"]
    assert len(titles(message)) == 2
    assert "http://test/pages/model?" in text_of(message)
    assert text_of(message, "html").count("<li>") == 2
    digests.ledger.register("3")
    assert digests.run(TUESDAY)
    assert len(titles(digests.box.messages[-1])) == 1


def test_a_digest_brings_the_differences_as_a_workbook(digests: Digests) -> None:
    digests.ledger.register("before")
    digests.run()
    digests.ledger.register("1", "2")
    digests.run()
    (attached,) = digests.box.messages[0].iter_attachments()
    assert attached.get_filename() == "thay-doi-so-lieu-5-6.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(attached.get_content())).active
    assert sheet is not None
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert any(row[-3:] == (1, 3, 2) for row in rows), rows


def test_nothing_new_sends_nothing(digests: Digests) -> None:
    digests.run()
    digests.ledger.register("elsewhere", unit_id="tn")
    assert digests.run()
    assert digests.run(TUESDAY)
    assert digests.box.messages == []


def test_a_weekly_digest_waits_for_its_day(digests: Digests) -> None:
    digests.run(subscription=WEEKLY)
    for number, (day, sent) in enumerate(((MONDAY, 1), (TUESDAY, 1), (NEXT_MONDAY, 2))):
        digests.ledger.register(str(number))
        assert digests.run(day, WEEKLY)
        assert len(digests.box.messages) == sent
    assert len(titles(digests.box.messages[-1])) == 2


def test_what_a_server_refuses_is_sent_by_the_next_run(digests: Digests) -> None:
    digests.run()
    digests.ledger.register("1")
    digests.box.answer = "451 try later"
    assert not digests.run()
    digests.ledger.register("2")
    digests.box.answer = "250 taken"
    assert digests.run(TUESDAY)
    assert digests.run(NEXT_MONDAY)
    assert [len(titles(each)) for each in digests.box.messages] == [1, 1]


def test_after_a_crash_between_send_and_store_the_same_message_comes_again(
    digests: Digests,
) -> None:
    class Dies(MailServer):
        def send(self, message: EmailMessage) -> None:
            super().send(message)
            raise KeyboardInterrupt

    digests.run()
    digests.ledger.register("1")
    with pytest.raises(KeyboardInterrupt):
        digests.run(server=Dies("127.0.0.1", digests.box.port, None, None, False, False))
    digests.ledger.register("2")
    assert digests.run()
    first, second = digests.box.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert titles(first) == titles(second)
    assert digests.run(TUESDAY)
    third = digests.box.messages[2]
    assert third["Message-ID"] != first["Message-ID"]
    assert len(titles(third)) == 1


def test_a_ledger_that_does_not_answer_loses_nothing(digests: Digests) -> None:
    digests.run()
    digests.ledger.register("1")
    reached = digests.ledger.reader.reached()
    digests.ledger.failing = True
    with digests.cursors() as cursors:
        server = MailServer("127.0.0.1", digests.box.port, None, None, False, False)
        run = DigestRun(digests.ledger.reader, cursors, server, "l@example.org", digests._console)
        assert not run.send(DAILY, MONDAY, reached)
    digests.ledger.failing = False
    assert digests.run()
    assert len(digests.box.messages) == 1


def test_two_runs_at_once_are_not_possible(digests: Digests) -> None:
    with digests.cursors(), pytest.raises(CannotStart):
        digests.run()


def told(message: EmailMessage) -> list[str]:
    """Return the signals that a message names."""
    lines = text_of(message).splitlines()
    return [line.strip() for line in lines if line.startswith(("  Mới cần", "  Không còn"))]


def test_a_digest_tells_the_signals_of_the_days_since_the_last_one(
    dated: DatedLedger, box: MailBox, tmp_path: Path, console: Terminal
) -> None:
    digests, calendar = Digests(dated, box, tmp_path, console), dated.calendar
    calendar.on("2022-03-31")
    assert digests.run(date(2022, 3, 31))
    calendar.on("2022-04-01")
    assert digests.run(date(2022, 4, 1))
    assert box.messages == []  # a day is told when it is over
    calendar.on("2022-04-02")
    box.answer = "451 try later"
    assert not digests.run(date(2022, 4, 2))
    calendar.on("2022-04-03", plan("2022-04-03", "o-2"))
    box.answer = "250 taken"
    for day in (3, 4):  # the refused one first, then what is newer
        calendar.on(f"2022-04-0{day}")
        assert digests.run(date(2022, 4, day))
        assert digests.run(date(2022, 4, day))
    first, second = box.messages
    assert told(first) == ["Mới cần xem: Chưa có kế hoạch (năm 2022): 1"]
    assert "việc mới (vị trí" not in first["Subject"]
    assert list(first.iter_attachments()) == []  # no event, so no figure differs
    assert "known_at=2022-04-01" in text_of(first)
    assert told(second) == ["Không còn phải xem: Chưa có kế hoạch (năm 2022), trước đó 1"]
    assert second["Subject"].endswith("1 việc mới (vị trí 6–6 trong sổ); việc cần làm có thay đổi")
    assert first["Message-ID"] != second["Message-ID"]


def test_a_digest_of_signals_alone_or_of_events_alone_has_no_others(
    dated: DatedLedger, box: MailBox, tmp_path: Path, console: Terminal
) -> None:
    digests, calendar = Digests(dated, box, tmp_path, console), dated.calendar
    for kind in ("signals", "changes"):
        one = DAILY.model_copy(update={"name": kind, "of": [kind]})
        calendar.on("2022-03-31")
        assert digests.run(date(2022, 3, 31), one)
    calendar.on("2022-04-01", plan("2022-04-01", "o-3"))
    calendar.on("2022-04-02")
    for kind in ("signals", "changes"):
        one = DAILY.model_copy(update={"name": kind, "of": [kind]})
        assert digests.run(date(2022, 4, 2), one)
    of_signals, of_changes = box.messages
    assert (len(told(of_signals)), titles(of_signals)) == (1, [])
    assert (told(of_changes), len(titles(of_changes))) == ([], 1)


def test_cursors_of_an_earlier_file_stay(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "subscriptions.db")) as earlier, earlier:
        earlier.execute(
            "CREATE TABLE cursors (kind TEXT, name TEXT, position INTEGER, pending INTEGER,"
            " sent_on TEXT, failures INTEGER, retry_at REAL, verified TEXT, rate INTEGER,"
            " is_off INTEGER, PRIMARY KEY (kind, name)) STRICT"
        )
        earlier.execute("INSERT INTO cursors VALUES ('digest', 'a', 7, 9, NULL, 0, 0, '', 0, 0)")
    with open_cursors(tmp_path, "digest") as cursors:
        found = cursors.get("a")
        assert found is not None
        assert (found.position, found.pending, found.judged_on) == (7, 9, None)
        cursors.save(found)


@pytest.mark.parametrize(
    "url", [None, "", "http://mail.example.org", "smtp://mail.example.org?starttls=no", "smtp://"]
)
def test_a_mail_server_without_encryption_must_be_on_this_machine(url: str | None) -> None:
    with pytest.raises(CannotStart):
        MailServer.of(url)
    assert not MailServer.of("smtp://127.0.0.1:25?starttls=no").starttls
    assert MailServer.of("smtp://mail.example.org").starttls
    assert MailServer.of("smtps://a%40b:c@mail.example.org").user == "a@b"


def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "subscriptions.toml"
    with pytest.raises(CannotStart, match="There is no file"):
        read_digests(tmp_path)
    one = '[[subscription]]\nname = "a"\naddress = "a@example.org"\nunit = "bk"\n'
    for content, place in (
        (one.replace("a@example.org", "a, b@example.org"), "address"),
        (one + 'every = "hour"\n', "every"),
        (one + "what = 1\n", "what"),
        (one + one, "name"),
        ("[", "subscriptions.toml"),
    ):
        file.write_text(content)
        with pytest.raises(CannotStart, match=place):
            read_digests(tmp_path)


def test_the_command_says_what_is_missing(tmp_path: Path, console: Terminal) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    assert digest(settings, "http://127.0.0.1:9", console, system_clock) == 2
    (tmp_path / "subscriptions.toml").write_text("")
    assert digest(settings, "http://127.0.0.1:9", console, system_clock) == 2
