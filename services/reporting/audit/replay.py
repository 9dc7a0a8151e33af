"""The first reading of an audit: the production read models, folded from an export alone."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from services.reporting.audit.exported_log import ExportLog
from services.reporting.queries.as_of import AsOfResolver, ReachedPosition
from services.reporting.queries.facade import Queries
from services.reporting.queries.lists.quarantine import QuarantineView
from services.reporting.readmodels.catalog import Catalog
from shared.readmodel.decoded_events import facts_of
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from services.reporting.audit.export_file import Export
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
