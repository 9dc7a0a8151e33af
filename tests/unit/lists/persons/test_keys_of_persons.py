"""Each person has a key: names need it, and it is in a table apart; older vaults get keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError
from nacl.secret import Aead
from sqlalchemy import delete, insert, select, update

from services.lists.persons.tables import PERSONS, SEAL_KEYS
from services.lists.persons.vault import PersonVault, new_reference
from services.lists.uploads.desk_key import KEY_UNUSABLE, DeskKey
from shared.errors import LedgerError
from tests.support.kept_persons import NAME, kept
from tests.support.small_desk import vault_in


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[PersonVault]:
    """Give a vault of its own."""
    with vault_in(tmp_path) as made:
        yield made


def test_a_name_opens_with_the_key_of_its_person_only(vault: PersonVault) -> None:
    one, other = (vault.kept([kept(vault)]).popitem()[1] for _ in range(2))
    assert one.wrapped_key != other.wrapped_key
    assert one.sealed_name is not None
    with pytest.raises(LedgerError) as refused:
        vault.open(one.person_ref, other.wrapped_key, one.sealed_name)
    assert refused.value.problem.rule is KEY_UNUSABLE
    with pytest.raises(LedgerError):
        vault.key.open(one.sealed_name, f"person/{one.person_ref}")
    moved = one._replace(person_ref=other.person_ref)
    with pytest.raises(LedgerError):
        vault.name_of(moved)


def test_a_copy_of_the_names_without_the_table_of_keys_opens_nothing(
    vault: PersonVault, tmp_path: Path
) -> None:
    reference = kept(vault)
    sealed = vault.kept([reference])[reference].sealed_name
    assert sealed is not None
    with vault.store.writing() as connection:
        connection.execute(delete(SEAL_KEYS))
    with vault_in(tmp_path) as again:
        assert again.names([reference]) == vault.names([reference]) == {}
    # The secret of the desk is no help, neither as it is nor as the desk uses it.
    secret = (tmp_path / "lists.key").read_bytes()
    place = f"person/{reference}"
    with pytest.raises(CryptoError):
        Aead(secret).decrypt(sealed, place.encode())
    with pytest.raises(LedgerError):
        DeskKey(secret).open(sealed, place)


def test_a_vault_of_an_earlier_release_gets_keys_and_keeps_its_names(tmp_path: Path) -> None:
    named, unnamed = new_reference(), new_reference()
    with vault_in(tmp_path) as vault:
        old = vault.key.seal(NAME.encode(), f"person/{named}")
        rows: list[dict[str, object]] = [
            {"person_ref": named, "unit_id": "x-1", "sealed_name": old},
            {"person_ref": unnamed, "unit_id": "x-1", "sealed_name": None},
        ]
        with vault.store.writing() as connection:
            connection.execute(insert(PERSONS), rows)
    with vault_in(tmp_path) as vault:
        assert vault.names([named, unnamed]) == {named: NAME}
        before = vault.kept([named, unnamed])
        assert len({each.wrapped_key for each in before.values()}) == 2
        files = b"".join(file.read_bytes() for file in tmp_path.glob("lists.db*"))
        assert old not in files
    with vault_in(tmp_path) as vault:
        assert vault.kept([named, unnamed]) == before


def test_the_word_of_the_table_cannot_make_one_person_another(vault: PersonVault) -> None:
    one, other = kept(vault), kept(vault, "Hoàng Văn Thụ")
    with vault.store.writing() as connection:
        sealed = connection.execute(
            select(PERSONS.c.sealed_name).where(PERSONS.c.person_ref == other)
        ).scalar_one()
        connection.execute(
            update(PERSONS).where(PERSONS.c.person_ref == one).values(sealed_name=sealed)
        )
    with pytest.raises(LedgerError):
        vault.names([one])


def test_a_person_whose_key_is_missing_is_kept_again_when_a_list_names_the_person(
    vault: PersonVault,
) -> None:
    reference = kept(vault)
    with vault.store.writing() as connection:
        connection.execute(delete(SEAL_KEYS))
    persons = vault.of_unit("x-1")
    persons.keep(reference, ("row", reference), NAME, ("name", "x-1", NAME))
    persons.write()
    assert vault.names([reference]) == {reference: NAME}
