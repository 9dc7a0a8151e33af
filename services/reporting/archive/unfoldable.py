"""The refusal of an archive in which an event cannot be folded: its position, its file and why.

A server would have put the subject of such an event into quarantine; figures without it would not
be those of the log, so an archive gives none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from shared.errors import LedgerError, Problem, declare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.reporting.archive.layout import ArchiveManifest
    from shared.readmodel.decoded_events import DecodedEvent

    Folded = TypeVar("Folded")

CANNOT_BE_FOLDED = declare(
    "archive_event_cannot_be_folded",
    409,
    vi="Không tính được số liệu từ kho lưu trữ: sự kiện ở vị trí {position} (tệp {file}, {event}) "
    "không xử lý được: {reason}",
    en="No figures can be computed from the archive: the event at position {position} (file "
    "{file}, {event}) cannot be folded: {reason}",
)


class UnfoldableEvent(NamedTuple):
    """The first event that a fold cannot take in; a worker returns it in place of figures."""

    position: int
    name: str
    reason: str

    def refusal(self, manifest: ArchiveManifest) -> LedgerError:
        """Return the error that names the event and its file."""
        file = next(each.name for each in manifest.files if each.last >= self.position)
        params = {"position": self.position, "file": file}
        return LedgerError(
            Problem(CANNOT_BE_FOLDED, {**params, "event": self.name, "reason": self.reason})
        )


def folded_or_named(
    fold: Callable[[Sequence[DecodedEvent]], Folded], events: Sequence[DecodedEvent]
) -> Folded | UnfoldableEvent:
    """Fold events in order; return what came of it, or the first event that cannot be folded.

    It is found by folding ever shorter beginnings again, so `fold` begins from nothing each time.
    An error that no event causes is raised.
    """
    try:
        return fold(events)
    except Exception as error:  # noqa: BLE001  whatever a fold makes of a record
        return _first_of(fold, events, error)


def named(event: DecodedEvent, error: Exception) -> UnfoldableEvent:
    """Return an event that cannot be folded, and why."""
    return UnfoldableEvent(event.position, event.name, f"{type(error).__name__}: {error}")


def _first_of(
    fold: Callable[[Sequence[DecodedEvent]], Folded],
    events: Sequence[DecodedEvent],
    error: Exception,
) -> UnfoldableEvent:
    good, bad = 0, len(events)
    while bad > good:
        middle = (good + bad) // 2
        try:
            fold(events[:middle])
        except Exception as earlier:  # noqa: BLE001  as above
            error, bad = earlier, middle
        else:
            good = middle + 1
    if not bad:
        raise error
    return named(events[bad - 1], error)
