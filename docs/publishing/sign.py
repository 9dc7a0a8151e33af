"""python3 sign.py KEY.pem REALM < events.jsonl > signed.jsonl, in batches; needs PyNaCl."""

import json
import os
import sys
import unicodedata
from base64 import b64decode, b64encode, urlsafe_b64encode
from hashlib import sha256
from itertools import islice
from pathlib import Path

from nacl.signing import SigningKey

TOGETHER = 32


def base64url(value: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def canonical(event: dict[str, object]) -> bytes:
    """Return the record (RFC 8785): keys sorted, no spaces, UTF-8; whole numbers have no point."""
    text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return unicodedata.normalize("NFC", text).encode()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours in the tree."""
    return sha256(b"\x01" + left + right).digest()


def tree(leaves: list[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """Return the root of an RFC 6962 tree, and for each leaf the hashes from its sibling up."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    (left, left_paths), (right, right_paths) = tree(leaves[:half]), tree(leaves[half:])
    paths = [[*path, right] for path in left_paths] + [[*path, left] for path in right_paths]
    return node(left, right), paths


def main(key_file: str, realm: str) -> None:
    """Sign the events of standard input."""
    pem = Path(key_file).read_text("ascii").splitlines()
    key = SigningKey(b64decode("".join(pem[1:-1]))[-32:])  # PKCS 8 ends with the seed
    key_id = base64url(sha256(b"\x01" + bytes(key.verify_key)).digest()[:16])
    lines = (json.loads(line) for line in sys.stdin if line.strip())
    while batch := list(islice(lines, TOGETHER)):
        for event in batch:
            event.pop("signature", None)
            event |= {"signkey": key_id, "signsalt": base64url(os.urandom(16))}
        root, paths = tree([sha256(b"\x00" + canonical(event)).digest() for event in batch])
        text = f"dvk-events/v1\n{realm}\n{key_id}\n{len(batch)}\n{b64encode(root).decode()}\n"
        signature = base64url(key.sign(text.encode()).signature)
        for index, (event, path) in enumerate(zip(batch, paths, strict=True)):
            hashes = f".{base64url(b''.join(path))}" if path else ""
            event["signature"] = f"{index}/{len(batch)}.{signature}{hashes}"
            sys.stdout.write(f"{json.dumps(event, ensure_ascii=False)}\n")


main(*sys.argv[1:])
