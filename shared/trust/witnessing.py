"""A witness's judgement of a checkpoint (c2sp.org/tlog-witness), over HTTP or from file to file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.trust.checkpoints import Checkpoint, number
from shared.trust.merkle import root_of
from shared.trust.notes import Note, NoteError, VerifierKey, cosign, to_base64
from shared.trust.proofs import hashes_of, is_consistent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.trust.keys import SecretKey
    from shared.trust.memory import CheckpointMemory


class WitnessError(NoteError):
    """A refusal with the status of the protocol: 400, 403, 404, 409 or 422.

    A 409 states in `size` the size that the witness has cosigned last. `fork` holds two notes of
    the log that contradict each other, if that is the reason.
    """

    def __init__(
        self, status: int, reason: str, *, size: int | None = None, fork: tuple[str, ...] = ()
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.size = size
        self.fork = fork


class WitnessRequest(NamedTuple):
    """A request to cosign: the size that the witness knows, a proof from it, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        """Return the request as it is written."""
        return "\n".join([f"old {self.old}", *map(to_base64, self.proof)]) + f"\n\n{self.note}"

    @classmethod
    def parse(cls, written: bytes) -> WitnessRequest:
        """Return a request; raises `NoteError`."""
        try:
            head, between, note = written.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise NoteError("a request that is not UTF-8") from None
        old, *lines = head.split("\n")
        if not between or not old.startswith("old "):
            raise NoteError("a request begins with 'old', and has a checkpoint")
        size = number(old.removeprefix("old "))
        return cls(size, hashes_of(lines), Note.parse(note.encode()))


class Witness:
    """A witness of some logs: its name and key, the logs' keys, and what it has cosigned last."""

    def __init__(
        self, name: str, key: SecretKey, logs: Iterable[VerifierKey], memory: CheckpointMemory
    ) -> None:
        self.name = name
        self._key = key
        self._logs = list(logs)
        self._memory = memory

    def known(self, origin: str) -> tuple[Checkpoint, str] | None:
        """Return the last cosigned checkpoint of an origin, with its note."""
        kept = self._memory.last(origin)
        return None if kept is None else (Checkpoint.parse(Note.parse(kept.encode()).text), kept)

    def add(self, written: bytes, now: int) -> str:
        """Return the cosignature line of a request's checkpoint; `now` is in seconds since 1970.

        The checkpoint is on the disk before. Raises `WitnessError`, and then nothing has changed.
        """
        try:
            request = WitnessRequest.parse(written)
            checkpoint = Checkpoint.parse(request.note.text)
        except NoteError as error:
            raise WitnessError(400, str(error)) from None
        self._require_signed(request.note, checkpoint.origin)
        known = self.known(checkpoint.origin)
        _judge(request, checkpoint, known)
        self._memory.keep(checkpoint.origin, str(request.note))
        return f"{cosign(request.note.text, self.name, self._key, now)}\n"

    def _require_signed(self, note: Note, origin: str) -> None:
        logs = [each for each in self._logs if each.name == origin]
        if not logs:
            raise WitnessError(404, f"the log {origin} is unknown")
        try:
            signed = note.signed_by(logs)
        except NoteError as error:
            raise WitnessError(403, str(error)) from None
        if not signed:
            raise WitnessError(403, "no known key of the log has signed")


def _judge(request: WitnessRequest, new: Checkpoint, known: tuple[Checkpoint, str] | None) -> None:
    old = known[0] if known else Checkpoint(new.origin, 0, root_of(()))
    if request.old > new.size:
        raise WitnessError(400, "the old size is above that of the checkpoint")
    if request.old != old.size:
        reason = f"this witness has cosigned size {old.size}, not {request.old}"
        raise WitnessError(409, reason, size=old.size)
    if not new.size and new.root != root_of(()):
        raise WitnessError(422, "the root of an empty log is the hash of nothing")
    if not is_consistent((old.size, old.root), (new.size, new.root), request.proof):
        # Only two roots of one size are proof of a fork: the proof may be the wrong one.
        fork = (known[1], str(request.note)) if known and old.size == new.size else ()
        raise WitnessError(422, "the checkpoint does not extend the one cosigned last", fork=fork)
