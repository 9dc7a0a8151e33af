"""A subject in quarantine is folded again, or discarded with a reason.

Folding its held events late would give another result than folding them in order: what a
read model says of one subject rests on others (an organisation that was defined meanwhile), and
memory follows its tables forward only. So the whole read model is built next to the one that
answers, and swapped; the runner of a service finds its checkpoint gone, as after every rebuild.
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
    from shared.readmodel.rebuild.rebuild import Told
    from shared.readmodel.store import Store

NOT_IN_QUARANTINE = declare(
    "not_in_quarantine",
    404,
    vi="Bảng {read_model} không cách ly chuỗi {subject}. Xem: dvk quarantine list.",
    en="The read model {read_model} has not set {subject} aside. See: dvk quarantine list.",
)
STILL_POISON = declare(
    "still_poison",
    409,
    vi="Bảng {read_model} vẫn không xử lý được chuỗi {subject}, tại vị trí {position}: {fault}. "
    "Chuỗi ở lại trong cách ly; bảng đang dùng được giữ nguyên.",
    en="The read model {read_model} still cannot fold {subject}, at position {position}: {fault}. "
    "It stays in quarantine; the one that answers stays.",
)
ALREADY_DISCARDED = declare(
    "already_discarded",
    409,
    vi="Chuỗi {subject} của bảng {read_model} đã bị loại bỏ với lý do: {reason}",
    en="The subject {subject} of {read_model} was discarded already, for this reason: {reason}",
)
_SUMMED = ("sums/*", "year/*", "organization/*")
"""Names of what is only summed or remembered over all subjects: a requeue is meant to move it."""


class StillFailing(LedgerError):  # noqa: N818  a family of refusals, as in shared.errors
    """What was to be requeued cannot be folded by this release either."""

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
    """The quarantine of one read model, for whoever decides about it."""

    def __init__(self, store: Store, read_model: str) -> None:
        self._store = store
        self._name = read_model

    def subjects(self) -> Sequence[Quarantined]:
        """Return what the fill that answers has set aside, the oldest first."""
        with self._store.reading() as connection:
            key = self._key(connection)
            return [each for each in quarantine.load(connection) if each.read_model == key]

    def discard(self, subject: str, reason: str, now_us: int) -> Quarantined:
        """Give a subject up: it stays set aside in this fill and in every later one.

        Raises NotFound (`not_in_quarantine`), or LedgerError (`already_discarded`).
        """
        with self._store.writing() as connection:
            found = self._find(connection, subject)
            before = quarantine.discarded(connection).get((self._name, subject))
            if before is not None:
                params = {"read_model": self._name, "subject": subject, "reason": before.reason}
                raise LedgerError(Problem(ALREADY_DISCARDED, params))
            chosen = QuarantineAction.DISCARDED
            quarantine.note(connection, self._name, found, chosen, reason=reason, now_us=now_us)
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
        on_progress: Told | None = None,
    ) -> Rebuilt:
        """Fill the read model again with the subject in it, compare, and swap.

        Differences in what was set aside are meant, and those of sums; any other must be accepted
        by its name, as in a rebuild. Raises `StillFailing`, with the new reason kept in the
        quarantine, and what `Rebuild` raises; then the read model answers as before.
        """
        with self._store.writing() as connection:
            found = self._find(connection, subject)
            if (self._name, subject) in quarantine.discarded(connection):
                again = QuarantineAction.REQUEUED
                quarantine.note(connection, self._name, found, again, reason=reason, now_us=clock())
        subjects = [each.subject for each in self.subjects()]
        meant = [f"{self._name}/{each}" for each in (*subjects, *_linked(log, subjects), *_SUMMED)]

        def hear(stage: Stage, done: int, of: int) -> None:
            if stage is Stage.MOVED_IN:
                self._require_folded(subject)
            if on_progress is not None:
                on_progress(stage, done, of)

        rebuild = Rebuild(
            log, self._store, [make], clock=clock, accept=(*meant, *accept), on_progress=hear
        )
        try:
            (done,) = rebuild.rebuild().each
        except StillFailing as still:
            with self._store.writing() as connection:
                quarantine.again(connection, found, still.found.reason)
            raise
        with self._store.reading() as connection:
            later = quarantine.find(connection, done.new.key, subject)
        if later is not None:  # an event that came in the meantime cannot be folded
            raise StillFailing(self._name, later)
        return done

    def _require_folded(self, subject: str) -> None:
        """See that the fill beside the one that answers has not set the subject aside again."""
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
    """Yield the second streams of what is set aside: a registration is also its model's."""
    for event in log.streams(subjects):
        with suppress(LedgerError, ValueError):  # what cannot be read names nothing
            if event.linked is not None:
                yield event.linked


def bring_up(store: Store) -> None:
    """Make the tables of decisions in a database that an older release has filled."""
    store.create(checkpoints.METADATA)
