"""Exports of a log in memory, as the command writes them from the feed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.reporting.audit.exporter import Exporter, ExportSelection, Seal
from shared.eventlog.protocol import Head, Reader
from shared.events.recorded import feed_item


@dataclass(frozen=True)
class FeedOf:
    """The feed of a log."""

    log: Reader

    def head(self, position: int) -> Head:
        """Return the place at a position."""
        place = self.log.at(position)
        assert place is not None
        return place

    def items(self, after: int, until: int) -> Iterator[bytes]:
        """Yield the events after one position and up to another."""
        for event in self.log.read(after, until - after):
            yield feed_item(event)


def exported(
    log: Reader,
    path: Path,
    *,
    year: int | None = None,
    after: int = 0,
    until: int | None = None,
    seal: Seal | None = None,
) -> Path:
    """Write an export of a log and return its path."""
    head = seal.size if seal else log.head().position
    wanted = ExportSelection(after, until, year)
    exporter = Exporter(FeedOf(log), wanted, lambda _events: None, seal)
    exporter.write(path, until or head, head)
    return path
