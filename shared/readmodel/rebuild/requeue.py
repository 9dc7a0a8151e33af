"""Requeue of a subject in quarantine, or its discard with a reason.

Folding its held events late would give another result than folding them in order: rows of one
subject depend on others (an organisation defined meanwhile), and memory follows its tables forward
only. So the whole read model is rebuilt and swapped; the runner of a service finds its checkpoint
gone, as after every rebuild.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from shared.errors import LedgerError, NotFound, Problem, declare
from shared.readmodel import checkpoints, generations, quarantine
from shared.readmodel.quarantine import QuarantineAction
from shared.readmodel.rebuild.rebuild import Rebuild
from shared.readmodel.rebuild.stages import Rebuilt, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from shared.clock import Clock
    from shared.eventlog.protocol import Reader
    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.quarantine import Quarantined
    from shared.readmodel.rebuild.rebuild import ProgressCallback
    from shared.readmodel.store import Store

NOT_IN_QUARANTINE = declare(
    "not_in_quarantine",
    404,
    vi="Bảng {read_model} không cách ly chuỗi {subject}. Xem: dvk quarantine list.",
    en="{subject} is not in quarantine in the read model {read_model}. See: dvk quarantine list.",
)
STILL_POISON = declare(
    "still_poison",
    409,
    vi="Bảng {read_model} vẫn không xử lý được chuỗi {subject}, tại vị trí {position}: {fault}. "
    "Chuỗi ở lại trong cách ly; bảng đang dùng được giữ nguyên.",
    en="The read model {read_model} still cannot fold {subject}, at position {position}: {fault}. "
    "It stays in quarantine, and the active read model stays in use.",
)
ALREADY_DISCARDED = declare(
    "already_discarded",
    409,
    vi="Chuỗi {subject} của bảng {read_model} đã bị loại bỏ với lý do: {reason}",
    en="The subject {subject} of {read_model} was discarded before, for this reason: {reason}",
)
_SUMMED = ("sums/*", "year/*", "organization/*")
"""Names of sums and state over all subjects, which a requeue is expected to change."""


class StillFailing(LedgerError):  # noqa: N818  a family of refusals, as in shared.errors
    """The requeued subject still cannot be folded."""

    def __init__(self, read_model: str, found: Quarantined) -> None:
        self.found = found
        params = {
            "read_model": read_model,
            "subject": found.subject,
            "position": found.position,
            "fault": found.reason,
        }
        super().__init__(Problem(STILL_POISON, params))


class Quarantine:
    """The quarantine of one read model, with the operations on it."""

    def __init__(self, store: Store, read_model: str) -> None:
        self._store = store
        self._name = read_model

    def subjects(self) -> Sequence[Quarantined]:
        """Return the quarantined subjects of the active generation, oldest first."""
        with self._store.reading() as connection:
            key = self._key(connection)
            return [each for each in quarantine.load(connection) if each.read_model == key]

    def discard(self, subject: str, reason: str, now_us: int) -> Quarantined:
        """Discard a subject: it stays in quarantine in this generation and in all later ones.

        Raises NotFound (`not_in_quarantine`), or LedgerError (`already_discarded`).
        """
        with self._store.writing() as connection:
            found = self._find(connection, subject)
            before = quarantine.discarded(connection).get((self._name, subject))
            if before is not None:
                params = {"read_model": self._name, "subject": subject, "reason": before.reason}
                raise LedgerError(Problem(ALREADY_DISCARDED, params))
            action = QuarantineAction.DISCARDED
            quarantine.note(connection, self._name, found, action, reason=reason, now_us=now_us)
        return found

    def requeue(
        self,
        subject: str,
        log: Reader,
        make: Callable[[int], ReadModel],
        *,
        clock: Clock,
        reason: str = "",
        accept: Sequence[str] = (),
        on_progress: ProgressCallback | None = None,
    ) -> Rebuilt:
        """Rebuild the read model with the subject in it, compare, and swap.

        Differences of quarantined subjects and of sums are expected; any other must be accepted by
        its name, as in a rebuild. Raises `StillFailing`, after storing the new reason in the
        quarantine, and the errors of `Rebuild`; then the old generation stays active.
        """
        with self._store.writing() as connection:
            found = self._find(connection, subject)
            if (self._name, subject) in quarantine.discarded(connection):
                action = QuarantineAction.REQUEUED
                quarantine.note(
                    connection, self._name, found, action, reason=reason, now_us=clock()
                )
        subjects = [each.subject for each in self.subjects()]
        meant = [f"{self._name}/{each}" for each in (*subjects, *_linked(log, subjects), *_SUMMED)]

        def report(stage: Stage, done: int, of: int) -> None:
            if stage is Stage.MOVED_IN:
                self._require_folded(subject)
            if on_progress is not None:
                on_progress(stage, done, of)

        rebuild = Rebuild(
            log, self._store, [make], clock=clock, accept=(*meant, *accept), on_progress=report
        )
        try:
            (done,) = rebuild.rebuild().each
        except StillFailing as still:
            with self._store.writing() as connection:
                quarantine.again(connection, found, still.found.reason)
            raise
        with self._store.reading() as connection:
            later = quarantine.find(connection, done.new.key, subject)
        if later is not None:  # an event appended meanwhile cannot be folded
            raise StillFailing(self._name, later)
        return done

    def _require_folded(self, subject: str) -> None:
        """Check that the next generation has not quarantined the subject again."""
        with self._store.reading() as connection:
            key = generations.key_of(self._name, generations.load(connection)[self._name].next)
            found = quarantine.find(connection, key, subject)
        if found is not None:
            raise StillFailing(self._name, found)

    def _find(self, connection: Connection, subject: str) -> Quarantined:
        found = quarantine.find(connection, self._key(connection), subject)
        if found is None:
            params = {"read_model": self._name, "subject": subject}
            raise NotFound(Problem(NOT_IN_QUARANTINE, params))
        return found

    def _key(self, connection: Connection) -> str:
        pointer = generations.load(connection).get(self._name)
        return pointer.key if pointer is not None else self._name


def _linked(log: Reader, subjects: Iterable[str]) -> Iterator[str]:
    """Yield the streams linked to quarantined subjects: a registration's model."""
    for event in log.streams(subjects):
        with suppress(LedgerError, ValueError):  # an unreadable event has no link
            if event.linked is not None:
                yield event.linked


def bring_up(store: Store) -> None:
    """Create the tables of decisions in a database of an older release."""
    store.create(checkpoints.METADATA)
