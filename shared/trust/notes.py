"""Signed notes and verifier keys (c2sp.org/signed-note), with Ed25519 and timestamped cosignatures.

A note is a text, an empty line, and signature lines. Everything here is strict: a text that can be
read in two ways is not a note.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from shared.trust.keys import KEY_BYTES, SIGNATURE_BYTES, verifies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.trust.keys import SecretKey

ED25519 = 0x01
COSIGNATURE = 0x04
"""An Ed25519 signature with its time, by a witness (c2sp.org/tlog-cosignature)."""
MOST_BYTES = 64 * 1024
MOST_SIGNATURES = 100
_DASH = "— "
_ID_BYTES = 4
_TIME_BYTES = 8
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


class NoteError(ValueError):
    """A text that is no note, verifier key, checkpoint, proof or policy; says why, in English."""


def to_base64(value: bytes) -> str:
    """Return standard base64 with padding (RFC 4648, 4)."""
    return b64encode(value).decode()


def from_base64(text: str) -> bytes:
    """Return the bytes of standard base64 in its one form; raises `NoteError`."""
    try:
        value = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        value = b""
    if to_base64(value) != text:
        raise NoteError("not base64 in its one form")
    return value


class VerifierKey(NamedTuple):
    """A public key with its name: `<name>+<key id, hex>+<base64 of kind and key>`."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the 4 bytes by which signature lines name the key."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(named).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """Return the vkey."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Return the key of a vkey; one of another kind than `ED25519` or `COSIGNATURE` raises."""
        # Base64 may contain further plus signs, so only the first two divide.
        found = _VKEY.fullmatch(text)
        if found is None or not is_key_name(found[1]):
            raise NoteError(f"not a verifier key: {text[:80]!r}")
        encoded = from_base64(found[3])
        key = cls(found[1], encoded[0], encoded[1:])
        if key.kind not in {ED25519, COSIGNATURE} or len(key.public) != KEY_BYTES:
            raise NoteError(f"a verifier key of an unknown kind: {text[:80]!r}")
        if key.key_id.hex() != found[2]:
            raise NoteError(f"the id of a verifier key is not its own: {text[:80]!r}")
        return key

    def verifies(self, text: str, signature: bytes) -> bool:
        """Return whether a signature (without the key id) of this key is right for a note text."""
        if self.kind == ED25519:
            return _is_signed(self.public, text.encode(), signature)
        stamp, signature = signature[:_TIME_BYTES], signature[_TIME_BYTES:]
        at = int.from_bytes(stamp, "big")
        return at < 1 << 63 and _is_signed(self.public, _cosigned(at, text), signature)


class Signature(NamedTuple):
    """A signature line: the name and id (4 bytes) of its key, and the signature."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        """Return the line, without its end."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.value)}"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Return the signature of a line; raises `NoteError`."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not (line.startswith(_DASH) and space and is_key_name(name)):
            raise NoteError(f"not a signature line: {line[:80]!r}")
        value = from_base64(encoded)
        if len(value) <= _ID_BYTES:
            raise NoteError(f"a signature line without a signature: {line[:80]!r}")
        return cls(name, value[:_ID_BYTES], value[_ID_BYTES:])

    @property
    def cosigned_at(self) -> int:
        """Return the time of a cosignature, in seconds since 1970 UTC."""
        return int.from_bytes(self.value[:_TIME_BYTES], "big")


class Note(NamedTuple):
    """A text, which ends with a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        """Return the note as it is written."""
        return f"{self.text}\n" + "".join(f"{each}\n" for each in self.signatures)

    @classmethod
    def parse(cls, written: bytes) -> Note:
        """Return a note; raises `NoteError`. No signature is verified."""
        if len(written) > MOST_BYTES:
            raise NoteError("a note of more than 64 KiB")
        try:
            whole = written.decode()
        except UnicodeDecodeError:
            raise NoteError("a note that is not UTF-8") from None
        if _CONTROL.search(whole):
            raise NoteError("a note with control characters")
        text, between, lines = whole.rpartition("\n\n")
        if not between or not lines.endswith("\n"):
            raise NoteError("a note without signature lines")
        split = lines[:-1].split("\n")
        if len(split) > MOST_SIGNATURES:
            raise NoteError(f"a note with more than {MOST_SIGNATURES} signatures")
        return cls(text + "\n", tuple(Signature.parse(line) for line in split))

    def signed_by(self, keys: Iterable[VerifierKey]) -> dict[VerifierKey, Signature]:
        """Return which of these keys have signed, with their first signature.

        Lines of other keys are ignored. Raises `NoteError` if a line of one of these is wrong.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: dict[VerifierKey, Signature] = {}
        for each in self.signatures:
            key = known.get((each.name, each.key_id))
            if key is None or key in found:
                continue
            if not key.verifies(self.text, each.value):
                raise NoteError(f"a wrong signature of {key.name}")
            found[key] = each
        return found


def sign(text: str, name: str, key: SecretKey) -> Signature:
    """Return the Ed25519 signature line of a note text under a key name."""
    signer = VerifierKey(name, ED25519, key.public)
    return Signature(name, signer.key_id, key.sign(text.encode()))


def cosign(text: str, name: str, key: SecretKey, at: int) -> Signature:
    """Return a witness's line for a checkpoint; `at` is in seconds since 1970 UTC."""
    signer = VerifierKey(name, COSIGNATURE, key.public)
    signed = key.sign(_cosigned(at, text))
    return Signature(name, signer.key_id, at.to_bytes(_TIME_BYTES, "big") + signed)


def is_key_name(name: str) -> bool:
    """Return whether a text may name a key: not empty, without spaces and plus signs."""
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def _cosigned(at: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    return len(signature) == SIGNATURE_BYTES and verifies(public, message, signature)
