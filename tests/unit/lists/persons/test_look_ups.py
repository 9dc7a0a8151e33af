"""A name is shown to an officer with the role and a reason; every look-up is on record."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from services.lists.app import compose
from services.lists.persons.look_ups import LookUp, LookUpOutcome, LookUps
from services.lists.persons.vault import PersonVault, new_reference
from services.lists.web.person_rights import PersonReader
from shared.errors import BrokenContract
from shared.settings import Settings
from tests.support.kept_persons import NAME, kept
from tests.support.ledger_transport import ADDRESSES
from tests.support.small_desk import vault_in

OFFICER = "o-" + "a" * 26
REASON = "Hồ sơ khen thưởng số 12"
AT = "/lists/persons"


class Pages:
    """The pages of a desk in process."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def ask(self, method: str, address: str, data: dict[str, str] | None = None) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as c:
                return await c.request(method, address, data=data)

        return asyncio.run(asked())


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[PersonVault]:
    """Give a vault of its own."""
    with vault_in(tmp_path) as made:
        yield made


@pytest.fixture
def desk(vault: PersonVault, tmp_path: Path) -> Callable[..., Pages]:
    """Give the pages of a desk on that vault, for an officer who may read names of some units."""

    def made(*units: str) -> Pages:
        settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
        app = compose(settings, httpx.Client(), ADDRESSES)
        if units:

            def reader(_: Request) -> PersonReader:
                return PersonReader(OFFICER, {*units, ""}.__contains__)

            app.state.person_reader_of = reader
        return Pages(app)

    return made


def asked(desk: Pages, reference: str, reason: str = REASON) -> httpx.Response:
    return desk.ask("POST", f"{AT}?lang=en", {"person": reference, "reason": reason})


def recorded(vault: PersonVault) -> list[LookUp]:
    return LookUps(vault, lambda: 0).latest(10)


def test_without_a_sign_in_no_name_is_shown(vault: PersonVault, desk: Callable[..., Pages]) -> None:
    reference = kept(vault)
    for answer in (desk().ask("GET", AT), asked(desk(), reference)):
        assert answer.status_code == 403
        assert NAME not in answer.text
    assert recorded(vault) == []


def test_an_officer_of_another_unit_is_refused_and_that_is_recorded(
    vault: PersonVault, desk: Callable[..., Pages]
) -> None:
    reference = kept(vault)
    answer = asked(desk("x-2"), reference)
    assert (answer.status_code, NAME in answer.text) == (403, False)
    (entry,) = recorded(vault)
    assert entry[1:] == (OFFICER, reference, "x-1", LookUpOutcome.REFUSED, REASON)
    # Nor does the list of look-ups show that officer those of another unit.
    assert reference not in desk("x-2").ask("GET", AT).text
    assert reference in desk("x-1").ask("GET", AT).text


def test_an_officer_of_the_unit_is_answered_and_the_look_up_has_its_reason(
    vault: PersonVault, desk: Callable[..., Pages]
) -> None:
    reference = kept(vault)
    answer = asked(desk("x-1"), f" {reference.upper()} ")
    assert (answer.status_code, NAME in answer.text) == (200, True)
    assert answer.headers["cache-control"] == "no-store"
    (entry,) = recorded(vault)
    assert entry[1:] == (OFFICER, reference, "x-1", LookUpOutcome.SHOWN, REASON)
    again = desk("x-1").ask("GET", AT).text
    assert (REASON in again, NAME in again) == (True, False)


@pytest.mark.parametrize("reason", ["", "        ", "vì sao", "x" * 501])
def test_a_look_up_without_a_reason_is_not_answered(
    vault: PersonVault, desk: Callable[..., Pages], reason: str
) -> None:
    answer = asked(desk("x-1"), kept(vault), reason)
    assert (answer.status_code, NAME in answer.text) == (422, False)


@pytest.mark.parametrize("written", [NAME, "012345678901", "p-1", ""])
def test_only_references_are_looked_up(vault: PersonVault, written: str) -> None:
    kept(vault)
    with pytest.raises(BrokenContract):
        LookUps(vault, lambda: 0).name(written, OFFICER, REASON, lambda _: True)


def test_an_unknown_reference_and_a_person_without_a_name_are_recorded_too(
    vault: PersonVault,
) -> None:
    look_ups = LookUps(vault, iter(range(1, 9)).__next__)
    unnamed, unknown = kept(vault, ""), new_reference()
    for reference in (unnamed, unknown):
        assert look_ups.name(reference, OFFICER, REASON, lambda _: True).name is None
    assert look_ups.latest(10) == [
        LookUp(2, OFFICER, unknown, "", LookUpOutcome.UNKNOWN, REASON),
        LookUp(1, OFFICER, unnamed, "x-1", LookUpOutcome.UNNAMED, REASON),
    ]
    assert look_ups.latest(10, unnamed) == look_ups.latest(10)[1:]


def test_a_reason_is_not_readable_in_the_files(vault: PersonVault, tmp_path: Path) -> None:
    LookUps(vault, lambda: 1).name(kept(vault), OFFICER, REASON, lambda _: True)
    files = b"".join(file.read_bytes() for file in tmp_path.glob("lists.db*"))
    assert OFFICER.encode() in files
    assert REASON.encode() not in files
    assert NAME.encode() not in files
