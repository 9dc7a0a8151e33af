"""The key of the desk: made once, readable by its owner only, and another key opens nothing."""

import stat
from pathlib import Path

import pytest

from services.lists.uploads.desk_key import key_of
from services.lists.uploads.store import DeskStore
from shared.errors import LedgerError


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "state" / "lists.key"
    sealed = key_of(file).seal("Lò Thị Hòa".encode(), "person/p-1")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key_of(file).open(sealed, "person/p-1").decode() == "Lò Thị Hòa"
    assert [each.name for each in file.parent.iterdir()] == ["lists.key"]


def test_what_is_sealed_opens_only_at_its_place(tmp_path: Path) -> None:
    key = key_of(tmp_path / "lists.key")
    with pytest.raises(LedgerError, match="desk_key_unusable"):
        key.open(key.seal(b"a name", "person/p-1"), "person/p-2")


def test_a_digest_needs_the_key_and_keeps_words_apart(tmp_path: Path) -> None:
    key, other = key_of(tmp_path / "a.key"), key_of(tmp_path / "b.key")
    assert key.digest(("a", "bc")) == key.digest(("a", "bc"))
    assert key.digest(("a", "bc")) != key.digest(("ab", "c"))
    assert key.digest(("a", "bc")) != other.digest(("a", "bc"))


@pytest.mark.parametrize("secret", [b"short", bytes(32)])
def test_the_desk_does_not_start_with_a_key_that_does_not_open_its_state(
    tmp_path: Path, secret: bytes
) -> None:
    url, file = f"sqlite:///{tmp_path / 'lists.db'}", tmp_path / "lists.key"
    DeskStore(url, key_of(file)).close()
    DeskStore(url, key_of(file)).close()
    file.write_bytes(secret)
    with pytest.raises(LedgerError, match="desk_key_unusable"):
        DeskStore(url, key_of(file))
