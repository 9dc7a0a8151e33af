"""The evidence that the log was not changed: read from its seals, judged by the policy."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.clock import MICROSECONDS, Clock
from shared.errors import BrokenContract, LedgerError, NotFound, Problem, Unavailable, declare
from shared.eventlog.seal_store import SealStore, TilesIncomplete
from shared.events.recorded import feed_item
from shared.trust.checkpoints import Checkpoint
from shared.trust.merkle import leaf_hash
from shared.trust.notes import Note, NoteError
from shared.trust.policy import AHEAD_SECONDS, Policy, Witnessed
from shared.trust.proofs import InclusionProof, inclusion
from shared.trust.tiles import WIDTH, Tile, bundle, entry
from shared.web.publishing.parked_api import UNKNOWN_EVENT

if TYPE_CHECKING:
    from shared.eventlog.protocol import Reader
    from shared.eventlog.seal_store import SealedCheckpoint
    from shared.events.envelope import EventKey
    from shared.events.recorded import RecordedEvent
    from shared.settings import Settings
    from shared.trust.notes import VerifierKey

NOT_SEALED_YET = declare(
    "not_sealed_yet",
    503,
    vi="Vị trí {position} chưa được niêm phong. Hãy hỏi lại sau một giây.",
    en="Position {position} is not sealed yet. Ask again in a second.",
)
NO_CHECKPOINT = declare(
    "no_checkpoint",
    404,
    vi="Chưa có điểm kiểm nào như thế: sổ chưa được niêm phong, hoặc chưa đủ bên chứng kiến.",
    en="There is no such checkpoint: the log is not sealed yet, or too few witnesses cosigned.",
)
NO_SUCH_TILE = declare(
    "no_such_tile",
    404,
    vi="Không có mảnh {tile} trong cây băm đã niêm phong.",
    en="The sealed tree has no tile {tile}.",
)
NO_SUCH_POSITION = declare(
    "no_such_position",
    404,
    vi="Sổ cái chưa có vị trí {position}.",
    en="The log has no position {position}.",
)
SEAL_CONTRADICTED = declare(
    "seal_contradicted",
    503,
    vi="Sổ cái trái với điểm kiểm đã niêm phong ở vị trí {position}: không thể chứng minh gì. Hãy "
    "báo người vận hành.",
    en="The log contradicts the checkpoint sealed at position {position}: nothing can be proved. "
    "Inform the operator.",
)
INVALID_COSIGNATURE = declare(
    "invalid_cosignature",
    422,
    vi="Không nhận chữ ký chứng kiến: {reason}.",
    en="The cosignature is not accepted: {reason}.",
)
OTHER_CHECKPOINT = declare(
    "other_checkpoint",
    409,
    vi="Điểm kiểm này không phải của sổ này: {origin}, cỡ {size}. Nếu nó mang chữ ký của sổ, hãy "
    "giữ lại: đó là bằng chứng có hai lịch sử.",
    en="This is not a checkpoint of this log: {origin}, size {size}. If the log signed it, keep "
    "it: it is evidence of two histories.",
)
UNKNOWN_WITNESS = declare(
    "unknown_witness",
    422,
    vi="Không có chữ ký nào của một bên chứng kiến trong chính sách của sổ này.",
    en="No signature is of a witness in the policy of this ledger.",
)
_LOOKED_BACK = 50
"""Cosigned checkpoints looked through for the last one with a quorum."""
_OPERATOR_SECONDS = 60
WINDOW_SECONDS = 3_600
"""For so long the checkpoint that witnesses are to cosign stays the same."""
_logger = logging.getLogger("dvk.integrity")


class CheckpointChoice(StrEnum):
    """One of the checkpoints: the last; the last with a quorum; the one to be cosigned now.

    The one to be cosigned is the last of the hour before: witnesses that come at different moments
    of an hour sign the same, or they would never be a quorum together.
    """

    LAST = "last"
    WITNESSED = "witnessed"
    TO_COSIGN = "to_cosign"


@dataclass(frozen=True, slots=True)
class WitnessState:
    """The last cosignature of a witness: size, and time in seconds since 1970 UTC, if any."""

    name: str
    size: int | None
    at: int | None


class LogEvidence:
    """Checkpoints, tiles and proofs of a log, and the cosignatures that witnesses have sent."""

    def __init__(
        self, log: Reader, seals: SealStore | None, policy: Policy | None, clock: Clock
    ) -> None:
        self._log = log
        self._seals = seals
        self._policy = policy
        self._clock = clock

    @property
    def policy(self) -> Policy | None:
        """Return the policy of the settings."""
        return self._policy

    @property
    def _now(self) -> int:
        return self._clock() // MICROSECONDS

    @property
    def _store(self) -> SealStore:
        if self._seals is None:
            raise NotFound(Problem(NO_CHECKPOINT))
        return self._seals

    def last(self) -> SealedCheckpoint | None:
        """Return the last checkpoint."""
        return self._seals.last() if self._seals else None

    def checkpoint(self, which: CheckpointChoice) -> Note:
        """Return the chosen checkpoint with its cosignatures."""
        if which is CheckpointChoice.WITNESSED:
            return self._witnessed()[0]
        if which is CheckpointChoice.TO_COSIGN:
            began_us = self._now // WINDOW_SECONDS * WINDOW_SECONDS * MICROSECONDS
            found = self._store.sealed_before(began_us)
        else:
            found = self._store.last()
        if found is None:
            raise NotFound(Problem(NO_CHECKPOINT))
        return self._store.note(found)

    def _witnessed(self) -> tuple[Note, Witnessed]:
        """Return the last checkpoint with a quorum, as judged by the policy."""
        store, policy = self._store, self._policy
        for size in store.cosigned(policy.least(), _LOOKED_BACK) if policy else ():
            sealed = store.at(size)
            if sealed is not None and policy is not None:
                note = self._store.note(sealed)
                try:
                    judged = policy.judge(note, self._now)
                except NoteError as error:  # the log's key is not in the policy
                    _logger.warning("checkpoint %s under the policy: %s", size, error)
                    continue
                if judged.enough:
                    return note, judged
        raise NotFound(Problem(NO_CHECKPOINT))

    def witnesses(self) -> list[WitnessState]:
        """Return each witness of the policy with its last cosignature."""
        if self._seals is None or self._policy is None:
            return []
        last = self._seals.last_cosigned()
        found = []
        for name, key in self._policy.witnesses.items():
            size = last.get(str(key))
            sealed = self._seals.at(size) if size is not None else None
            signed = self._store.note(sealed).signed_by([key]) if sealed else {}
            at = signed[key].cosigned_at if key in signed else None
            found.append(WitnessState(name, size, at))
        return found

    def witnessed_position(self) -> int | None:
        """Return the position up to which a quorum has cosigned."""
        try:
            return self._witnessed()[1].checkpoint.size
        except NotFound:
            return None

    def unwitnessed_seconds(self) -> float:
        """Return the age of the last checkpoint with a quorum: NaN without a policy.

        It is that of the first event that is not covered yet, 0 if all events are.
        """
        if self._seals is None or self._policy is None:
            return math.nan
        events = self._log.read(self.witnessed_position() or 0, 1)
        return (self._clock() - events[0].recorded_us) / MICROSECONDS if events else 0.0

    def sealed_position(self) -> int:
        """Return the position of the last checkpoint, 0 before the first."""
        last = self.last()
        return last.size if last else 0

    def contradicted(self) -> int | None:
        """Return the position of the last checkpoint if the log has another history there."""
        last = self.last()
        if last is None:
            return None
        there = self._log.at(last.size)
        return None if there is not None and there.chain == last.chain else last.size

    def tile(self, path: str) -> bytes:
        """Return a tile, or a bundle of entries, by its address after `/tile/`."""
        tile, last = Tile.parse(path), self.last()
        if tile is None or last is None or not tile.is_in(last.size):
            raise NotFound(Problem(NO_SUCH_TILE, {"tile": path[:80]}))
        level, number, width = tile
        if level is not None:
            try:
                return b"".join(self._store.hashes(level, number, width))
            except TilesIncomplete as error:
                raise _contradicted(last.size) from error
        return bundle(self._store.entries(number * WIDTH, width))

    def position_of(self, key: EventKey) -> int:
        """Return the position of an event."""
        event = self._log.find(key)
        if event is None:
            raise NotFound(Problem(UNKNOWN_EVENT, {"id": key.id, "source": key.source}))
        return event.position

    def proof(self, position: int, *, extra: bool, witnessed: bool) -> InclusionProof:
        """Return the proof of an event under the last checkpoint, or the last with a quorum.

        With `extra` the event is in it, as in the feed. A proof that does not hold is not given.
        """
        event = self._event(position)
        last = self.last()
        if last is None or last.size < position:
            raise Unavailable(Problem(NOT_SEALED_YET, {"position": position}), 1)
        note = self.checkpoint(CheckpointChoice.WITNESSED if witnessed else CheckpointChoice.LAST)
        unproved = InclusionProof(position - 1, (), note, feed_item(event) if extra else None)
        size = unproved.checkpoint.size
        if size < position:  # of those with a quorum
            raise NotFound(Problem(NO_CHECKPOINT))
        leaf = leaf_hash(entry(position, event.recorded_us, event.digest))
        try:
            path = tuple(inclusion(self._store, position - 1, size))
        except TilesIncomplete as error:
            raise _contradicted(size) from error
        proof = unproved._replace(path=path)
        if not _holds(proof, leaf):
            raise _contradicted(size)
        return proof

    def _event(self, position: int) -> RecordedEvent:
        events = self._log.read(position - 1, 1)
        if not events:
            raise NotFound(Problem(NO_SUCH_POSITION, {"position": position}))
        return events[0]

    def cosign(self, written: bytes) -> list[str]:
        """Keep the lines of witnesses on a checkpoint of this log; return the witnesses' names.

        The lines come with the checkpoint, as a signed note: a line alone says of no size.
        """
        try:
            note = Note.parse(written)
            checkpoint = Checkpoint.parse(note.text)
        except NoteError as error:
            raise _invalid(error) from None
        sealed = self._store.at(checkpoint.size)
        if sealed is None or Note.parse(sealed.note.encode()).text != note.text:
            _logger.critical("a checkpoint that this log has not published: %s", note.text)
            about = {"origin": checkpoint.origin, "size": checkpoint.size}
            raise LedgerError(Problem(OTHER_CHECKPOINT, about))
        witnesses = self._policy.witnesses if self._policy else {}
        named: dict[VerifierKey, str] = {key: name for name, key in witnesses.items()}
        try:
            signed = note.signed_by(named)
        except NoteError as error:
            raise _invalid(error) from None
        if not signed:
            raise BrokenContract(Problem(UNKNOWN_WITNESS))
        if any(line.cosigned_at > self._now + AHEAD_SECONDS for line in signed.values()):
            raise _invalid("its time is in the future")
        for key, line in signed.items():
            self._store.add_cosignature(checkpoint.size, str(key), str(line))
        return [named[key] for key in signed]


def policy_of(settings: Settings) -> Policy | None:
    """Return the policy in the file of the settings; an invalid one ends the start."""
    if settings.witness_policy is None:
        return None
    try:
        return Policy.parse(settings.witness_policy.read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"DVK_WITNESS_POLICY: {error}"
        raise SystemExit(message) from None


def _holds(proof: InclusionProof, leaf: bytes) -> bool:
    return proof.includes(leaf)


def _contradicted(position: int) -> Unavailable:
    return Unavailable(Problem(SEAL_CONTRADICTED, {"position": position}), _OPERATOR_SECONDS)


def _invalid(reason: object) -> BrokenContract:
    return BrokenContract(Problem(INVALID_COSIGNATURE, {"reason": str(reason)}))
