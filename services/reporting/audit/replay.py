"""The first reading of an audit: the production read models, folded from an export alone."""

from __future__ import annotations

from bisect import bisect_right
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from services.reporting.queries.as_of import AsOfResolver, ReachedPosition
from services.reporting.queries.facade import Queries
from services.reporting.queries.lists.quarantine import QuarantineView
from services.reporting.readmodels.catalog import Catalog
from shared.eventlog.protocol import START, Head, StoredEvent
from shared.events.decoding import content_of
from shared.events.envelope import NO_CHAIN
from shared.readmodel.decoded_events import facts_of
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from services.reporting.audit.export_file import Export
    from shared.events.envelope import EventKey
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.decoded_events import DecodedEvent

RUN = 2_000


class CannotReplay(Exception):  # noqa: N818  the message is what the auditor reads
    """A read model cannot fold the events of the export."""


@contextmanager
def replayed(
    export: Export, advanced: Callable[[int], None] = lambda _events: None
) -> Iterator[Queries]:
    """Open the reads over an export; `advanced` is called with the number of events folded.

    The read models are kept in a temporary database. Raises `CannotReplay` when a subject cannot
    be folded: a server would have put it into quarantine.
    """
    log = ExportLog(export)
    catalog = Catalog()
    with TemporaryDirectory(prefix="dvk-audit-") as folder:
        store = Store(f"sqlite:///{folder}/reporting.db")
        try:
            store.create(*(model.metadata for model in catalog.all()))
            _fold(export, store, catalog, advanced)
            head = log.head().position
            moments = AsOfResolver(log, ReachedPosition(lambda: head))
            yield Queries(
                log,
                store,
                catalog,
                moments=moments,
                checkpoints=dict,
                quarantine=QuarantineView(store, {}),
            )
        finally:
            store.close()


def _fold(export: Export, store: Store, catalog: Catalog, advanced: Callable[[int], None]) -> None:
    events, done = export.events(), 0
    while run := list(islice(events, RUN)):
        facts = facts_of(run)
        for model in catalog.all():
            wanted = [fact for fact in facts if fact.name in model.events]
            try:
                with store.writing() as connection:
                    model.fold(wanted, connection)
            except Exception as error:
                raise CannotReplay(_where(model.name, wanted)) from error
        done += len(run)
        advanced(done)


def _where(name: str, facts: Sequence[DecodedEvent]) -> str:
    first, last = facts[0].position, facts[-1].position
    return f"the read model {name} cannot take in the events at positions {first} to {last}"


class ExportLog:
    """Reads a verified export; positions outside its selection are valid all the same."""

    def __init__(self, export: Export) -> None:
        self._export = export

    def head(self) -> Head:
        """Return the head of the log at the time of the selection."""
        return self._export.manifest.head

    def at(self, position: int) -> Head | None:
        """Return the head as of a position; the chain is known for the last position only."""
        if position > self.head().position:
            return None
        if position == self.head().position:
            return self.head()
        before = bisect_right(self._export.positions, position)
        if not before:
            return Head(position, NO_CHAIN, 0)
        return Head(position, NO_CHAIN, self._export.times[before - 1])

    def last_recorded_until(self, moment_us: int) -> Head:
        """Return the last selected event recorded at or before a time, as a head."""
        if moment_us >= self.head().recorded_us:
            return self.head()
        before = bisect_right(self._export.times, moment_us)
        if not before:
            return START
        return Head(self._export.positions[before - 1], NO_CHAIN, self._export.times[before - 1])

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return up to `limit` selected events after a position."""
        first = bisect_right(self._export.positions, after)
        last = min(first + limit, len(self._export.positions))
        if first == last:
            return []
        return list(self._export.events(after, self._export.positions[last - 1]))

    def streams(self, subjects: Iterable[str]) -> Sequence[RecordedEvent]:
        """Return the selected events of subjects, in order."""
        positions = sorted(
            p for subject in set(subjects) for p in self._by_subject.get(subject, ())
        )
        return [event for position in positions for event in self.read(position - 1, 1)]

    def under(self, *prefixes: str, after: int = 0) -> Sequence[RecordedEvent]:
        """Return the selected events whose subject begins with one of the prefixes."""
        return [e for e in self._export.events(after) if e.subject.startswith(prefixes)]

    def naming(self, identifier: str) -> Sequence[RecordedEvent]:
        """Return the selected events whose record holds the identifier as a JSON string."""
        needle = f'"{identifier}"'.encode()
        return [event for event in self._export.events() if needle in event.body]

    def known(self, keys: Iterable[EventKey]) -> Mapping[EventKey, StoredEvent]:
        """Return which of the keys were selected, with their positions."""
        wanted = set(keys)
        return {
            event.key: StoredEvent(event.position, event.chain, content_of(event.body))
            for event in self._export.events()
            if event.key in wanted
        }

    def find(self, key: EventKey) -> RecordedEvent | None:
        """Return the selected event with this key."""
        return next((event for event in self._export.events() if event.key == key), None)

    @cached_property
    def _by_subject(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for event in self._export.events():
            found.setdefault(event.subject, []).append(event.position)
        return found
