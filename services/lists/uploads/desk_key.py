"""The key of the desk: it seals what the desk keeps, and makes digests that tell nothing."""

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

from nacl.exceptions import CryptoError
from nacl.secret import Aead
from nacl.utils import random

from shared.errors import LedgerError, Problem, declare
from shared.events.canonical_json import canonical

KEY_BYTES = 32
KEY_UNUSABLE = declare(
    "desk_key_unusable",
    503,
    vi="Tệp khóa của bàn danh sách không mở được những gì bàn đã giữ. Hãy đặt lại đúng tệp "
    "lists.key từ bản sao lưu; nếu đã mất, chuyển lists.db đi nơi khác rồi chạy lại: sổ cái không "
    "mất gì, nhưng cá nhân sẽ nhận mã mới nếu danh sách không ghi mã cá nhân.",
    en="The key file of the list desk does not open what the desk keeps. Put the right lists.key "
    "back from its backup; if it is lost, move lists.db away and start again: the ledger loses "
    "nothing, but individuals get new references where lists do not state theirs.",
)


class DeskKey:
    """Seals and opens bytes, each bound to its place; raises `KEY_UNUSABLE` for another's seal."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise LedgerError(Problem(KEY_UNUSABLE))
        self._seal = Aead(_derived(secret, b"dvk-seal"))
        self._digest = _derived(secret, b"dvk-digest")

    def seal(self, content: bytes, place: str) -> bytes:
        """Return content encrypted, so that it opens only at its place."""
        return bytes(self._seal.encrypt(content, place.encode()))

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed for a place."""
        try:
            return self._seal.decrypt(sealed, place.encode())
        except CryptoError as error:
            raise LedgerError(Problem(KEY_UNUSABLE)) from error

    def digest(self, parts: Sequence[object]) -> bytes:
        """Return the digest of some words, which only this key can make."""
        said = canonical([str(part) for part in parts])
        return blake2b(said, key=self._digest, digest_size=KEY_BYTES).digest()


def key_of(file: Path) -> DeskKey:
    """Return the key in a file that only its owner may read, making it the first time."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # Readable by its owner only, and whole before it has its name.
        with NamedTemporaryFile(dir=file.parent, prefix=".lists.key-") as draft:
            draft.write(random(KEY_BYTES))
            draft.flush()
            os.fsync(draft.fileno())
            try:
                os.link(draft.name, file)
            except FileExistsError:
                return key_of(file)
    return DeskKey(file.read_bytes())


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return blake2b(key=secret, person=purpose, digest_size=KEY_BYTES).digest()
