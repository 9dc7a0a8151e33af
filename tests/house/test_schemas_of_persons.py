"""Names, uploads, accounts and sessions are in schemas of their own, which no other service reads."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from services.lists.persons.erasure import ErasureRequest, Erasures
from services.lists.persons.look_ups import LookUps
from services.lists.persons.tables import METADATA
from services.lists.persons.vault import PersonVault, new_reference
from services.lists.uploads.checked_rows import CheckedRow, RowState
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.store import DeskStore
from services.lists.uploads.upload import Upload, UploadStage
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Sessions
from shared.vocabulary import ErasureGround, Family
from tests.support.databases import sqlalchemy_address

pytestmark = pytest.mark.postgres

PRIVATE = ("sealed_uploads", "sealed_rows", *(table.name for table in METADATA.sorted_tables))


def test_the_list_desk_keeps_its_state_in_a_schema_that_no_other_service_reads(
    addresses: dict[str, str], tmp_path: Path
) -> None:
    key = key_of(tmp_path / "lists.key")
    store = DeskStore(sqlalchemy_address(addresses["lists"]), key)
    vault = PersonVault(store, key)
    reference = new_reference()
    for number, name in enumerate(("Lò Thị Hòa", "Lò Thị Hoà"), start=1):
        persons = vault.of_unit("x-1")
        persons.keep(reference, ("row", number), name, ("name", "x-1"))
        persons.write()
    persons = vault.of_unit("x-1")
    assert persons.known_by("row", 2) == persons.known_by("name", "x-1") == [reference]
    assert vault.names([reference]) == {reference: "Lò Thị Hoà"}
    old, new = (
        Upload(str(at), "registrations", "x-1", "Xã Một", 2022, "a.xlsx", "", at) for at in (1, 2)
    )
    store.add(old, b"a workbook")
    store.keep_rows("1", [CheckedRow(7, RowState.NEW, person=reference)])
    store.change(old, stage=UploadStage.SENT)
    assert store.content("1") == b"a workbook"
    assert [row.person for _, row in store.recorded_before(new)] == [reference]
    look_ups = LookUps(vault, system_clock)
    assert look_ups.name(reference, "o-1", "Hồ sơ số 12", lambda _: True).name == "Lò Thị Hoà"
    request = ErasureRequest(ErasureGround.REQUEST, date(2026, 3, 2))
    Erasures(vault, system_clock).erase(reference, request, "o-1")
    assert vault.names([reference]) == {}
    assert [each.reason for each in look_ups.latest(9)] == [None]
    DeskStore(sqlalchemy_address(addresses["lists"]), key).close()
    store.close()

    with psycopg.connect(addresses["lists"]) as connection:
        query = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = ANY(%s)"
        assert connection.execute(query, [list(PRIVATE)]).fetchall() == [("dvk_lists",)]
    for role in Family:
        for table in PRIVATE:
            with (
                psycopg.connect(addresses[role]) as connection,
                pytest.raises(errors.InsufficientPrivilege),
            ):
                connection.execute(
                    sql.SQL("SELECT * FROM dvk_lists.{}").format(sql.Identifier(table))
                )


def test_accounts_and_sessions_are_in_a_schema_that_only_their_role_reads(
    addresses: dict[str, str],
) -> None:
    database = PeopleDatabase(sqlalchemy_address(addresses["people"]))
    accounts, sessions = Accounts(database), Sessions(database)
    accounts.add("lan")
    accounts.set_password(accounts.link("lan"), "một câu dài để nhớ", "một câu dài để nhớ")
    with pytest.raises(LedgerError, match="wrong_password"):
        accounts.verified("lan", "một câu khác hẳn")
    lan = accounts.verified("lan", "một câu dài để nhớ")
    token = sessions.begin(lan.officer_ref, lan.user_name)
    assert sessions.find(token)
    assert sessions.end_all(lan.officer_ref) == 1
    assert sessions.find(token) is None
    accounts.remove("lan")
    database.close()
    for role in (*Family, "lists"):
        with (
            psycopg.connect(addresses[role]) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT * FROM dvk_people.people_sessions")
    with (
        psycopg.connect(addresses["people"]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT body FROM public.log_events")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT body FROM public.log_events",
        "SELECT * FROM public.registry_parked",
        "INSERT INTO public.log_events (position) VALUES (1)",
        "CREATE TABLE dvk_reporting.own (id int)",
        "CREATE TABLE public.own (id int)",
    ],
)
def test_the_list_desk_has_no_right_to_the_log_or_to_read_models(
    addresses: dict[str, str], statement: str
) -> None:
    with (
        psycopg.connect(addresses["lists"]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
