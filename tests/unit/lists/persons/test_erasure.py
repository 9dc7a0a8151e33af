"""Erasing takes row, key and files away for good; a hold prevents it and says why."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path
from sqlite3 import connect

import pytest
from sqlalchemy import select

from services.lists.kinds.kind import ListScope, MatchedRow
from services.lists.matching.organizations import OrganizationNames
from services.lists.persons.erasure import Erasure, ErasureRequest, Erasures, answer_by
from services.lists.persons.list_persons import ListPersons
from services.lists.persons.look_ups import LookUpOutcome, LookUps
from services.lists.persons.tables import DIGESTS, PERSONS, REQUESTS, SEAL_KEYS
from services.lists.persons.vault import PersonVault
from services.lists.remarks import Remark
from services.lists.uploads.checked_rows import CheckedRow, RowState
from services.lists.uploads.upload import Upload, UploadStage
from shared.clock import MICROSECONDS
from shared.errors import LedgerError
from shared.vocabulary import ErasureGround
from tests.support.cloudevents import received
from tests.support.kept_persons import NAME, kept
from tests.support.small_desk import vault_in

MONDAY = date(2026, 3, 2)
REQUEST = ErasureRequest(ErasureGround.REQUEST, MONDAY, {"kind": "văn bản", "number": "7"})
NOON = 1_772_514_000 * MICROSECONDS
"""2026-03-03T12:00:00 in Viet Nam."""
BY = "machine:clerk"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[PersonVault]:
    """Give a vault of its own."""
    with vault_in(tmp_path) as made:
        yield made


@pytest.fixture
def erasures(vault: PersonVault) -> Erasures:
    """Give the erasures of the vault."""
    ticks = count(NOON)
    return Erasures(vault, lambda: next(ticks))


def code(erasures: Erasures, reference: str) -> str:
    with pytest.raises(LedgerError) as refused:
        erasures.erase(reference, REQUEST, BY)
    return refused.value.problem.rule.code


def upload(number: int, stage: UploadStage, unit: str = "x-1") -> Upload:
    return Upload(str(number), "awards", unit, "Xã", 2022, "a.xlsx", "", number, stage=stage)


def test_row_key_and_digests_go_and_the_event_says_so(
    vault: PersonVault, erasures: Erasures
) -> None:
    one, other = kept(vault), kept(vault, "Hoàng Văn Thụ")
    erased = erasures.erase(one, REQUEST, BY)
    assert erased.event["data"] == {
        "occurred_on": "2026-03-03",
        "unit_id": "x-1",
        "person_ref": one,
        "ground": "request",
        "requested_on": "2026-03-02",
        "document": {"kind": "văn bản", "number": "7"},
    }
    stated = {key: value for key, value in erased.event.items() if key not in {"type", "data"}}
    event = received("PersonErased", dict(erased.event["data"]), **stated)
    assert event.subject == f"person/{one}"
    assert vault.names([one, other]) == {other: "Hoàng Văn Thụ"}
    with vault.store.engine.connect() as connection:
        for table in (PERSONS, SEAL_KEYS, DIGESTS):
            left = set(connection.execute(select(table.c.person_ref)).scalars())
            assert left == {other}, table.name


def test_no_file_has_the_key_or_the_sealed_name_any_more(
    vault: PersonVault, erasures: Erasures, tmp_path: Path
) -> None:
    reference = kept(vault)
    person = vault.kept([reference])[reference]
    assert person.sealed_name is not None
    secrets = (person.wrapped_key, person.sealed_name)

    def files() -> bytes:
        return b"".join(file.read_bytes() for file in tmp_path.glob("lists.db*"))

    assert all(secret in files() for secret in secrets)
    erasures.erase(reference, REQUEST, BY)
    assert not [secret for secret in secrets if secret in files()]


def test_an_old_copy_of_the_names_cannot_be_read_after_the_erasure(
    vault: PersonVault, erasures: Erasures, tmp_path: Path
) -> None:
    reference = kept(vault)
    old = vault.kept([reference])[reference]
    erasures.erase(reference, REQUEST, BY)
    # The copy of the names comes back, beside the key of the desk and the keys of the living.
    with closing(connect(tmp_path / "lists.db", isolation_level=None)) as database:
        copy = (reference, "x-1", old.sealed_name)
        database.execute("INSERT INTO sealed_persons VALUES (?, ?, ?)", copy)
    assert vault.names([reference]) == {}
    with vault_in(tmp_path) as again:  # and at the next start the row is deleted again
        assert again.names([reference]) == {}
    with closing(connect(tmp_path / "lists.db")) as database:
        assert database.execute("SELECT * FROM sealed_persons").fetchall() == []


def test_a_person_on_hold_is_refused_with_the_ground_and_the_day_of_the_answer(
    vault: PersonVault, erasures: Erasures, tmp_path: Path
) -> None:
    reference = kept(vault)
    erasures.hold(reference, "Luật Lưu trữ", BY)
    with pytest.raises(LedgerError) as refused:
        erasures.erase(reference, REQUEST, BY)
    problem = refused.value.problem
    assert problem.rule.code == "list_person_held"
    assert problem.params == {"ground": "Luật Lưu trữ", "answer_by": "2026-03-04"}
    assert vault.names([reference]) == {reference: NAME}
    with vault.store.engine.connect() as connection:
        (row,) = connection.execute(select(REQUESTS)).all()
    assert (row.person_ref, row.outcome, row.decided_by) == (reference, "held", BY)
    files = b"".join(file.read_bytes() for file in tmp_path.glob("lists.db*"))
    assert "Luật Lưu trữ".encode() not in files
    assert erasures.release(reference)
    assert not erasures.release(reference)
    assert erasures.erase(reference, REQUEST, BY).person_ref == reference


@pytest.mark.parametrize(
    ("requested", "last"),
    [
        ("2026-03-02", "2026-03-04"),  # from Monday to Wednesday
        ("2026-03-05", "2026-03-09"),  # over a weekend
        ("2026-03-06", "2026-03-10"),
        ("2026-03-07", "2026-03-10"),  # requested on a Saturday
    ],
)
def test_an_answer_is_due_within_two_working_days(requested: str, last: str) -> None:
    assert answer_by(date.fromisoformat(requested)) == date.fromisoformat(last)


def test_asked_again_it_is_the_same_event_until_it_is_published(
    vault: PersonVault, erasures: Erasures
) -> None:
    reference = kept(vault)
    erased = erasures.erase(reference, REQUEST, BY)
    again = erasures.erase(reference, REQUEST._replace(ground=ErasureGround.ORDER), BY)
    assert again == erased
    assert erasures.unpublished() == [erased]
    erasures.published(reference, 41)
    assert erasures.unpublished() == []
    assert erasures.find(reference) == Erasure(reference, erased.event, 41)


def test_only_a_person_who_is_kept_can_be_erased_or_held(erasures: Erasures) -> None:
    assert code(erasures, f"p-{'a' * 26}") == "list_person_unknown"
    with pytest.raises(LedgerError):
        erasures.hold(f"p-{'a' * 26}", "Luật Lưu trữ", BY)


def test_files_that_name_the_person_or_may_are_deleted_and_others_stay(
    vault: PersonVault, erasures: Erasures
) -> None:
    reference, store = kept(vault), vault.store
    stages = [UploadStage.SENT, UploadStage.SENT, UploadStage.CHECKED, UploadStage.UNREADABLE]
    for number, stage in enumerate(stages, start=1):
        store.add(upload(number, stage), f"workbook {number}".encode())
    store.add(upload(5, UploadStage.SENT, "x-2"), b"workbook 5")
    store.keep_rows("1", [CheckedRow(2, RowState.NEW, person=reference)])
    store.keep_rows("2", [CheckedRow(2, RowState.NEW, person="p-other")])
    store.keep_rows("3", [CheckedRow(2, RowState.QUESTION)])
    erasures.erase(reference, REQUEST, BY)
    for deleted in ("1", "3", "4"):
        with pytest.raises(LedgerError) as gone:
            store.content(deleted)
        assert gone.value.problem.rule.code == "list_file_erased"
    assert [store.content(each) for each in ("2", "5")] == [b"workbook 2", b"workbook 5"]
    found = {each.upload_id: each.stage for each in store.latest(9)}
    # A list that was sent stays as it was; one that was not can no longer be.
    assert (found["1"], found["3"]) == (UploadStage.SENT, UploadStage.UNREADABLE)
    assert store.rows("1")[0].person == reference


def test_while_a_list_of_the_unit_is_under_way_nothing_is_erased(
    vault: PersonVault, erasures: Erasures
) -> None:
    reference = kept(vault)
    vault.store.add(upload(1, UploadStage.SENDING), b"workbook")
    assert code(erasures, reference) == "list_upload_under_way"
    assert vault.names([reference]) == {reference: NAME}
    assert erasures.unpublished() == []


def test_a_list_that_was_looking_at_the_person_cannot_bring_the_name_back(
    vault: PersonVault, erasures: Erasures
) -> None:
    reference = kept(vault)
    looking = vault.of_unit("x-1")
    looking.keep(reference, ("row", "again"), f"{NAME} (sửa)")
    erasures.erase(reference, REQUEST, BY)
    with pytest.raises(LedgerError) as refused:
        looking.write()
    assert refused.value.problem.rule.code == "list_person_erased"
    assert vault.kept([reference]) == {}


def test_an_erased_reference_in_a_list_is_refused(vault: PersonVault, erasures: Erasures) -> None:
    reference = kept(vault)
    erasures.erase(reference, REQUEST, BY)
    values = {"title": "Vườn mẫu", "owner": "o-1", "owner_kind": "individual"}
    stated = {**values, "person_name": NAME, "person": reference}
    row = MatchedRow(2, stated, ListScope("x-1", 2022), {"o-1": "Chi bộ thôn 1"})
    with ListPersons(vault, "x-1", OrganizationNames(()), {}) as persons:
        _, (said,) = persons.referred(row, {"person": "D2"})
    assert isinstance(said, Remark)
    assert said.code == "list_person_erased"


def test_a_look_up_after_the_erasure_finds_that_and_reasons_of_before_are_gone(
    vault: PersonVault, erasures: Erasures
) -> None:
    ticks = count(1)
    look_ups = LookUps(vault, lambda: next(ticks))
    reference = kept(vault)
    look_ups.name(reference, BY, f"Theo đơn của {NAME}", lambda _: True)
    erasures.erase(reference, REQUEST, BY)
    found = look_ups.name(reference, BY, "Hồ sơ số 12", lambda _: True)
    assert (found.outcome, found.name) == (LookUpOutcome.ERASED, None)
    assert [(each.outcome, each.reason) for each in look_ups.latest(9)] == [
        (LookUpOutcome.ERASED, "Hồ sơ số 12"),
        (LookUpOutcome.SHOWN, None),
    ]
