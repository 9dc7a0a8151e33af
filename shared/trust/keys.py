"""Ed25519 keys: their ids, which of them are unfit, the proof that one is held, and key files.

An id is made of the key itself, so it never means another one. Everything is verified by libsodium,
which refuses keys and signatures of small order and those that are not canonical.
"""

from __future__ import annotations

import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import CryptoError

from shared.errors import BrokenContract, broken, declare

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
SIGNATURE_BYTES = 64
SALT_BYTES = 16
KEY_PREFIX = "ed25519:"
_ID_BYTES = 16
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")
_SECRET = re.compile(r"dvk-secret-key/ed25519 ([A-Za-z0-9_-]{43})\n?")

UNREADABLE_KEY = declare(
    "unreadable_key",
    422,
    vi="Tệp khóa {path} không dùng được: {reason}.",
    en="The key file {path} cannot be used: {reason}.",
)


def to_base64(value: bytes) -> str:
    """Return base64url without padding (RFC 4648, 5)."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def from_base64(text: str, size: int) -> bytes | None:
    """Return the bytes of base64url without padding; None if it is not the one form of `size`."""
    if len(text) != (size * 4 + 2) // 3 or not _BASE64.fullmatch(text):
        return None
    value = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return value if to_base64(value) == text else None  # the last letter has spare bits


def key_id_of(public: bytes) -> str:
    """Return the id of a public key: 22 characters."""
    return to_base64(sha256(b"\x01" + public).digest()[:_ID_BYTES])


def public_key(written: str) -> bytes | None:
    """Return the 32 bytes of `ed25519:` and base64url, None if it is not so written."""
    prefix, _, text = written.partition(":")
    return from_base64(text, KEY_BYTES) if f"{prefix}:" == KEY_PREFIX else None


def is_weak(public: bytes) -> bool:
    """Return whether a key is no point of the curve's main group, or not written canonically."""
    return not crypto_core_ed25519_is_valid_point(public)


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the signature (64 bytes) of a message is right."""
    try:
        crypto_sign_open(signature + message, public)
    except (CryptoError, ValueError, TypeError):
        return False
    return True


def possession(realm: str, publisher: str, key_id: str) -> bytes:
    """Return the bytes that the holder of a new key signs with it (`proof` of `KeyAdded`)."""
    return f"dvk-key/v1\n{realm}\n{publisher}\n{key_id}\n".encode()


class SecretKey(NamedTuple):
    """A private key, 64 bytes as libsodium has it: seed and public key."""

    secret: bytes

    @classmethod
    def new(cls) -> SecretKey:
        """Return a new key."""
        return cls.from_seed(os.urandom(KEY_BYTES))

    @classmethod
    def from_seed(cls, seed: bytes) -> SecretKey:
        """Return the key of 32 bytes."""
        return cls(crypto_sign_seed_keypair(seed)[1])

    @property
    def public(self) -> bytes:
        """Return the public key, 32 bytes."""
        return self.secret[KEY_BYTES:]

    @property
    def key_id(self) -> str:
        """Return the id of the key."""
        return key_id_of(self.public)

    @property
    def written(self) -> str:
        """Return the public key as events state it."""
        return KEY_PREFIX + to_base64(self.public)

    def __repr__(self) -> str:
        """Return the id: the secret is never shown."""
        return f"SecretKey({self.key_id})"

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""
        return crypto_sign(message, self.secret)[:SIGNATURE_BYTES]

    def proof(self, realm: str, publisher: str) -> str:
        """Return the proof for `KeyAdded` that this key is held."""
        return to_base64(self.sign(possession(realm, publisher, self.key_id)))

    def save(self, path: Path) -> None:
        """Write a new key file that only its owner reads; an existing one is never replaced."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"dvk-secret-key/ed25519 {to_base64(self.secret[:KEY_BYTES])}\n")
            file.flush()
            os.fsync(descriptor)

    @classmethod
    def kept_at(cls, path: Path) -> SecretKey:
        """Return the key in a file that only its owner reads, making it if there is none."""
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another process has made it meanwhile
                cls.new().save(path)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> SecretKey:
        """Read a key file; raises `BrokenContract` (`unreadable_key`) if others may read it too."""
        try:
            if path.stat().st_mode & 0o077:
                reason = "others may read it; chmod 600"
                raise _unreadable(path, reason)
            found = _SECRET.fullmatch(path.read_text("ascii"))
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(path, str(error)) from None
        seed = found and from_base64(found[1], KEY_BYTES)
        if not seed:
            raise _unreadable(path, "it holds no key of dvk key new")
        return cls.from_seed(seed)


def _unreadable(path: Path, reason: str) -> BrokenContract:
    return broken(UNREADABLE_KEY, path=str(path), reason=reason)
