"""The vault: references of persons, whose names only the desk can read."""

import os
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from nacl.secret import SecretBox
from nacl.utils import random

from services.lists.matching.ids import person_reference
from services.lists.uploads.store import DeskStore

_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class PersonVault:
    """Gives each person a random reference, and keeps the name encrypted beside it.

    A person is known again by a keyed digest of what the rows say, which tells nothing to a reader
    of the database who does not have the key.
    """

    store: DeskStore
    key: bytes

    def reference(self, described: str, name: str | None = None) -> str:
        """Return the reference of the person that a row describes, always the same."""
        digest = blake2b(described.encode(), key=self.key, digest_size=_DIGEST_BYTES).digest()
        sealed = SecretBox(self.key).encrypt(name.encode()) if name else None
        return self.store.person(digest, person_reference(), sealed and bytes(sealed))

    def names(self, references: list[str]) -> dict[str, str]:
        """Return the names behind references, as far as they are kept."""
        box = SecretBox(self.key)
        sealed = self.store.sealed_names(references)
        return {reference: box.decrypt(name).decode() for reference, name in sealed.items()}


def key_of(file: Path) -> bytes:
    """Return the key in a file that only its owner may read, making it the first time."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        key = random(SecretBox.KEY_SIZE)
        draft = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(draft, "wb") as opened:
            opened.write(key)
        return key
