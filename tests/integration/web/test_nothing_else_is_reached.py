"""Whatever is sent, a service connects to no address of it, runs no program, and opens no path of it."""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, registration
from tests.support.http_clients import STRUCTURED
from tests.support.people_pages import routes_of
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

MARK = "reached-by-a-request"
ADDRESSES = (
    f"http://127.0.0.1:1/{MARK}", f"http://169.254.169.254/{MARK}", f"https://{MARK}.invalid/",
    f"file:///etc/{MARK}", f"gopher://localhost:6379/_{MARK}", f"//{MARK}.invalid/x", f"ldap://{MARK}.invalid/a",
)  # fmt: skip
PATHS = (
    f"../../../{MARK}", f"..%2f..%2f{MARK}", f"/etc/{MARK}", f"....//{MARK}", f"{MARK}\0.html",
    f"..\\..\\{MARK}", f"%2e%2e/%2e%2e/{MARK}", f"C:\\{MARK}", f"$(touch {MARK})", f"`{MARK}`", f"|{MARK}",
)  # fmt: skip
REACHING = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "urllib.Request", "smtplib.connect", "ftplib.connect", "open", "os.listdir", "os.scandir",
    "os.mkdir", "os.rename", "os.remove", "os.symlink", "sqlite3.connect", "shutil.copyfile", "import",
)  # fmt: skip
CONNECTING = REACHING[:10]


class Reached:
    """What the interpreter was asked to reach while it was watched."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[tuple[str, str]] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if self.on and event in REACHING:
            self.seen.append((event, repr(args)))

    @contextmanager
    def nothing_of_it(self) -> Iterator[None]:
        """Fail if a connection was made, a program run, or anything opened that was sent."""
        self.seen.clear()
        self.on = True
        try:
            yield
        finally:
            self.on = False
        wrong = [(event, args) for event, args in self.seen if event in CONNECTING or MARK in args]
        assert wrong == []


@pytest.fixture(scope="module")
def reached() -> Reached:
    return Reached()  # a hook cannot be taken away: it stays, and is off


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(ledger: SmallLedger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    with small_desk(ledger, tmp_path_factory.mktemp("desk")) as running:
        yield running


def test_the_watching_sees_what_is_reached(reached: Reached, tmp_path: Path) -> None:
    with pytest.raises(AssertionError), reached.nothing_of_it():
        (tmp_path / MARK).write_text("x")
    with pytest.raises(AssertionError), reached.nothing_of_it():
        __import__("subprocess").run(["true"], check=True)
    with reached.nothing_of_it():
        (tmp_path / "another").write_text("x")


@pytest.mark.parametrize("address", [*ADDRESSES, *PATHS], ids=ascii)
def test_no_field_of_an_event_is_fetched_or_opened(
    ledger: SmallLedger, reached: Reached, address: str
) -> None:
    document = {"kind": "quyết định", "number": address, "issuer": address, "url": address}
    plain = registration("address", "x-1", title=f"Mô hình {address}")
    about: dict[str, Any] = {"subject": "registration/r-address"}
    events = [
        cloudevent("ModelRegistered", plain, dataschema=address, **about),
        cloudevent("ModelRegistered", {**plain, "legal_basis": [document]}, **about),
        cloudevent("ModelRegistered", {**plain, "situation": address}, **about),
        cloudevent("ModelRegistered", plain, source=address, **about),
        cloudevent("ModelRegistered", plain, schemaurl=address, dataref=address, **about),
    ]
    with reached.nothing_of_it():
        for event in events:
            body = json.dumps(event)
            answer = ledger.ask(
                Family.REGISTRY, "POST", "/events", content=body, headers=STRUCTURED
            )
            assert answer.status_code in {200, 201, 202, 409, 422}, answer.text


@pytest.mark.parametrize("family", Family)
def test_no_parameter_or_header_is_fetched_or_opened(
    ledger: SmallLedger, reached: Reached, family: Family
) -> None:
    names = ("to", "unit", "unit_id", "q", "source", "id", "lang", "format", "cursor", "map", "known_at", "link", "key",
             "iss", "state", "code", "redirect_uri", "url", "file", "path", "callback", "next")  # fmt: skip
    with reached.nothing_of_it():
        for number, (method, path) in enumerate(routes_of(ledger.apps[family])):
            for value in (ADDRESSES[number % len(ADDRESSES)], PATHS[number % len(PATHS)]):
                parts = [quote(value, safe="") if "{" in each else each for each in path.split("/")]
                query = urlencode(dict.fromkeys(names, value))
                headers = {
                    "Referer": value.split("\0")[0], "X-Forwarded-Host": "169.254.169.254", "X-Original-URL": f"/{MARK}",
                    "Destination": f"http://{MARK}.invalid/",
                }  # fmt: skip
                for address in ("/".join(parts), f"{'/'.join(parts)}?{query}"):
                    answer = ledger.ask(family, method, address, headers=headers)
                    assert answer.status_code < 500 or answer.status_code == 503, (
                        address,
                        answer.text,
                    )
                    assert "root:" not in answer.text


@pytest.mark.parametrize("name", PATHS, ids=ascii)
def test_the_name_of_an_uploaded_file_is_no_path(
    desk: SmallDesk, reached: Reached, name: str
) -> None:
    with reached.nothing_of_it():
        page = desk.uploaded(b"no workbook", name=name.replace("\0", "") + ".xlsx")
        text = desk.settled(page)
        copy = desk.ask("GET", f"{str(page.url).partition('?')[0]}/annotated.xlsx")
    assert page.status_code == 200
    assert f"{MARK}.html" in text or MARK in text  # it is named to the reader
    assert not set("/\\\r\n") & set(copy.headers.get("content-disposition", ""))


def test_a_linked_workbook_is_not_followed(desk: SmallDesk, reached: Reached) -> None:

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("xl/workbook.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, f"/etc/{MARK}")
        archive.writestr(
            "[Content_Types].xml",
            f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/{MARK}">]><a>&x;</a>',
        )
    with reached.nothing_of_it():
        text = desk.settled(desk.uploaded(made.getvalue()))
    assert MARK not in text
