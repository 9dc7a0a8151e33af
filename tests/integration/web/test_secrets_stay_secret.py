"""No secret stands in a log, a metric, a problem or an error page, whatever fails."""

import base64
import io
import logging
import re
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.console.doctor.run import examined
from services.console.subscriptions.mail import MailServer
from shared.clock import system_clock
from shared.database.postgres.engine import postgres_engine
from shared.database.sqlite import sqlite_engine
from shared.errors import LedgerError
from shared.eventlog.sql import open_log
from shared.people.openid_provider import ProviderSettings
from shared.settings import Settings
from shared.telemetry.logs import configure_logs
from shared.trust.keys import SecretKey
from shared.vocabulary import Family
from shared.web.server.process import opened_patiently
from tests.support.people_pages import PASSWORD, OneBrowser, accounts_in, officer, sessions_in
from tests.support.small_desk import small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

NOBODY = "127.0.0.1:1"
SECRETS = {
    "REDIS_URL": f"redis://:redis-s3cret@{NOBODY}/0",
    "DVK_TOKEN": "token-s3cret-of-the-desk",
    "DVK_OIDC_ISSUER": f"http://{NOBODY}/office",
    "DVK_OIDC_CLIENT_ID": "ledger",
    "DVK_OIDC_CLIENT_SECRET": "oidc-s3cret",
    "DVK_SMTP_URL": f"smtps://desk:smtp-s3cret@{NOBODY}",
}
DATABASE_WITH_DRIVER = f"postgresql+psycopg://dvk:database-s3cret@{NOBODY}/dvk"
DATABASE = f"postgresql://dvk:database-s3cret@{NOBODY}/dvk"
OWN_CLIENT = '"logger":"httpx","message":"HTTP Request: GET http://localhost:8080/'
TYPED = "typed-s3cret 2026"
CODE = "code-s3cret"


@dataclass
class Watched:
    """A ledger whose logs are collected, and every secret that was made or given."""

    ledger: SmallLedger
    home: Path
    logs: io.StringIO
    secrets: set[str]
    answers: list[httpx.Response] = field(default_factory=list)

    def browser(self) -> OneBrowser:
        return OneBrowser(self.ledger.apps[Family.REPORTING], self.ledger.loop)

    def asked(
        self, browser: OneBrowser, method: str, address: str, **options: Any
    ) -> httpx.Response:
        answer = browser.ask(method, address, **options)
        if answer.status_code >= 400:
            self.answers.append(answer)
        self.secrets.update(filter(None, (browser.token, browser.form_token)))
        return answer


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    home = tmp_path_factory.mktemp("home")
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logs("debug", stream=stream)
    lan = officer(home, "lan")
    with accounts_in(home) as accounts:
        link = accounts.link("lan")
    with sessions_in(home) as sessions:
        token = sessions.give_token(lan.officer_ref, "lan", 1)
    given = {*re.findall(r"[\w-]*s3cret[\w-]*", str([*SECRETS.values()])), PASSWORD, TYPED, CODE}
    try:
        with small_ledger(home, DVK_REQUIRE_SIGN_IN="1", **SECRETS) as ledger:
            yield Watched(ledger, home, stream, {*given, link, token})
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(capture=False)


def _signed_in(watched: Watched) -> None:
    browser = watched.browser()
    for name in ("lan", "nobody"):
        watched.asked(browser, "GET", "/sign-in")
        browser.form("/sign-in", user_name=name, password=TYPED)
    assert browser.sign_in("lan").status_code == 303
    watched.asked(browser, "GET", "/signed-in")
    assert browser.token


def _refused(watched: Watched) -> None:
    browser = watched.browser()
    link = next(each for each in watched.secrets if len(each) == 43)
    headers = {"Authorization": f"Bearer {link}", "Cookie": f"dvk={link}"}
    for path in ("/explain?year=x", "/metrics", "/receipts?source=a", "/signals/none", "/nowhere"):
        for accept in ("text/html", "application/json"):
            watched.asked(browser, "GET", path, headers={**headers, "Accept": accept})
    watched.asked(browser, "POST", "/sign-out", headers=headers)
    watched.asked(browser, "POST", "/sign-in", data={"user_name": "lan", "password": TYPED})


def _at_the_provider(watched: Watched) -> None:
    browser = watched.browser()
    assert watched.asked(browser, "GET", "/sign-in/oidc").status_code == 503
    for address in (
        f"/sign-in/oidc/back?code={CODE}&state={CODE}",
        f"/sign-in/oidc/back?code={CODE}",
    ):
        assert watched.asked(browser, "GET", address).status_code in {401, 503}


def refuse_writes(file: Path) -> None:
    with sqlite3.connect(file) as database:
        found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for table in [name for (name,) in found if not name.startswith("sqlite")]:
            for what in ("INSERT", "UPDATE", "DELETE"):
                refusing = f"CREATE TRIGGER no_{what}_{table} BEFORE {what} ON {table}"
                database.execute(f"{refusing} BEGIN SELECT RAISE(ABORT, 'no'); END")
    database.close()


def _a_database_that_refuses(watched: Watched) -> None:
    """Every write of accounts and sessions fails as a constraint would: the words of the driver."""
    refuse_writes(watched.home / "people.db")
    before = watched.logs.tell()
    _signed_in_or_not(watched)
    assert "IntegrityError" in watched.logs.getvalue()[before:], "nothing failed"


def _signed_in_or_not(watched: Watched) -> None:
    browser = watched.browser()
    browser.get("/sign-in")
    for password in (PASSWORD, TYPED):
        form = {"user_name": "lan", "password": password, "form_token": browser.form_token}
        watched.asked(
            browser, "POST", "/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"}
        )
    for link in [each for each in watched.secrets if len(each) == 43]:
        form = {"link": link, "password": PASSWORD, "again": PASSWORD, "form_token": ""}
        browser.ask("POST", "/sign-in/link", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    watched.asked(browser, "GET", "/sign-in/oidc")


EXERCISES: list[Callable[[Watched], None]] = [
    _signed_in,
    _refused,
    _at_the_provider,
    _a_database_that_refuses,
]


def test_no_secret_is_written_down_whatever_is_asked_and_whatever_fails(watched: Watched) -> None:
    for exercise in EXERCISES:
        exercise(watched)
    # Not what this test's own client writes of its addresses.
    lines = watched.logs.getvalue().splitlines(keepends=True)
    logs = "".join(line for line in lines if OWN_CLIENT not in line)
    assert "$argon2id$" not in logs
    assert "[parameters: " not in logs
    ready = [watched.ledger.ask(family, "GET", "/readyz").text for family in Family]
    metrics = [watched.ledger.ask(family, "GET", "/metrics").text for family in Family]
    written = {"logs": logs, "metrics": "".join(metrics), "readyz": "".join(ready)}
    written |= {
        f"answer {each.url.path}": each.text + str(each.headers) for each in watched.answers
    }
    assert len(watched.answers) > 10
    assert '"redis":{"ok":false' in written["readyz"]
    for place, said in written.items():
        found = {secret for secret in watched.secrets if secret in said}
        assert found == set(), place


def test_the_keys_of_the_desk_are_not_written_down(watched: Watched, tmp_path: Path) -> None:
    with small_desk(watched.ledger, tmp_path) as desk:
        desk.settled(desk.uploaded(b"no workbook"))
        refuse_writes(tmp_path / "lists.db")
        answer = desk.uploaded(b"no workbook again", name=f"{TYPED}.xlsx")
        assert answer.status_code == 500
    keys = [path.read_bytes().strip() for path in tmp_path.rglob("*.key")]
    assert keys
    said = watched.logs.getvalue() + answer.text
    assert "IntegrityError" in said
    for key in keys:
        for form in (key.decode("latin-1"), key.hex(), base64.b64encode(key).decode(), repr(key)):
            assert form not in said
    assert TYPED not in said


def test_what_a_statement_carries_is_in_no_error(tmp_path: Path) -> None:
    engine = sqlite_engine(f"sqlite:///{tmp_path / 'log.db'}", pragmas=())
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as failed:
        connection.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": TYPED})
    engine.dispose()
    assert postgres_engine(DATABASE_WITH_DRIVER, name="test", settings={}).hide_parameters
    assert TYPED not in "".join(traceback.format_exception(failed.value))


def test_a_database_that_does_not_answer_is_named_without_its_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    opening = partial(
        open_log, DATABASE.replace("postgresql:", "postgresql+psycopg:"), family=Family.REGISTRY
    )
    with pytest.raises(LedgerError) as failed:
        opened_patiently(opening, patience_seconds=1, pause=lambda _seconds: None)
    said = caplog.text + "".join(traceback.format_exception(failed.value))
    assert "the database does not answer yet" in said
    assert "s3cret" not in said


def test_the_doctor_names_no_secret(tmp_path: Path) -> None:
    for more in ({}, {"DATABASE_URL": DATABASE, "DVK_PEOPLE_URL": DATABASE}):
        settings = Settings.from_environment({"DVK_HOME": str(tmp_path), **SECRETS, **more})
        found = list(examined(settings, f"http://{NOBODY}", clock=system_clock, deep=False))
        assert found
        assert "s3cret" not in str(found)


def test_what_holds_a_secret_does_not_show_it() -> None:
    settings = Settings.from_environment(
        {"DATABASE_URL": DATABASE, "DVK_PEOPLE_URL": DATABASE, **SECRETS}
    )
    provider = ProviderSettings("https://a", "ledger", "oidc-s3cret", "https://b")
    mail = MailServer.of(SECRETS["DVK_SMTP_URL"])
    for holder in (settings, provider, mail):
        assert "s3cret" not in repr(holder)
    key = SecretKey.new()
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)
