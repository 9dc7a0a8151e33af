"""Which reference the individual of a row gets, and what is asked before one is given."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from services.lists.kinds.kind import ListScope, MatchedRow
from services.lists.matching.organizations import ListedOrganization, OrganizationNames
from services.lists.persons.list_persons import ListPersons
from services.lists.persons.vault import REFERENCE, PersonVault
from services.lists.remarks import Remark
from tests.support.small_desk import vault_in

OTHERS = "p-abcdefghijklmnopqrstuvwx23"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[PersonVault]:
    with vault_in(tmp_path) as made:
        yield made


def persons(vault: PersonVault, unit: str = "x-1", **answers: str) -> ListPersons:
    given = {key.replace("__", ":"): answer for key, answer in answers.items()}
    return ListPersons(vault, unit, OrganizationNames(()), given)


def row(number: int, name: str | None = None, **values: object) -> MatchedRow:
    stated = {"title": f"Mô hình {number}", "owner": "o-1", "owner_kind": "individual", **values}
    if name is not None:
        stated["person_name"] = name
    return MatchedRow(number, stated, ListScope("x-1", 2022), {"o-1": "Chi bộ thôn 1"})


def said(list_: ListPersons, row_: MatchedRow) -> str | Remark:
    """Return the reference that a row gets, or what is said of it."""
    columns = {"person_name": "C", "person": "D", "owner": "B"}
    cells = {key: f"{at}{row_.number}" for key, at in columns.items()}
    with list_:
        found, remarks = list_.referred(row_, cells)
    return remarks[0] if remarks else str(found.get("person_ref"))


def code(found: str | Remark) -> str:
    return found.code if isinstance(found, Remark) else found


def test_a_reference_is_random_and_the_same_person_has_the_same_in_other_lists(
    vault: PersonVault,
) -> None:
    first = said(persons(vault), row(2, "Lò Thị Hoà"))
    assert isinstance(first, str)
    assert REFERENCE.fullmatch(first)
    award = row(9, "Bà Lò Thị Hòa", owner=None, recipient="o-1", recipient_kind="individual")
    assert said(persons(vault), award) == first
    assert said(persons(vault), row(3, "LÒ THỊ HÒA")) == first
    assert vault.names([first]) == {first: "LÒ THỊ HÒA"}


@pytest.mark.parametrize(
    ("unit", "other"),
    [
        ("x-1", row(2, "Lò Thị Hoa")),
        ("x-1", row(2, "Lò Thị Hòa", owner="o-2")),
        ("x-1", row(2, "Lò Thị Hòa", owner_kind="household")),
        ("x-2", row(2, "Lò Thị Hòa")),
    ],
)
def test_another_name_organisation_kind_or_unit_is_another_person(
    vault: PersonVault, unit: str, other: MatchedRow
) -> None:
    assert said(persons(vault), row(2, "Lò Thị Hòa")) != said(persons(vault, unit), other)


def test_a_second_row_of_the_same_name_is_asked_about_once(vault: PersonVault) -> None:
    rows = [row(2, "Lò Thị Hòa"), row(3, "Lò Thị Hòa")]
    before = persons(vault)
    first, asked = [said(before, each) for each in rows]
    assert isinstance(asked, Remark)
    assert (asked.code, asked.is_question, asked.cell) == ("list_person_same_name", True, "C3")
    assert "2" in asked.vi
    assert "Hòa" not in asked.vi + asked.en + asked.read
    answered = persons(vault, list_person_same_name__C3="no")
    one, other = [said(answered, each) for each in rows]
    assert one == first != other
    again = persons(vault)
    assert [said(again, each) for each in rows] == [one, other]
    # The name is that of two persons by now: the next list must say which.
    which = said(persons(vault), row(7, "Lò Thị Hòa"))
    assert isinstance(which, Remark)
    assert (which.code, which.suggestions) == (
        "list_person_several", (*sorted([str(one), str(other)]), "mới"),
    )  # fmt: skip
    chosen = persons(vault, list_person_several__C7=str(other))
    assert said(chosen, row(7, "Lò Thị Hòa")) == other


def test_the_same_person_may_have_two_rows(vault: PersonVault) -> None:
    answered = persons(vault, list_person_same_name__C3="yes")
    assert said(answered, row(2, "Lò Thị Hòa")) == said(answered, row(3, "Lò Thị Hòa"))


def test_two_equal_rows_of_one_name_are_told_apart_by_their_order(vault: PersonVault) -> None:
    equal = [row(2, "Lò Thị Hòa", title="Vườn mẫu"), row(3, "Lò Thị Hòa", title="Vườn mẫu")]
    answered = persons(vault, list_person_same_name__C3="no")
    one, other = [said(answered, each) for each in equal]
    assert one != other
    again = persons(vault)
    assert [said(again, each) for each in equal] == [one, other]


def test_the_reference_in_a_cell_wins_and_keeps_the_name(vault: PersonVault) -> None:
    said(persons(vault), row(2, "Lò Thị Hòa"))
    assert said(persons(vault), row(3, "Lò Thị Hòa", person=OTHERS.upper())) == OTHERS
    assert vault.names([OTHERS]) == {OTHERS: "Lò Thị Hòa"}


def test_the_word_for_another_person_gives_a_reference_once(vault: PersonVault) -> None:
    known = said(persons(vault), row(2, "Lò Thị Hòa"))
    new = said(persons(vault), row(3, "Lò Thị Hòa", person="Mới"))
    assert new != known
    assert REFERENCE.fullmatch(code(new))
    assert said(persons(vault), row(3, "Lò Thị Hòa", person="mới")) == new


@pytest.mark.parametrize("written", ["Lò Thị Hòa", "012345678901", "p-9", OTHERS + "a"])
def test_a_name_or_a_number_of_a_citizen_is_no_reference(vault: PersonVault, written: str) -> None:
    found = said(persons(vault), row(2, "Lò Thị Hòa", person=written))
    assert isinstance(found, Remark)
    assert (found.code, found.cell, found.is_question) == ("list_person_reference", "D2", False)
    assert written not in found.vi + found.en + found.read


def test_a_reference_that_belongs_to_another_name_is_asked_about(vault: PersonVault) -> None:
    known = str(said(persons(vault), row(2, "Lò Thị Hòa")))
    other = row(3, "Lò Thị Hoan", person=known)
    assert code(said(persons(vault), other)) == "list_person_other_name"
    refused = persons(vault, list_person_other_name__D3="no")
    assert code(said(refused, other)) == "list_person_other"
    assert vault.names([known]) == {known: "Lò Thị Hòa"}
    assert said(persons(vault, list_person_other_name__D3="yes"), other) == known
    assert vault.names([known]) == {known: "Lò Thị Hoan"}


def test_without_a_name_the_row_is_the_person(vault: PersonVault) -> None:
    first = said(persons(vault), row(2))
    assert said(persons(vault), row(8, title="Mô hình 2")) == first
    assert said(persons(vault), row(3)) != first


@pytest.mark.parametrize("kind", ["collective", None])
def test_a_row_of_no_individual_gets_no_reference_and_keeps_no_name(
    vault: PersonVault, kind: str | None
) -> None:
    assert said(persons(vault), row(2, "Lò Thị Hòa", owner_kind=kind)) == "None"
    assert not vault.of_unit("x-1").by_key


def test_a_name_of_a_person_in_the_place_of_its_organisation_is_found(vault: PersonVault) -> None:
    organizations = OrganizationNames(())
    made = organizations.define("Lò Thị Hòa", "x-1")
    owned = MatchedRow(
        2,
        {"title": "Vườn mẫu", "owner": made.org_id, "owner_kind": "individual"},
        ListScope("x-1", 2022),
        {made.org_id: made.name},
    )
    asked = said(ListPersons(vault, "x-1", organizations, {}), owned)
    assert isinstance(asked, Remark)
    assert (asked.code, asked.is_question) == ("list_organization_perhaps_person", True)
    assert "Hòa" not in asked.vi + asked.en
    refused = ListPersons(vault, "x-1", organizations, {asked.key: "no"})
    assert code(said(refused, owned)) == "list_person_as_organization"
    accepted = ListPersons(vault, "x-1", organizations, {asked.key: "yes"})
    assert REFERENCE.fullmatch(code(said(accepted, owned)))
    known = OrganizationNames([ListedOrganization(made.org_id, made.name, "x-1")])
    assert REFERENCE.fullmatch(code(said(ListPersons(vault, "x-1", known, {}), owned)))


def test_persons_of_a_list_that_cannot_be_checked_are_not_kept(vault: PersonVault) -> None:
    def failing() -> None:
        with persons(vault) as list_:
            list_.referred(row(2, "Lò Thị Hòa"), {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert vault.of_unit("x-1").by_key == {}
    assert not vault.alone.locked()


def test_persons_of_a_list_are_read_and_written_at_once(vault: PersonVault) -> None:
    """A statement for each of 10,000 rows would take a minute."""
    said_to_database: list[str] = []
    event.listen(
        vault.store.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: said_to_database.append(statement),
    )
    with persons(vault) as list_:
        for number in range(2, 300):
            list_.referred(row(number, f"Người {number}"), {})
    assert len(said_to_database) < 20
    with persons(vault) as again:
        found, _ = again.referred(row(7, "Người 7"), {})
    assert vault.names([str(found.get("person_ref"))]) == {found.get("person_ref"): "Người 7"}
