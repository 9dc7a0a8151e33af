"""`python -m tests.benchmarks.long_log --events N --home DIR [--only …]`: the ledger with a long log.

One synthetic history of a million events is repeated with other ids, which costs a tenth of making
as many. Each stage prints wall time, processor time of this process and of its children, and what
it left behind; `--database URL` (of the owner) goes on with a server that runs already.
"""

from __future__ import annotations

import argparse
import os
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
from psycopg import sql
from rich.console import Console

from services.reporting.archive import checking, replay, writer
from services.reporting.archive.engines import engine_at
from services.reporting.archive.layout import Storage
from services.reporting.projection.rebuild import rebuilding
from services.reporting.projection.service import ReadModelService
from services.reporting.readmodels.catalog import Catalog
from shared.clock import system_clock
from shared.eventlog.protocol import Head
from shared.eventlog.sql import open_log
from shared.eventlog.tables import bucket_of
from shared.events.envelope import link
from shared.gc_control import tune_gc
from shared.readmodel.store import Store
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from tests.benchmarks.growing import append_synthetic
from tests.benchmarks.measuring import rss_mib
from tests.benchmarks.serving import loaded_service
from tests.support.databases import new_database, psycopg_address
from tests.support.postgres_server import own_postgres_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ONE_HISTORY = 1_000_000
YEARS = (2005, 2024)
REGISTRATIONS = 260_000
"""Of the one history: 3.8 events each, in equal parts of twenty years."""
_GROUP = 10_000
_OWN_IDS = b"syn7x"
"""Begins the ids of what a history has for itself; units and organisations belong to all."""
_KINDS = ("int8", "text", "text", "text", "int4", "text", "int2", "int2", "int8", "bytea", "bytea",
          "bytea", "text", "text", "text")  # fmt: skip
_COLUMNS = ("position", "source", "event_id", "subject", "stream_version", "linked", "plan_year", "bucket",
            "recorded_us", "digest", "chain", "body", "registry_type", "evaluation_type",
            "reporting_type")  # fmt: skip


def main() -> None:
    """Run the stages asked for, in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--only", default=",".join(STAGES))
    parser.add_argument("--database", help="the owner's address of a database to go on with")
    asked = parser.parse_args()
    tune_gc()
    with _database(asked) as url:
        Console().print(f"database: {url}", soft_wrap=True)
        for name in asked.only.split(","):
            _timed(name, lambda name=name: STAGES[name](url, asked))


@contextmanager
def _database(asked: argparse.Namespace) -> Iterator[str]:
    if asked.database:
        yield asked.database
        return
    asked.home.mkdir(parents=True, exist_ok=True)
    with (
        own_postgres_server(fsync=True, within=asked.home) as server,
        new_database(server.url) as url,
    ):
        yield url


def _timed(name: str, stage: Callable[[], str]) -> None:
    started, before = perf_counter(), os.times()
    said = stage()
    after = os.times()
    own = after.user + after.system - before.user - before.system
    children = sum(after[2:4]) - sum(before[2:4])
    load = os.getloadavg()[0]
    Console().print(
        f"{name}: {perf_counter() - started:,.1f} s (processor {own:,.1f} own, {children:,.1f} "
        f"children; load {load:.1f}; {rss_mib():,.0f} MiB): {said}",
        soft_wrap=True,
    )


def fill(url: str, asked: argparse.Namespace) -> str:
    """Record one history, then the same with other ids until the log is long enough."""
    made = min(ONE_HISTORY, asked.events)
    head = open_log(url, family=None).head()
    if head.position < made:
        share = made / ONE_HISTORY
        head = append_synthetic(url, made, years=YEARS, registrations=int(REGISTRATIONS * share))
    copies = head.position // made
    with psycopg.connect(psycopg_address(url)) as connection:
        while head.position < asked.events:
            head = _copy(connection, head, made, copies, asked.events)
            copies += 1
            Console().print(f"  {head.position:,} events")
        connection.execute("ANALYZE log_events")
    return f"{head.position:,} events"


def _copy(
    connection: psycopg.Connection[Any], head: Head, made: int, number: int, until: int
) -> Head:
    """Append the first history with ids of its own."""
    names = [name for name in _COLUMNS if name not in {"recorded_us", "digest", "chain"}]
    reading = sql.SQL(
        "SELECT {} FROM log_events WHERE position > %s AND position <= %s ORDER BY position"
    )
    read = reading.format(sql.SQL(",").join(map(sql.Identifier, names)))
    writing = sql.SQL("COPY log_events ({}) FROM STDIN (FORMAT BINARY)")
    write = writing.format(sql.SQL(",").join(map(sql.Identifier, _COLUMNS)))
    with connection.cursor(binary=True) as cursor:
        for after in range(0, made, _GROUP):
            rows = cursor.execute(read, (after, min(after + _GROUP, made))).fetchall()
            with cursor.copy(write) as copied:
                copied.set_types(_KINDS)
                for row in rows:
                    if head.position < until and (renamed := _renamed(row, head, number)):
                        head = Head(renamed[0], renamed[10], renamed[8])
                        copied.write_row(renamed)
            connection.commit()
    return head


def _renamed(row: tuple[Any, ...], head: Head, number: int) -> tuple[Any, ...] | None:
    """Return a row of the first history as one of a copy; None for what belongs to all."""
    _, source, event_id, subject, version, linked, year, _, body, *types = row
    body = bytes(body)
    at = body.find(_OWN_IDS)
    if at < 0 or not subject.startswith("registration/"):
        return None
    old = body[at : at + len(_OWN_IDS) + 4]
    new = b"%b%04x" % (_OWN_IDS, number)
    body, words = body.replace(old, new), (old.decode(), new.decode())
    subject, event_id = subject.replace(*words), event_id.replace(*words)
    digest, position = sha256(body).digest(), head.position + 1
    chain = link(head.chain, position, head.recorded_us, digest)
    return (
        position, source, event_id, subject, version, linked and linked.replace(*words), year,
        bucket_of(subject), head.recorded_us, digest, chain, body, *types,
    )  # fmt: skip


def project(url: str, asked: argparse.Namespace) -> str:
    """Fold the log into every read model as the service does."""
    log, store = open_log(url, family=None), Store(url)
    projection = ReadModelService(log, store, clock=system_clock, metrics=Metrics())
    projection.start()
    started = perf_counter()
    while projection.step():
        pass
    return f"{log.head().position / (perf_counter() - started):,.0f} events/s; {_sizes(url)}"


def _sizes(url: str) -> str:
    tables = (
        "SELECT relname LIKE 'log_%' AS log, sum(pg_total_relation_size(oid))::bigint FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, "
        "'information_schema'::regnamespace) GROUP BY 1"
    )
    with psycopg.connect(psycopg_address(url)) as connection:
        sizes = dict(connection.execute(tables).fetchall())
        (events,) = connection.execute("SELECT max(position) FROM log_events").fetchone() or (1,)
    log, models = sizes.get(True, 0), sizes.get(False, 0)
    return (
        f"log {log / 1e9:.1f} GB ({log / events:,.0f} B an event), read models {models / 1e9:.1f} GB "
        f"({models / events:,.0f} B an event)"
    )


def archive(url: str, asked: argparse.Namespace) -> str:
    """Write the archive."""
    manifest = writer.archive(
        open_log(url, family=None), _storage(asked), min(ONE_HISTORY, asked.events)
    )
    size = sum(file.size for file in manifest.files)
    return f"{size / 1e9:.2f} GB, {size / manifest.head.position:.0f} B an event"


def verify(url: str, asked: argparse.Namespace) -> str:
    """Verify the archive with a process for each core."""
    storage = _storage(asked)
    faults = list(checking.verify(_manifest(asked), storage.address, engine_at("local")))
    return f"{len(faults)} faults"


def replayed(url: str, asked: argparse.Namespace) -> str:
    """Fold every measure of every year from the archive."""
    with replay.replayed(
        _storage(asked), engine_at("local"), lambda log: log.head().position
    ) as reads:
        return f"{len(reads.years())} years"


def _storage(asked: argparse.Namespace) -> Storage:
    return Storage(str(asked.home / "archive"))


def _manifest(asked: argparse.Namespace) -> Any:
    manifest = _storage(asked).manifest()
    assert manifest is not None
    return manifest


def reads(url: str, asked: argparse.Namespace) -> str:
    """Ask a service for the summary of every year, twice: those after the first few are cold."""
    with loaded_service("reporting", url, None) as service:
        said = [f"ready with {rss_mib(service.pid):,.0f} MiB"]
        with httpx.Client(base_url=f"http://127.0.0.1:{service.port}", timeout=600) as client:
            for words in ("first", "again"):
                took = []
                for year in range(YEARS[0], YEARS[1] + 1):
                    started = perf_counter()
                    client.get(f"/summaries/national?year={year}&by=unit").raise_for_status()
                    took.append(perf_counter() - started)
                said.append(
                    f"{words}: {min(took):.2f} to {max(took):.2f} s a year, {rss_mib(service.pid):,.0f} MiB"
                )
    return "; ".join(said)


def rebuild(url: str, asked: argparse.Namespace) -> str:
    """Rebuild, compare and swap every read model."""
    log, store = open_log(url, family=Family.REPORTING), Store(url)
    took = rebuilding(log, store, Catalog.names()).rebuild().seconds
    return (
        f"filled {took.filling:,.1f} s, compared {took.comparing:,.1f}, moved in {took.moving:,.1f}, "
        f"swapped {took.swapping:,.1f}; {_sizes(url)}"
    )


STAGES: dict[str, Callable[[str, argparse.Namespace], str]] = {
    stage.__name__: stage for stage in (fill, project, archive, verify, replayed, reads, rebuild)
}


if __name__ == "__main__":
    main()
