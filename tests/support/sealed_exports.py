"""Sealed exports of a log in memory: its tree, its checkpoint, cosignatures of witnesses."""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.reporting.audit.exporter import Seal
from shared.eventlog.protocol import Reader
from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.merkle import leaf_hash, root_of
from shared.trust.notes import Note, cosign, sign, to_base64
from shared.trust.proofs import boundaries
from shared.trust.tiles import TilesAtSize, entry
from tests.support.sealed_log import KEY, ORIGIN
from tests.support.served_seals import NOW, WITNESSES

Manifest = dict[str, Any]
Change = Callable[[Manifest, list[bytes]], None]
"""Changes the manifest and the lines of the events of an export in place."""


class LeavesOf:
    """The tree over the first events of a log, as tiles; hashed without the code of the sealer."""

    def __init__(self, log: Reader, size: int | None = None) -> None:
        self.size = size or log.head().position
        self.leaves = [
            leaf_hash(entry(event.position, event.recorded_us, event.digest))
            for event in log.read(0, self.size)
        ]

    def hashes(self, level: int, number: int, width: int) -> Sequence[bytes]:
        """Return the first hashes of a tile."""
        step, first = 256**level, number * 256**level * 256
        ends = (first + step * each for each in range(width))
        return [root_of(self.leaves[each : each + step]) for each in ends]

    def checkpoint(self, origin: str = ORIGIN) -> Checkpoint:
        """Return the checkpoint over all of it."""
        return Checkpoint(origin, self.size, root_of(self.leaves))


def seal_of(
    log: Reader,
    witnesses: Sequence[str] = (),
    *,
    size: int | None = None,
    key: SecretKey = KEY,
    at: int = NOW,
) -> Seal:
    """Return the seal of a log, signed by its key and cosigned by witnesses (`WITNESSES`)."""
    tree = LeavesOf(log, size)
    text = str(tree.checkpoint())
    lines = [cosign(text, name, WITNESSES[name], at) for name in witnesses]
    return Seal(Note(text, (sign(text, ORIGIN, key), *lines)), tree)


def forged(file: Path, change: Change, to: Path | None = None) -> Path:
    """Change an export as its author could: count and trailer are made to fit."""
    lines = file.read_bytes().splitlines(keepends=True)
    manifest, events = json.loads(lines[0]), lines[1:-1]
    change(manifest, events)
    manifest["count"] = len(events)
    written = [json.dumps(manifest).encode() + b"\n", *events]
    digest = sha256(b"".join(written)).hexdigest()
    end = {"dvk_export_end": manifest["dvk_export"], "sha256": digest}
    path = to or file
    path.write_bytes(b"".join([*written, json.dumps(end, separators=(",", ":")).encode() + b"\n"]))
    return path


def rebound(manifest: Manifest, log: Reader, runs: list[list[int]]) -> None:
    """State other runs, with the right hashes of the tree around each."""
    tree = LeavesOf(log)
    manifest["runs"] = []
    for first, last in runs:
        hashes = boundaries(TilesAtSize(tree, tree.size), first - 1, last, tree.size)
        left, right = (to_base64(b"".join(each)) for each in hashes)
        manifest["runs"].append([first, last, left, right])
