"""The seals of the log in SQL: tiles of its Merkle tree, checkpoints, cosignatures of witnesses.

Rows are only inserted. Each origin has seals of its own: a log that was restored to an older state
goes on under a new one.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, bindparam, func, select, text

from shared.database.errors import unavailable_as
from shared.database.postgres.arrays import array
from shared.database.postgres.engine import raw_cursor
from shared.eventlog.dialects import LOG_UNAVAILABLE, Sqlite
from shared.eventlog.tables import CHECKPOINTS, COSIGNATURES, EVENTS, TILES
from shared.trust.notes import Note, Signature
from shared.trust.tiles import ENTRY_BYTES, HEIGHT, WIDTH, GrowingTree, entry, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sqlalchemy import Connection, Row, Select

    from shared.eventlog.dialects import Dialect

SEAL_LOCK = 0x7365616C
"""The advisory lock ("seal") under which a checkpoint is inserted."""
_POSITION = EVENTS.c.position
_RUN = and_(bindparam("after") < _POSITION, bindparam("last") >= _POSITION)
_LEAVES = select(_POSITION, EVENTS.c.recorded_us, EVENTS.c.digest).where(_RUN).order_by(_POSITION)
_PACKED_LEAVES = text(
    "SELECT string_agg(int8send(position) || int8send(recorded_us) || digest, ''::bytea "
    "ORDER BY position) FROM log_events WHERE position > :after AND position <= :last"
)
"""All leaves as one value: PostgreSQL packs them faster than they are read one by one."""
_INSERT_TILES = (
    "INSERT INTO log_tiles (origin, level, first, hashes) "
    "SELECT %s, * FROM unnest(%b::smallint[], %b::bigint[], %b::bytea[])"
)


class SealedCheckpoint(NamedTuple):
    """A signed checkpoint (`note`), with the chain at its size, and the key that signed it."""

    size: int
    root: bytes
    chain: bytes
    sealed_us: int
    vkey: str
    note: str


class TilesIncomplete(Exception):  # noqa: N818  the sentence is what the operator reads
    """The stored tiles do not have hashes that a checkpoint covers."""

    def __init__(self, level: int, number: int, width: int) -> None:
        super().__init__(f"the tile {number} of level {level} has fewer than {width} hashes")


class SealStore:
    """The seals of one origin, and what the sealer may read of the log."""

    def __init__(self, dialect: Dialect, origin: str) -> None:
        self._dialect = dialect
        self.origin = origin
        self._checkpoints = select(*list(CHECKPOINTS.c)[1:]).where(CHECKPOINTS.c.origin == origin)

    def entries(self, after: int, limit: int) -> list[bytes]:
        """Return the leaves of up to `limit` events after a position, in order."""
        values = {"after": after, "last": after + limit}
        with unavailable_as(LOG_UNAVAILABLE), self._dialect.reader.connect() as connection:
            if isinstance(self._dialect, Sqlite):
                rows = connection.execute(_LEAVES, values).cursor
                assert rows is not None  # noqa: S101  a query has its rows
                return list(starmap(entry, rows.fetchall()))
            packed = connection.scalar(_PACKED_LEAVES, values) or b""
        return [packed[at : at + ENTRY_BYTES] for at in range(0, len(packed), ENTRY_BYTES)]

    def head(self) -> tuple[int, bytes]:
        """Return the last position of the log and its chain; 0 and nothing of an empty one."""
        last = select(_POSITION, EVENTS.c.chain).order_by(_POSITION.desc()).limit(1)
        return next(((row[0], bytes(row[1])) for row in self._rows(last)), (0, b""))

    def chain_at(self, position: int) -> bytes | None:
        """Return the chain of the log at a position, None beyond its head."""
        rows = self._rows(select(EVENTS.c.chain).where(EVENTS.c.position == position))
        return next((bytes(row[0]) for row in rows), None)

    def last(self) -> SealedCheckpoint | None:
        """Return the last checkpoint."""
        return next(self.checkpoints(1), None)

    def at(self, size: int) -> SealedCheckpoint | None:
        """Return the checkpoint of a size."""
        rows = self._rows(self._checkpoints.where(CHECKPOINTS.c.size == size))
        return next(map(_checkpoint, rows), None)

    def checkpoints(self, limit: int, before: int | None = None) -> Iterator[SealedCheckpoint]:
        """Yield checkpoints from the last one down, or from those below a size."""
        query = self._checkpoints.order_by(CHECKPOINTS.c.size.desc()).limit(limit)
        if before is not None:
            query = query.where(CHECKPOINTS.c.size < before)
        yield from map(_checkpoint, self._rows(query))

    def sealed_before(self, moment_us: int) -> SealedCheckpoint | None:
        """Return the last checkpoint that was signed before a time, else the first one."""
        size, sealed_us = CHECKPOINTS.c.size, CHECKPOINTS.c.sealed_us
        before = self._checkpoints.where(sealed_us < moment_us).order_by(size.desc()).limit(1)
        rows = self._rows(before) or self._rows(self._checkpoints.order_by(size).limit(1))
        return next(map(_checkpoint, rows), None)

    def hashes(self, level: int, number: int, width: int) -> Sequence[bytes]:
        """Return the first hashes of a tile (`shared.trust.tiles.Tiles`)."""
        first = number * WIDTH
        query = (
            select(TILES.c.hashes)
            .where(TILES.c.origin == self.origin, TILES.c.level == level)
            .where(TILES.c.first >= first, TILES.c.first < first + width)
            .order_by(TILES.c.first)
        )
        found = split(b"".join(bytes(row[0]) for row in self._rows(query)))[:width]
        if len(found) < width:
            raise TilesIncomplete(level, number, width)
        return found

    def tree(self, size: int) -> GrowingTree:
        """Return the right edge of the tree at the size of a checkpoint, to go on from there."""
        edge = []
        level = 0
        while count := size >> HEIGHT * level:
            number, width = divmod(count, WIDTH)
            edge.append(list(self.hashes(level, number, width)) if width else [])
            level += 1
        return GrowingTree(size, edge)

    def add(
        self,
        after: SealedCheckpoint | None,
        new: SealedCheckpoint,
        pieces: Sequence[tuple[int, int, Sequence[bytes]]],
    ) -> bool:
        """Publish a checkpoint and the pieces of tiles that it adds, all in one transaction.

        Nothing is done, and False returned, if another than `after` is the last checkpoint by now.
        """
        newest = select(func.max(CHECKPOINTS.c.size)).where(CHECKPOINTS.c.origin == self.origin)
        with unavailable_as(LOG_UNAVAILABLE), self._writing() as connection:
            if not _is_last(connection.scalar(newest), after):
                return False
            self._insert_tiles(connection, pieces)
            connection.execute(CHECKPOINTS.insert(), {"origin": self.origin, **new._asdict()})
        return True

    def _insert_tiles(
        self, connection: Connection, pieces: Sequence[tuple[int, int, Sequence[bytes]]]
    ) -> None:
        tiles = [(level, first, b"".join(hashes)) for level, first, hashes in pieces]
        if isinstance(self._dialect, Sqlite):
            rows = [(self.origin, *tile) for tile in tiles]
            connection.exec_driver_sql("INSERT INTO log_tiles VALUES (?, ?, ?, ?)", rows)
            return
        kinds = ("smallint", "bigint", "bytea")
        columns = zip(kinds, zip(*tiles, strict=True), strict=True)
        arrays = (array(kind, values) for kind, values in columns)
        with raw_cursor(connection, _INSERT_TILES) as driver:
            driver.execute(_INSERT_TILES, (self.origin, *arrays))

    def cosignatures(self, size: int) -> list[str]:
        """Return the lines of witnesses on the checkpoint of a size."""
        query = select(COSIGNATURES.c.line).where(
            COSIGNATURES.c.origin == self.origin, COSIGNATURES.c.size == size
        )
        return [row[0] for row in self._rows(query.order_by(COSIGNATURES.c.witness))]

    def note(self, sealed: SealedCheckpoint) -> Note:
        """Return the note of a checkpoint with the cosignatures of witnesses."""
        lines = map(Signature.parse, self.cosignatures(sealed.size))
        signed = Note.parse(sealed.note.encode())
        return signed._replace(signatures=(*signed.signatures, *lines))

    def cosigned(self, least: int, limit: int) -> list[int]:
        """Return the last sizes that at least some number of witnesses cosigned, the last first."""
        size = COSIGNATURES.c.size
        query = select(size).where(COSIGNATURES.c.origin == self.origin).group_by(size)
        enough = query.having(func.count() >= least).order_by(size.desc()).limit(limit)
        return [row[0] for row in self._rows(enough)]

    def last_cosigned(self) -> dict[str, int]:
        """Return the last size that each witness (its vkey) has cosigned."""
        columns = COSIGNATURES.c.witness, func.max(COSIGNATURES.c.size)
        query = select(*columns).where(COSIGNATURES.c.origin == self.origin)
        return {row[0]: row[1] for row in self._rows(query.group_by(COSIGNATURES.c.witness))}

    def add_cosignature(self, size: int, witness: str, line: str) -> None:
        """Keep the first line of a witness on the checkpoint of a size."""
        same = COSIGNATURES.c.witness == witness
        query = select(COSIGNATURES.c.size).where(
            COSIGNATURES.c.origin == self.origin, COSIGNATURES.c.size == size, same
        )
        with unavailable_as(LOG_UNAVAILABLE), self._writing() as connection:
            if connection.scalar(query) is None:
                row = {"origin": self.origin, "size": size, "witness": witness, "line": line}
                connection.execute(COSIGNATURES.insert(), row)

    def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        with unavailable_as(LOG_UNAVAILABLE), self._dialect.reader.connect() as connection:
            return connection.execute(query).all()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Yield a transaction that one process has at a time.

        On SQLite it takes its turn with those that append, for a file has one writer; on
        PostgreSQL the append lock is not touched.
        """
        if isinstance(self._dialect, Sqlite):
            with self._dialect.locked() as connection:
                yield connection
            return
        with self._dialect.reader.connect() as pooled:
            connection = pooled.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                connection.execute(select(func.pg_advisory_xact_lock(SEAL_LOCK)))
                yield connection

    def close(self) -> None:
        """Close the connections."""
        self._dialect.reader.dispose()
        self._dialect.writer.dispose()


def _is_last(newest: int | None, after: SealedCheckpoint | None) -> bool:
    return newest == (after.size if after else None)


def _checkpoint(row: Row[*tuple[Any, ...]]) -> SealedCheckpoint:
    size, root, chain, sealed_us, vkey, note = row
    return SealedCheckpoint(size, bytes(root), bytes(chain), sealed_us, vkey, note)
