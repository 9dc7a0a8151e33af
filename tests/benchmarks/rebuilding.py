"""F4: every read model filled anew in one pass, compared and swapped, beside the peer's projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.reporting.readmodels.catalog import Catalog
from services.reporting.rebuilding import rebuilding
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.vocabulary import Family
from tests.benchmarks.measuring import Line
from tests.benchmarks.peers import eventsourcing_projection

if TYPE_CHECKING:
    from tests.benchmarks.ground import Ground, Size


def lines(ground: Ground, url: str, size: Size) -> list[Line]:
    """Rebuild what a ledger holds; the read models stand at the head of its log."""
    peers_events = size.of(1_000, 5_000)
    peers_url = ground.new_database()
    until = eventsourcing_projection.fill(peers_url, 0, peers_events)
    peer = eventsourcing_projection.project(peers_url, until, peers_events)
    log, store = open_log(url, family=Family.REPORTING), Store(url)
    done = rebuilding(log, store, Catalog.names()).rebuild()
    events, took = log.head().position, done.seconds
    store.close()
    log.close()
    whole = took.filling + took.comparing + took.moving + took.swapping
    parts = (
        f"{events:,} events: filled {took.filling:.1f} s, compared {took.comparing:.1f}, "
        f"moved in {took.moving:.1f}, swapped {took.swapping:.1f}"
    )
    beside = "eventsourcing's projection, one table"
    return [
        Line("F4", "rebuild of every read model, compared and swapped", events / whole, peer,
             "events/s", beside, at_least=50, notes=(parts,)),
        Line("F4", "the fill alone", events / took.filling, peer, "events/s", beside,
             at_least=100),
    ]  # fmt: skip
