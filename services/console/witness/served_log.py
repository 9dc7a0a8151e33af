"""A log as its address serves it: the checkpoint and the tiles, by c2sp.org/tlog-tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from services.console.client.http_client import Unanswered, response_of
from shared.trust.checkpoints import Checkpoint
from shared.trust.notes import Note, NoteError
from shared.trust.proofs import consistency
from shared.trust.tiles import Tile, split

if TYPE_CHECKING:
    from collections.abc import Sequence


class ServedLog:
    """The log at an address, as of one checkpoint; nothing that it serves is trusted."""

    def __init__(self, client: httpx.Client, address: str, which: str = "last") -> None:
        self._client = client
        self._address = address.rstrip("/")
        self.note = Note.parse(self._get("checkpoint", which=which))
        self.checkpoint = Checkpoint.parse(self.note.text)

    def consistency(self, old: int) -> list[bytes]:
        """Return the proof that the log extends its state at a size; it is not verified here."""
        return consistency(self, old, self.checkpoint.size) if old else []

    def hashes(self, level: int, number: int, width: int) -> Sequence[bytes]:
        """Return the hashes of a tile that has this width (`shared.trust.tiles.Tiles`)."""
        tile = split(self._get(f"tile/{Tile(level, number, width).path}"))
        if len(tile) != width:
            raise NoteError(f"a tile of {len(tile)} hashes instead of {width}")
        return tile

    def cosign(self, note: str) -> None:
        """Send a note with the lines of a witness; raises `Unanswered` if it is refused."""
        url = f"{self._address}/witness/cosignatures"
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            answer = self._client.post(url, content=note.encode(), headers=headers)
        except httpx.TransportError as error:
            message = f"{url}: {error}"
            raise Unanswered(message) from error
        if not answer.is_success:
            message = f"{url}: HTTP {answer.status_code}: {answer.text[:500]}"
            raise Unanswered(message)

    def _get(self, path: str, **parameters: str) -> bytes:
        return response_of(self._client, f"{self._address}/{path}", parameters).content
