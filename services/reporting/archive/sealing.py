"""The checkpoint of an archive: a signed root of the log's tree over everything archived.

The manifest has the note, and the hashes that bind the archived leaves to its root; an archive is
whole from the first position, so there are none before them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.reporting.archive.layout import MANIFEST
from shared.trust.checkpoints import Checkpoint
from shared.trust.notes import Note, from_base64, to_base64
from shared.trust.proofs import boundaries
from shared.trust.tiles import TilesAtSize, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.archive.layout import ArchiveManifest, Storage
    from services.reporting.audit.exporter import Seal
    from shared.trust.proofs import LeafRun


def seal_archive(storage: Storage, manifest: ArchiveManifest, seal: Seal | None) -> ArchiveManifest:
    """State a checkpoint in the manifest if it covers all that is archived; return the manifest."""
    head = manifest.head.position
    if seal is None or not 0 < head <= seal.size or str(seal.note) == manifest.checkpoint:
        return manifest
    _, after = boundaries(TilesAtSize(seal.tiles, seal.size), 0, head, seal.size)
    after_head = to_base64(b"".join(after))
    manifest = replace(manifest, checkpoint=str(seal.note), after_head=after_head)
    storage.write(MANIFEST, manifest.as_bytes())
    return manifest


def note_of(manifest: ArchiveManifest) -> Note | None:
    """Return the signed note of an archive, None without one; raises `NoteError`."""
    return Note.parse(manifest.checkpoint.encode()) if manifest.checkpoint else None


def hashes_after_head(manifest: ArchiveManifest) -> tuple[bytes, ...]:
    """Return the hashes that bind the archive to the root; raises ValueError."""
    return tuple(split(from_base64(manifest.after_head)))


def is_bound(manifest: ArchiveManifest, leaves: Sequence[LeafRun]) -> bool:
    """Say whether the leaves of all files, in order, lead to the root of the checkpoint."""
    note = note_of(manifest)
    assert note is not None  # noqa: S101  the caller has seen the checkpoint
    _, size, sealed = Checkpoint.parse(note.text)
    whole, *further = leaves
    for each in further:
        whole.extend(each)
    return whole.start == 0 and whole.root(size, (), hashes_after_head(manifest)) == sealed
